import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { KubeApiserver } from './kube-apiserver.ts';
import { hasKubectl } from './kustomize-build.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');

/** Adds components to `deploy/`, by an overlay as a person would write it; by their files where kustomize is too old. */
export async function applyComponents(kube: KubeApiserver, names: readonly string[]): Promise<void> {
  if (!hasKubectl) {
    for (const name of names)
      await kube.kubectl(['apply', '-f', join(deploy, 'components', name, 'cluster-role.yaml')]);
    return;
  }
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
