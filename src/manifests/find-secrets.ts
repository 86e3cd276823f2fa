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
  /** Null where the namespace is what it says, whatever takes the object. */
  readonly workload: Workload | null;
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
      if (object?.node !== map) return;
      const [at, document] = [place(map), part.index];
      const made = readSecret(map, object);
      if (made) secrets.push({ ...made, ...at, document, workload: object.workload });
      const spread = readClusterSecret(map, object);
      secrets.push(...spread.map((each) => ({ ...each, ...at, document, workload: null })));
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

/**
 * A `ClusterExternalSecret` makes one in each namespace that it names or selects
 * (https://external-secrets.io/latest/api/clusterexternalsecret/).
 */
function readClusterSecret(
  map: MapNode,
  { workload: { apiVersion, kind, name: own } }: KubernetesObject,
): (Made & Pick<SecretManifest, 'reach'>)[] {
  if (!apiVersion.startsWith('external-secrets.io/') || kind !== 'ClusterExternalSecret') return [];
  const spec = getValue(map, 'spec');
  const target = getText(spec, 'externalSecretSpec', 'target', 'name');
  const name = target ?? getText(spec, 'externalSecretName') ?? own;
  if (name === null) return [];
  const single = getValue(spec, 'namespaceSelector');
  const selectors = [...(single ? [single] : []), ...getItems(spec, 'namespaceSelectors')];
  const named = getItems(spec, 'namespaces').flatMap((node) => (node.kind === 'scalar' ? node.value : []));
  const selected = selectors.map(selectNames);
  const all = new Set([...named, ...selected.flatMap((names) => (typeof names === 'string' ? [] : names))]);
  const reach = selected.includes('every') ? 'every' : selected.includes('selected') ? 'selected' : null;
  return [
    ...[...all].map((namespace) => ({ name, namespace, form: 'external' as const })),
    ...(reach ? [{ name, namespace: null, form: 'external' as const, reach } as const] : []),
  ];
}

/** The namespaces of a selector that goes by their names; an empty one is for all. */
function selectNames(selector: TreeNode): readonly string[] | 'every' | 'selected' {
  const labels = getValue(selector, 'matchLabels');
  const pairs = labels?.kind === 'map' ? labels.pairs : [];
  const expressions = getItems(selector, 'matchExpressions');
  if (pairs.length + expressions.length === 0) return 'every';
  const [pair, expression] = [pairs[0], expressions[0] ?? null];
  if (pairs.length + expressions.length > 1) return 'selected';
  if (pair) return pair.key === nameLabel && pair.value?.kind === 'scalar' ? [pair.value.value] : 'selected';
  const isName = getText(expression, 'key') === nameLabel && getText(expression, 'operator') === 'In';
  const values = getItems(expression, 'values');
  return isName ? values.flatMap((node) => (node.kind === 'scalar' ? node.value : [])) : 'selected';
}

/** Kubernetes gives it to each namespace. */
const nameLabel = 'kubernetes.io/metadata.name';

/** Each Secret once for every namespace that it ends up in. */
export function findAllSecrets(
  files: readonly SourceFile[],
  namespaces: Namespaces,
): readonly SecretManifest[] {
  return files.flatMap(findSecrets).flatMap(({ document, workload, ...secret }) => {
    if (workload === null) return secret;
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
