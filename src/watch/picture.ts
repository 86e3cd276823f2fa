import type { BackupUse, CopyStep } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { LivePod, LiveWorkload, LiveWorld, PullAccess } from '../source/index.ts';
import type { Judge } from './judge-image.ts';

/**
 * Where an image of a Pod comes from. `template`: an object says it. `rollout`: its template has the container with
 * another image, which a rollout is under way to, or a webhook changed. `debug`: a person added the container to the
 * Pod. `injected`: something did as the Pod was made. `made`: by an object whose template is not known.
 */
export type UseOrigin = 'template' | 'rollout' | 'debug' | 'injected' | 'made';

/** One place of the cluster that names an image. */
export interface LiveUse {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of that object, where the API server told it. */
  readonly uid: string | null;
  readonly field: string;
  /** The text as it stands there. */
  readonly image: string;
  /** It names the backup already. */
  readonly isSwitched: boolean;
  readonly pull: PullAccess;
  /** The object itself, or the one that made the Pod, where GitOps left its marks; null when that is not known. */
  readonly workload: LiveWorkload | null;
  readonly origin: UseOrigin;
  /** `Pod web-1 ← ReplicaSet web-5d4f ← Deployment web`, for a container that no workload names. */
  readonly chain: string | null;
}

/** An image that the cluster depends on, and where. */
export interface NeededImage {
  readonly canonical: string;
  /** How its copy is made; `locked` is null. Null for a backup whose source nothing names. */
  readonly step: CopyStep | null;
  /** The backup as workloads name it already, if some do. */
  readonly backups: readonly BackupUse[];
  readonly uses: readonly LiveUse[];
  /** What nodes say that they run for it (`imageID`), with the number of containers. */
  readonly running: ReadonlyMap<string, number>;
  /** Those of `running` that a Pod with a pull secret runs: its own, its template's or its ServiceAccount's. */
  readonly withSecret: ReadonlySet<string>;
}

/** An image that is left alone, and why. */
export interface OtherImage {
  readonly image: string;
  readonly reason: string;
  readonly explanation: string;
  readonly uses: readonly LiveUse[];
}

export interface Picture {
  readonly needed: ReadonlyMap<string, NeededImage>;
  readonly others: readonly OtherImage[];
  /** Which source has each repository of the backup, but for the contested ones. */
  readonly owners: ReadonlyMap<string, string>;
  /** Repositories that several sources would go to, and nobody knows whose they are: their images are held back. */
  readonly contested: readonly Contest[];
}

/** Images of several sources that would be kept in one repository of the backup. */
export interface Contest {
  readonly place: string;
  /** Sorted. */
  readonly sources: readonly string[];
  readonly claims: readonly {
    readonly source: string;
    readonly step: CopyStep;
    readonly running: ReadonlyMap<string, number>;
  }[];
}

/**
 * What the cluster depends on, from one look at it. Each distinct text is judged once, however many objects say it.
 * `known`: whose the repositories of the backup are.
 */
export function drawPicture(
  world: LiveWorld,
  judge: Judge,
  known: ReadonlyMap<string, string> = new Map(),
): Picture {
  const needed = new Map<string, NeededImage>();
  const others: OtherImage[] = [];
  const groups = [...groupUses(world).values()]
    .toSorted((a, b) => (a.image < b.image ? -1 : 1))
    .map((group) => ({ ...group, verdict: judge(group.image, group.isIgnored) }));
  const claims = new Map<string, Contest['claims'][number][]>();
  for (const { verdict, running } of groups) {
    if (verdict.kind !== 'needed' || verdict.step === null) continue;
    const { step } = verdict;
    const place = placeOf(step);
    claims.set(place, [...(claims.get(place) ?? []), { source: sourceOf(step), step, running }]);
  }
  const owners = new Map<string, string>();
  const contested: Contest[] = [];
  for (const [place, all] of claims) {
    const sources = [...new Set(all.map(({ source }) => source))].toSorted();
    const owner = sources.find((source) => source === known.get(place));
    const [only = '', ...more] = sources;
    if (owner === undefined && more.length > 0) contested.push({ place, sources, claims: all });
    else owners.set(place, owner ?? only);
  }
  for (const { image, verdict, uses, running, withSecret } of groups) {
    if (verdict.kind === 'other') {
      others.push({ image, reason: verdict.reason, explanation: verdict.explanation, uses });
      continue;
    }
    const { step, backup, canonical } = verdict;
    const clash = step && findClash(step, owners);
    if (clash) {
      others.push({ image, reason: 'shared-name', explanation: clash, uses });
      continue;
    }
    const before = needed.get(canonical);
    const sum = new Map(before?.running);
    for (const [id, count] of running) sum.set(id, (sum.get(id) ?? 0) + count);
    needed.set(canonical, {
      canonical,
      step: before?.step ?? step,
      backups: [...(before?.backups ?? []), ...(backup === null ? [] : [backup])],
      uses: [
        ...(before?.uses ?? []),
        ...(backup === null ? uses : uses.map((use) => ({ ...use, isSwitched: true }))),
      ],
      running: sum,
      withSecret: new Set([...(before?.withSecret ?? []), ...withSecret]),
    });
  }
  return { needed, others, owners, contested };
}

/** Two sources in one repository of the backup would seem to be each other: the one that has it keeps it. */
function findClash(step: CopyStep, owners: ReadonlyMap<string, string>): string | null {
  const place = placeOf(step);
  const from = sourceOf(step);
  const owner = owners.get(place);
  if (owner === undefined)
    return `Several sources would be kept as ${place}, and the registries were not asked yet whose it is: use the naming {host}/{path}, or exclude all but one.`;
  return owner === from
    ? null
    : `${owner} is kept as ${place}, and ${from} would be, too: use the naming {host}/{path}, or exclude one of them.`;
}

function placeOf({ backup }: CopyStep): string {
  return `${backup.registry}/${backup.repository}`;
}

function sourceOf({ source }: CopyStep): string {
  return `${source.registry}/${source.repository}`;
}

/** The digests that workloads ask for by a backup's name: they run, whatever the nodes say. */
export function switchedDigests({ backups }: NeededImage): readonly Digest[] {
  return backups.flatMap(({ reference }) => reference.digest ?? []);
}

interface Group {
  readonly image: string;
  readonly isIgnored: boolean;
  readonly uses: LiveUse[];
  readonly running: Map<string, number>;
  readonly withSecret: Set<string>;
}

function groupUses({ workloads, pods }: LiveWorld): Map<string, Group> {
  const groups = new Map<string, Group>();
  const groupOf = (image: string, isIgnored: boolean): Group => {
    const key = `${isIgnored ? 'ignored ' : ''}${image}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { image, isIgnored, uses: [], running: new Map(), withSecret: new Set() };
      groups.set(key, group);
    }
    return group;
  };
  const explained = new Set<string>();
  const known = new Map<string, LiveWorkload>();
  for (const workload of [...workloads, ...pods.flatMap(({ bare }) => bare ?? [])]) {
    const { kind, namespace, name, uid, annotations, images, pull } = workload;
    known.set(`${kind} ${namespace}/${name}`, workload);
    const isIgnored = annotations['holdfast.dev/ignore'] === 'true';
    for (const { image, field } of images) {
      if (kind !== 'Pod') explained.add(`${namespace} ${image}`);
      const place = { kind, namespace, name, uid, field, image, isSwitched: false, pull };
      groupOf(image, isIgnored).uses.push({ ...place, workload, chain: null, origin: 'template' });
    }
  }
  const told = new Set<string>();
  for (const pod of pods) {
    const { namespace, name, uid, owner, pull } = pod;
    const parents = findParents(pod, known);
    for (const { name: container, image, imageId, field } of pod.containers) {
      // One of the Pods that one owner made stands for all.
      const key = `${namespace} ${owner?.kind} ${owner?.name} ${image}`;
      const isExplained = owner === null || explained.has(`${namespace} ${image}`);
      if (!isExplained && !told.has(key)) {
        told.add(key);
        const place = { kind: 'Pod', namespace, name, uid, field, image, isSwitched: false, pull };
        const origin = originOf(container, field, parents.workload);
        groupOf(image, false).uses.push({ ...place, ...parents, origin });
      }
      if (imageId === null) continue;
      const { running, withSecret } = groupOf(image, false);
      running.set(imageId, (running.get(imageId) ?? 0) + 1);
      // An admission plugin adds those of the ServiceAccount, which no template names.
      if (pull.secrets.length > 0) withSecret.add(imageId);
    }
  }
  // What only ignored workloads name.
  for (const [key, group] of groups) if (group.uses.length === 0) groups.delete(key);
  return groups;
}

function originOf(container: string, field: string, workload: LiveWorkload | null): UseOrigin {
  if (field.startsWith('spec.ephemeralContainers')) return 'debug';
  const names = workload?.images.flatMap((image) => image.container ?? []) ?? [];
  if (names.length === 0) return 'made';
  return names.includes(container) ? 'rollout' : 'injected';
}

function findParents(
  { name, namespace, owner, templateHash }: LivePod,
  known: ReadonlyMap<string, LiveWorkload>,
): Pick<LiveUse, 'chain' | 'workload'> {
  const links = [`Pod ${namespace}/${name}`];
  if (owner === null) return { chain: null, workload: null };
  links.push(`${owner.kind} ${owner.name}`);
  let workload = known.get(`${owner.kind} ${namespace}/${owner.name}`) ?? null;
  const suffix = `-${templateHash}`;
  if (owner.kind === 'ReplicaSet' && owner.name.endsWith(suffix)) {
    const parent = owner.name.slice(0, -suffix.length);
    workload ??= known.get(`Deployment ${namespace}/${parent}`) ?? null;
    if (workload?.kind === 'Deployment') links.push(`Deployment ${parent}`);
  }
  return { chain: links.join(' ← '), workload };
}
