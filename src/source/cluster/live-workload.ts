import { type ImageRule, type ImageUse, scanManifests } from '../../manifests/index.ts';

/** What is kept of a live object: enough to know its images and who owns it, whatever its size. */
export interface LiveWorkload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | null;
  /** Only those that GitOps controllers set, see `keptKeys`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly images: readonly LiveImage[];
  readonly pull: PullAccess;
  /** What made it: `Prometheus k8s`. */
  readonly owner: string | null;
}

/** What kubelets pull with: Secrets that a pod spec names, and the ServiceAccount that may name more. */
export interface PullAccess {
  readonly secrets: readonly string[];
  /** Null where no pod spec is known. */
  readonly serviceAccount: string | null;
}

/** One image field of a live object. */
export interface LiveImage {
  readonly image: string;
  /** `spec.template.spec.containers[0].image`. */
  readonly field: string;
  /** Of the container that it is the image of, where it is. */
  readonly container: string | null;
}

/** An object as the API server sends it; nothing of it is trusted to be there. */
export interface KubernetesObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly uid?: string;
    readonly ownerReferences?: readonly {
      readonly kind?: string;
      readonly name?: string;
      readonly controller?: boolean;
    }[];
  };
  readonly [key: string]: unknown;
}

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** An object that another one made. */
export function isOwned({ metadata }: KubernetesObject): boolean {
  return (metadata?.ownerReferences ?? []).length > 0;
}

/** Takes what is used out of an object: `template` is the way to its pod spec, `rules` are for a custom one. */
export function toLiveWorkload(
  object: KubernetesObject,
  kind: { readonly apiVersion: string; readonly kind: string } & (
    | { readonly template: string }
    | { readonly rules: readonly ImageRule[] }
  ),
): LiveWorkload {
  const { metadata = {} } = object;
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? null,
    labels: keep(metadata.labels),
    annotations: keep(metadata.annotations),
    owner: ownerOf(metadata.ownerReferences),
    pull: 'template' in kind ? toPullAccess(at(object, kind.template.split('.'))) : noAccess,
    images:
      'template' in kind
        ? findLiveImages(at(object, kind.template.split('.')), kind.template)
        : findCustomImages(object, kind, kind.rules),
  };
}

const noAccess: PullAccess = { secrets: [], serviceAccount: null };
const usualAccess: PullAccess = { secrets: [], serviceAccount: 'default' };

export function toPullAccess(spec: unknown, intern: (text: string) => string = (text) => text): PullAccess {
  const secrets = items(at(spec, ['imagePullSecrets'])).flatMap((one) => {
    const name = at(one, ['name']);
    return typeof name === 'string' && name !== '' ? [intern(name)] : [];
  });
  const account = at(spec, ['serviceAccountName']);
  const serviceAccount = typeof account === 'string' && account !== '' ? intern(account) : 'default';
  return secrets.length === 0 && serviceAccount === 'default' ? usualAccess : { secrets, serviceAccount };
}

function ownerOf(owners: NonNullable<KubernetesObject['metadata']>['ownerReferences']): string | null {
  const owner = owners?.find(({ controller }) => controller === true) ?? owners?.[0];
  return owner?.kind && owner.name ? `${owner.kind} ${owner.name}` : null;
}

/** One use for each image of a live object; `line` 0 says that no file stands behind it. */
export function toImageUses(workload: LiveWorkload): ImageUse[] {
  const { apiVersion, kind, namespace, name } = workload;
  return workload.images.map(({ image, field }) => ({
    file: `${namespace}/${kind}/${name}`,
    line: 0,
    column: 0,
    range: [0, 0],
    written: image,
    layer: 'pod',
    field,
    workload: { apiVersion, kind, name, namespace },
    document: 0,
    podSpec: null,
    hold: workload.annotations['holdfast.dev/ignore'] === 'true' ? 'ignored' : null,
    heldBy: null,
  }));
}

/** As a manifest that says the same: by the rules of the user, the built-in ones, and pod specs by their shape. */
function findCustomImages(
  object: KubernetesObject,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  rules: readonly ImageRule[],
): LiveImage[] {
  const { name, annotations } = object.metadata ?? {};
  const own = { ...annotations, 'kubectl.kubernetes.io/last-applied-configuration': undefined };
  const text = JSON.stringify({
    ...object,
    status: undefined,
    apiVersion,
    kind,
    metadata: { name, annotations: own },
  });
  const { uses } = scanManifests([{ path: 'live.yaml', text }], { rules });
  return uses.flatMap(({ written, field, layer, hold }) =>
    layer === 'other' || hold === 'unknown-tag' || written === ''
      ? []
      : [{ image: written, field, container: null }],
  );
}

function findLiveImages(spec: unknown, path: string): LiveImage[] {
  const images: LiveImage[] = [];
  const add = (image: unknown, field: string, name: unknown = null): void => {
    const container = typeof name === 'string' ? name : null;
    if (typeof image === 'string' && image !== '')
      images.push({ image, field: `${path}.${field}`, container });
  };
  for (const list of containerLists)
    for (const [index, container] of items(at(spec, [list])).entries())
      add(at(container, ['image']), `${list}[${index}].image`, at(container, ['name']));
  for (const [index, volume] of items(at(spec, ['volumes'])).entries())
    add(at(volume, ['image', 'reference']), `volumes[${index}].image.reference`);
  return images;
}

export function at(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Labels and annotations that tell an object's owner in Git, or that it is to be left alone. */
const keptKeys =
  /^(?:argocd\.argoproj\.io\/|kustomize\.toolkit\.fluxcd\.io\/|helm\.toolkit\.fluxcd\.io\/|meta\.helm\.sh\/|app\.kubernetes\.io\/(?:instance|managed-by)$|holdfast\.dev\/)/;

export function keep(all: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(all ?? {}).filter(([key]) => keptKeys.test(key)));
}
