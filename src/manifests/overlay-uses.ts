import { parseImageReference } from '../reference/index.ts';
import type { Delivery } from './delivery.ts';
import { findTextHold } from './hold.ts';
import { makeImageUse } from './image-use.ts';
import { isKustomizationPath, type Kustomization } from './kustomization.ts';
import {
  applyEntry,
  formatSplit,
  isPattern,
  matchesEntry,
  type OverlayEntry,
  type SplitName,
} from './overlay-entry.ts';
import { type Flow, followImages, type Made, type OverlayFlows } from './overlay-flows.ts';
import type { HoldReason, ImageUse, Place, PodPlace, SourceFile, Workload } from './types.ts';

/**
 * What overlays decide: the uses that an overlay decides are held, every entry that decides is a use of its own, and
 * where one overlay decides and another takes the base as it is, the other gets an entry, too. So whatever is edited,
 * every entry goes on matching what it matched.
 */
export function findOverlayUses(
  files: readonly SourceFile[],
  uses: readonly ImageUse[],
  deliveries: readonly Delivery[],
): readonly ImageUse[] {
  const decides =
    deliveries.some(({ overlay }) => overlay.length > 0) ||
    files.some(({ path, text }) => isKustomizationPath(path) && /\bimage(?:s|Tags)\b/.test(text));
  if (!decides) return uses;
  const flows = followImages(files, uses, deliveries);
  return [
    ...uses.map((use) => holdBack(use, flows.lockedBy(use) ?? flows.overriddenBy(use))),
    ...flows.entries.flatMap((entry) => findEntryUses(entry, flows)),
    ...flows.ends.flatMap(({ root, flows: ended }) => (root ? findAdded(root, ended, flows) : [])),
  ];
}

function holdBack(use: ImageUse, place: Place | null): ImageUse {
  return place === null || use.hold !== null ? use : { ...use, hold: 'overlay', heldBy: place };
}

/** One use for each image that the entry makes; one, if it matches nothing that is known. */
function findEntryUses(entry: OverlayEntry, flows: OverlayFlows): ImageUse[] {
  const bare: SplitName = { name: entry.name, tag: '', digest: '' };
  const complete = entry.newTag !== '' || entry.digest !== '';
  const known = [...flows.madeBy(entry).values()];
  const made: readonly Made[] = known.length > 0 ? known : [{ image: applyEntry(entry, bare), pods: [] }];
  const remote = flows.reachesRemote(entry);
  const place = flows.lockedBy(entry) ?? flows.overriddenBy(entry);
  const together = made.length > 1 ? { together: made.map(({ image }) => formatSplit(image)) } : {};
  return made.map(({ image, pods }) => {
    const found = entry.find(image, made.length === 1);
    const hold = findEntryHold(entry, complete || known.length > 0, complete || remote === null);
    const use = makeImageUse({ ...found, ...(hold && { hold }) }, entry.context);
    const heldBy = use.hold === 'base-tag' ? remote : use.heldBy;
    return holdBack(
      { ...use, heldBy, workload: workloadOf(pods) ?? use.workload, ...together, ...runsOf(pods) },
      place,
    );
  });
}

function findEntryHold(entry: OverlayEntry, known: boolean, whole: boolean): HoldReason | null {
  // Where the name stays, kustomize adds the suffix once for each of its ways to find an image: 1.25-alpine-alpine.
  if (entry.tagSuffix !== '' && (entry.newName === '' || entry.newName === entry.name)) return 'composed';
  if (isPattern(entry.name) && (entry.newName === '' || !known)) return 'composed';
  return known && whole ? null : 'base-tag';
}

/** Entries that a kustomization needs, because what it takes as it is may not change for another's sake. */
function findAdded(root: Kustomization, ended: readonly Flow[], flows: OverlayFlows): ImageUse[] {
  const added = new Map<string, Flow[]>();
  for (const flow of ended) {
    const free = flows.overriddenBy(flow.decider) !== null && flows.lockedBy(flow.decider) === null;
    if (!free || !isWhole(flow)) continue;
    const { name } = flow.image;
    const same = ended.filter(({ image }) => matchesEntry(name, formatSplit(image)));
    if (same.some(({ image }) => formatSplit(image) !== formatSplit(flow.image))) continue;
    added.set(name, [...(added.get(name) ?? []), flow]);
  }
  return [...added].flatMap(([name, own]) => {
    const [first] = own;
    return first
      ? [
          makeAdded(
            root,
            name,
            first,
            own.map(({ pod }) => pod),
          ),
        ]
      : [];
  });
}

/** The name of an image, with nothing against an edit where it is written. */
function isWhole({ decider, image }: Flow): boolean {
  const held = 'hold' in decider && decider.hold !== null;
  return !held && !isPattern(image.name) && parseImageReference(formatSplit(image)).ok;
}

function makeAdded(root: Kustomization, name: string, { image }: Flow, pods: readonly ImageUse[]): ImageUse {
  const { file, document, lines, hold } = root.context;
  const at = file.text.search(/^image(?:s|Tags)[ \t]*:/m);
  const written = formatSplit(image);
  return {
    file: file.path,
    ...lines.at(Math.max(0, at)),
    range: [0, 0],
    written,
    layer: 'kustomize',
    field: `images[name=${name}]`,
    workload: workloadOf(pods) ?? { apiVersion: '', kind: '', name: null, namespace: null },
    document,
    podSpec: null,
    hold: hold ?? findTextHold(written),
    heldBy: null,
    parts: { kind: 'entry', list: root.entryList, name },
    ...runsOf(pods),
  };
}

/** The one workload that all of them are of. */
function workloadOf(pods: readonly ImageUse[]): Workload | null {
  const [first] = pods;
  const same = pods.every(
    ({ workload }) =>
      workload.kind === first?.workload.kind &&
      workload.name === first.workload.name &&
      workload.namespace === first.workload.namespace,
  );
  return first && same ? first.workload : null;
}

function runsOf(pods: readonly ImageUse[]): { readonly runs?: readonly PodPlace[] } {
  const runs = pods.flatMap(({ file, document, podSpec }) =>
    podSpec === null ? [] : [{ file, document, podSpec }],
  );
  return runs.length === 0 ? {} : { runs };
}
