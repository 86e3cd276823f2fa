import { isKustomizationPath } from './kustomize/kustomization.ts';
import type { Namespaces } from './kustomize/namespaces.ts';
import type { SecretManifest, SourceFile, Workload } from './types.ts';
import { splitDocuments } from './yaml/documents.ts';
import { Lines } from './yaml/lines.ts';
import { readDocument } from './yaml/read-document.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from './yaml/tree.ts';
import { type KubernetesObject, walkMaps } from './yaml/walk.ts';

interface FoundSecret extends SecretManifest {
  readonly document: number;
  readonly workload: Workload;
}

const nobody: Workload = { apiVersion: '', kind: '', name: null, namespace: null };

/** The manifests of a file that make a Secret. */
function findSecrets(file: SourceFile): FoundSecret[] {
  if (!/\b(?:Secret|SealedSecret|ExternalSecret|ClusterExternalSecret|secretGenerator)\b/.test(file.text))
    return [];
  const lines = new Lines(file.text);
  const secrets: FoundSecret[] = [];
  for (const part of splitDocuments(file.text)) {
    if (!/Secret|secretGenerator/.test(part.text)) continue;
    const { root } = readDocument(part);
    const place = (node: TreeNode) => ({ file: file.path, line: lines.at(node.start).line });
    walkMaps(root, (map, { object }) => {
      const made = object?.node === map ? readSecret(map, object) : null;
      if (made && object)
        secrets.push({ ...made, ...place(map), document: part.index, workload: object.workload });
    });
    if (!isKustomizationPath(file.path)) continue;
    for (const item of getItems(root, 'secretGenerator')) {
      const name = getText(item, 'name');
      const namespace = getText(item, 'namespace');
      const document = part.index;
      if (name !== null)
        secrets.push({ name, namespace, form: 'generated', ...place(item), document, workload: nobody });
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
    return make(own, getText(map, 'sops', 'mac') === null ? 'plain' : 'encrypted');
  if (apiVersion.startsWith('bitnami.com/') && kind === 'SealedSecret')
    return make(getText(spec, 'template', 'metadata', 'name') ?? own, 'sealed');
  if (apiVersion.startsWith('external-secrets.io/') && kind === 'ExternalSecret')
    return make(getText(spec, 'target', 'name') ?? own, 'external');
  return null;
}

/** Each Secret once for every namespace that it ends up in. */
export function findAllSecrets(
  files: readonly SourceFile[],
  namespaces: Namespaces,
): readonly SecretManifest[] {
  return files.flatMap(findSecrets).flatMap(({ document, workload, ...secret }) => {
    const own = { ...workload, namespace: secret.namespace };
    return namespaces.of(secret.file, document, own).map((namespace) => ({ ...secret, namespace }));
  });
}

/** Whether a text makes a Secret whose values stand there for every reader; null where it cannot be read. */
export function showsSecret(text: string): boolean | null {
  let shown = false;
  for (const part of splitDocuments(text)) {
    const { root, problem } = readDocument(part);
    if (problem) return null;
    walkMaps(root, (map) => {
      const kind = getText(map, 'kind');
      const items = kind === 'SecretList' ? getItems(map, 'items') : [];
      shown ||= [...(kind === 'Secret' ? [map] : []), ...items].some(isReadable);
    });
  }
  return shown;
}

/** SOPS leaves a checksum, and no value of a Secret as it was. */
function isReadable(secret: TreeNode): boolean {
  const values = ['data', 'stringData'].flatMap((key) => getValue(secret, key) ?? []);
  const sealed = getText(secret, 'sops', 'mac') !== null;
  return (
    values.some((node) => node.kind !== 'scalar' || node.value !== '') && !(sealed && values.every(isSealed))
  );
}

function isSealed(node: TreeNode): boolean {
  return (
    node.kind === 'map' &&
    [...node.pairs, ...node.merged].every(
      ({ value }) => value?.kind === 'scalar' && value.value.startsWith('ENC['),
    )
  );
}
