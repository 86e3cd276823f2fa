import { splitDocuments } from './documents.ts';
import { folderOf, isKustomizationPath } from './kustomization.ts';
import { Lines } from './lines.ts';
import { readDocument } from './read-document.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from './tree.ts';
import type { SecretManifest, SourceFile } from './types.ts';
import { type KubernetesObject, walkMaps } from './walk.ts';

/** The manifests of a file that make a Secret. */
function findSecrets(file: SourceFile): SecretManifest[] {
  if (!/\b(?:Secret|SealedSecret|ExternalSecret|ClusterExternalSecret|secretGenerator)\b/.test(file.text))
    return [];
  const lines = new Lines(file.text);
  const secrets: SecretManifest[] = [];
  for (const part of splitDocuments(file.text)) {
    if (!/Secret|secretGenerator/.test(part.text)) continue;
    const { root } = readDocument(part);
    const place = (node: TreeNode) => ({ file: file.path, line: lines.at(node.start).line });
    walkMaps(root, (map, { object }) => {
      const made = object?.node === map ? readSecret(map, object) : null;
      if (made) secrets.push({ ...made, ...place(map) });
    });
    if (!isKustomizationPath(file.path)) continue;
    for (const item of getItems(root, 'secretGenerator')) {
      const name = getText(item, 'name');
      const namespace = getText(item, 'namespace') ?? getText(root, 'namespace');
      if (name !== null) secrets.push({ name, namespace, form: 'generated', ...place(item) });
    }
  }
  return secrets;
}

type Made = Pick<SecretManifest, 'name' | 'namespace' | 'form'>;

function readSecret(map: MapNode, { workload }: KubernetesObject): Made | null {
  const { apiVersion, kind, name: own, namespace } = workload;
  const make = (name: string | null, form: Made['form']) =>
    name === null ? null : { name, namespace, form };
  const spec = getValue(map, 'spec');
  if (apiVersion === 'v1' && kind === 'Secret')
    return make(own, getValue(map, 'sops') ? 'encrypted' : 'plain');
  if (apiVersion.startsWith('bitnami.com/') && kind === 'SealedSecret')
    return make(getText(spec, 'template', 'metadata', 'name') ?? own, 'sealed');
  if (apiVersion.startsWith('external-secrets.io/') && kind === 'ExternalSecret')
    return make(getText(spec, 'target', 'name') ?? own, 'external');
  return null;
}

/** Secrets whose namespace the kustomization of their folder says. */
export function findAllSecrets(files: readonly SourceFile[]): readonly SecretManifest[] {
  const namespaces = new Map<string, string>();
  for (const { path, text } of files) {
    const said = isKustomizationPath(path)
      ? /^namespace:[ \t]*["']?([a-z0-9-]+)/m.exec(text)?.[1]
      : undefined;
    if (said !== undefined) namespaces.set(folderOf(path), said);
  }
  return files.flatMap(findSecrets).map((secret) => ({
    ...secret,
    namespace: secret.namespace ?? namespaces.get(folderOf(secret.file)) ?? null,
  }));
}
