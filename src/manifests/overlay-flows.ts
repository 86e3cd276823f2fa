import type { Delivery } from './delivery.ts';
import { folderOf, isKustomizationPath, type Kustomization, readKustomization } from './kustomization.ts';
import {
  applyEntry,
  formatSplit,
  matchesEntry,
  type OverlayEntry,
  type SplitName,
  splitName,
} from './overlay-entry.ts';
import type { ImageUse, Place, SourceFile } from './types.ts';

/** What an image was last decided by on its way through the overlays: where it is written, or an entry. */
export type Decider = ImageUse | OverlayEntry;

/** An image on its way to what is applied. */
export interface Flow {
  readonly decider: Decider;
  readonly image: SplitName;
  /** Where it began. */
  readonly pod: ImageUse;
}

/** An image that an entry makes of those it matches. */
export interface Made {
  readonly image: SplitName;
  readonly pods: readonly ImageUse[];
}

/** How the images of all files reach what is applied. */
export interface OverlayFlows {
  readonly entries: readonly OverlayEntry[];
  /** What an entry makes; by the text of the image. */
  madeBy(entry: OverlayEntry): ReadonlyMap<string, Made>;
  /** Where it is said that it may match images that are not below the root. */
  reachesRemote(entry: OverlayEntry): Place | null;
  /** What decides in place of it in some overlay. */
  overriddenBy(decider: Decider): Place | null;
  /** What copies parts of it to other places, so that it must stay as it is. */
  lockedBy(decider: Decider): Place | null;
  /** Kustomizations that are applied as they are, and to which it is what decides. Null for other deliveries. */
  readonly ends: readonly { readonly root: Kustomization | null; readonly flows: readonly Flow[] }[];
}

/** Follows every image from where it is written through every overlay that takes it, as kustomize would. */
export function followImages(
  files: readonly SourceFile[],
  uses: readonly ImageUse[],
  deliveries: readonly Delivery[],
): OverlayFlows {
  const sources = new Map<string, SourceFile>();
  const doubled: SourceFile[] = [];
  for (const file of files) {
    if (!isKustomizationPath(file.path)) continue;
    // Of two in one folder kustomize builds neither.
    if (sources.has(folderOf(file.path))) doubled.push(file);
    else sources.set(folderOf(file.path), file);
  }
  const usesOf = groupPods(uses);
  const read = new Map<string, Kustomization>();
  const built = new Map<string, Built>();
  const open = new Set<string>();
  const made = new Map<OverlayEntry, Map<string, { image: SplitName; pods: Set<ImageUse> }>>();
  const remote = new Map<OverlayEntry, Place>();
  const overridden = new Map<Decider, Place>();
  const locked = new Map<Decider, Place>();

  function readFolder(folder: string): Kustomization | null {
    const known = read.get(folder);
    const file = sources.get(folder);
    if (known || !file) return known ?? null;
    const kustomization = readKustomization(file);
    read.set(folder, kustomization);
    return kustomization;
  }

  function build(folder: string): Built {
    const known = built.get(folder);
    if (known) return known;
    const kustomization = open.has(folder) ? null : readFolder(folder);
    if (!kustomization) return nothing;
    open.add(folder);
    const result = transform(kustomization, nothing);
    open.delete(folder);
    built.set(folder, result);
    return result;
  }

  /** Resources and patches first, then components, then its own entries. */
  function transform(kustomization: Kustomization, around: Built): Built {
    const flows = [...around.flows];
    let from = around.remote ?? kustomization.remote;
    for (const path of kustomization.resources) {
      if (sources.has(path)) {
        const base = build(path);
        flows.push(...base.flows);
        from ??= base.remote;
      } else flows.push(...start(path));
    }
    flows.push(...start(kustomization.file.path));
    let state: Built = { flows, remote: from };
    for (const path of kustomization.components) {
      const component = open.has(path) ? null : readFolder(path);
      if (!component) continue;
      open.add(path);
      state = transform(component, state);
      open.delete(path);
    }
    const decided = decide(kustomization.entries, state);
    const { replaces } = kustomization;
    if (replaces) for (const { decider } of decided.flows) locked.set(decider, replaces);
    return decided;
  }

  function start(path: string): Flow[] {
    return (usesOf.get(path) ?? []).map((use) => ({ decider: use, image: splitName(use.written), pod: use }));
  }

  function decide(entries: readonly OverlayEntry[], before: Built): Built {
    let flows = before.flows;
    for (const entry of entries) {
      if (before.remote) remote.set(entry, before.remote);
      flows = flows.map((flow) => {
        if (!matchesEntry(entry.name, formatSplit(flow.image))) return flow;
        if (!overridden.has(flow.decider)) overridden.set(flow.decider, entry.place);
        const image = applyEntry(entry, flow.image);
        const key = formatSplit(image);
        const images = made.get(entry) ?? new Map<string, { image: SplitName; pods: Set<ImageUse> }>();
        const one = images.get(key) ?? { image, pods: new Set() };
        one.pods.add(flow.pod);
        made.set(entry, images.set(key, one));
        return { decider: entry, image, pod: flow.pod };
      });
    }
    return { flows, remote: before.remote };
  }

  for (const folder of sources.keys()) readFolder(folder);
  const consumed = new Set(
    [...read.values()].flatMap(({ resources, components }) => [...resources, ...components]),
  );
  const delivered = new Set(deliveries.flatMap(({ folders }) => folders));
  const ends: { root: Kustomization | null; flows: readonly Flow[] }[] = [];
  for (const [folder, kustomization] of read) {
    const { flows } = build(folder);
    if (!consumed.has(folder) && !delivered.has(folder) && !kustomization.component)
      ends.push({ root: kustomization, flows });
  }
  for (const { folders, overlay, file } of deliveries) {
    const patches = start(file).filter(({ pod }) => pod.layer === 'flux' || pod.layer === 'argocd');
    for (const folder of folders) {
      const root = readFolder(folder);
      const before = root ? build(folder) : { flows: filesBelow(files, folder).flatMap(start), remote: null };
      const { flows } = decide(overlay, { ...before, flows: [...before.flows, ...patches] });
      ends.push({ root: overlay.length === 0 ? root : null, flows });
    }
  }
  const entries = [
    ...[...read.values(), ...doubled.map(readKustomization)].flatMap(
      (kustomization) => kustomization.entries,
    ),
    ...deliveries.flatMap(({ overlay }) => overlay),
  ];
  return {
    entries,
    madeBy: (entry) =>
      new Map(
        [...(made.get(entry) ?? [])].map(([key, { image, pods }]) => [key, { image, pods: [...pods] }]),
      ),
    reachesRemote: (entry) => remote.get(entry) ?? null,
    lockedBy: (decider) => locked.get(decider) ?? null,
    overriddenBy: (decider) => overridden.get(decider) ?? null,
    ends,
  };
}

interface Built {
  readonly flows: readonly Flow[];
  /** Where something comes from a place that is not below the root. */
  readonly remote: Place | null;
}

const nothing: Built = { flows: [], remote: null };

/** Pod specs, and patches of them. */
const fromPods: ReadonlySet<ImageUse['layer']> = new Set(['pod', 'kustomize', 'flux', 'argocd']);

/** Kustomize looks for images in lists of containers, and in image volumes. */
function groupPods(uses: readonly ImageUse[]): ReadonlyMap<string, readonly ImageUse[]> {
  const groups = new Map<string, ImageUse[]>();
  for (const use of uses) {
    if (use.parts !== undefined || !fromPods.has(use.layer)) continue;
    const known = groups.get(use.file);
    if (known) known.push(use);
    else groups.set(use.file, [use]);
  }
  return groups;
}

function filesBelow(files: readonly SourceFile[], folder: string): string[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  return files.flatMap(({ path }) => (path.startsWith(prefix) ? path : []));
}
