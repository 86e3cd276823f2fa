import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { KubeApiserver } from './kube-apiserver.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');

/** Applies `deploy/` with some of its components, from an overlay as a person would write it. */
export async function applyComponents(kube: KubeApiserver, names: readonly string[]): Promise<void> {
  const overlay = join(kube.folder, `overlay-${names.join('-')}`);
  await mkdir(overlay, { recursive: true });
  const to = relative(overlay, deploy);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [to],
    components: names.map((name) => join(to, 'components', name)),
  };
  await writeFile(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization));
  await kube.kubectl(['apply', '-k', overlay]);
}
