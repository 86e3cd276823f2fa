import { groupBy } from '../group-by.ts';
import { findTextHold } from '../hold.ts';
import { makeImageUse } from '../image-use.ts';
import type { HoldReason, ImageUse, PodPlace, Workload } from '../types.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import type { Delivery } from './delivery.ts';
import type { OverlayFlows } from './flow-record.ts';
import { isKustomizationPath, type Kustomization } from './kustomization.ts';
import { type NeededEntry, type StuckImage, settleImages } from './overlay-added.ts';
import type { Made } from './overlay-built.ts';
import { applyEntry, formatSplit, isPattern, type OverlayEntry, type SplitName } from './overlay-entry.ts';
import type { Decider } from './overlay-flow.ts';
import { openOverlayGraph } from './overlay-graph.ts';
import { findRenderings } from './post-renderers.ts';

/**
 * What overlays decide: the uses that an overlay decides are held, every entry that decides is a use of its own, and
 * where one overlay decides and another takes the base as it is, the other gets an entry, too. So whatever is edited,
 * every entry goes on matching what it matched. What stays as it is and is applied so is a use with a reason.
 */
export function findOverlayUses(
  files: readonly OpenFile[],
  uses: readonly ImageUse[],
  deliveries: readonly Delivery[],
): readonly ImageUse[] {
  const renderings = findRenderings(files, uses);
  const decides =
    renderings.length > 0 ||
    deliveries.some(({ overlay, guards }) => overlay.length + guards.length > 0) ||
    uses.some(({ hold }) => hold === 'tested') ||
    files.some(
      ({ path, text }) =>
        isKustomizationPath(path) && /\b(?:images|imageTags|transformers|replacements|vars)\b/.test(text),
    );
  if (!decides) return uses;
  const settled = settleImages({ graph: openOverlayGraph(files, uses), deliveries, renderings });
  const { flows, added, stuck } = settled;
  const virtual = new Set(added.map(({ entry }) => entry));
  return [
    ...uses.map((use) => holdBack(use, use, flows)),
    ...flows.entries.filter((entry) => !virtual.has(entry)).flatMap((entry) => findEntryUses(entry, flows)),
    ...added.flatMap((needed) => makeAdded(needed, flows)),
    ...makeStuck(stuck),
  ];
}

/** A use that something else decides, or that has to stay for another reason. */
function holdBack(use: ImageUse, decider: Decider, flows: OverlayFlows): ImageUse {
  // Where an entry matches a name, or may, a registry that is written before it would break the entry.
  if (use.hold !== null && use.hold !== 'unknown-registry') return use;
  const [locked, overridden] = [flows.lockedBy(decider), flows.overriddenBy(decider)];
  // What locks an image that is never applied as it is here is no concern of anybody.
  if (locked && flows.isLive(decider)) return { ...use, hold: 'not-followed', heldBy: locked };
  return overridden || locked ? { ...use, hold: 'overlay', heldBy: overridden ?? locked } : use;
}

/** One use for each image that the entry makes; one, if it matches nothing that is known. */
function findEntryUses(entry: OverlayEntry, flows: OverlayFlows): ImageUse[] {
  const bare: SplitName = { name: entry.name, tag: '', digest: '' };
  const complete = entry.newTag !== '' || entry.digest !== '';
  const known = flows.madeBy(entry);
  const made: readonly Made[] = known.length > 0 ? known : [{ image: applyEntry(entry, bare), pods: [] }];
  const remote = flows.reachesRemote(entry);
  return made.map(({ image, pods }) => {
    const found = entry.find(image, made.length === 1);
    const hold = findEntryHold(entry, complete || known.length > 0, complete || remote === null);
    const use = makeImageUse({ ...found, ...(hold && { hold }) }, entry.context);
    const heldBy = use.hold === 'base-tag' ? remote : use.heldBy;
    const workload = workloadOf(pods) ?? use.workload;
    return holdBack({ ...use, heldBy, workload, ...togetherOf(made), ...runsOf(pods) }, entry, flows);
  });
}

function findEntryHold(entry: OverlayEntry, known: boolean, whole: boolean): HoldReason | null {
  // Where the name stays, kustomize adds the suffix once for each of its ways to find an image: 1.25-alpine-alpine.
  if (entry.tagSuffix !== '' && (entry.newName === '' || entry.newName === entry.name)) return 'composed';
  if (isPattern(entry.name) && (entry.newName === '' || !known)) return 'composed';
  return known && whole ? null : 'base-tag';
}

/** An entry that is to be added: with tag and digest if all that it matches is one image, else with a new name. */
function makeAdded({ root, entry }: NeededEntry, flows: OverlayFlows): ImageUse[] {
  const { file, document, lines, hold } = root.context;
  const at = file.text.search(/^image(?:s|Tags)[ \t]*:/m);
  const made = flows.madeBy(entry);
  return made.map(({ image, pods }): ImageUse => {
    const written = formatSplit(image);
    return {
      file: file.path,
      ...lines.at(Math.max(0, at)),
      range: [0, 0],
      written,
      layer: 'kustomize',
      field: `images[name=${entry.name}]`,
      workload: workloadOf(pods) ?? nobody,
      document,
      podSpec: null,
      hold: hold ?? findTextHold(written),
      heldBy: null,
      parts: {
        kind: 'entry',
        list: root.entryList,
        name: entry.name,
        ...(made.length > 1 && { bare: true }),
      },
      ...togetherOf(made),
      ...runsOf(pods),
    };
  });
}

const nobody: Workload = { apiVersion: '', kind: '', name: null, namespace: null };

/** One use for each image that stays as it is in what one kustomization, or one object, applies. */
function makeStuck(stuck: readonly StuckImage[]): ImageUse[] {
  const groups = groupBy(stuck, ({ end, flow }) =>
    [end.root?.file.path, end.delivery?.file, end.delivery?.path, formatSplit(flow.image)].join('\n'),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { end, flow, place } = first;
    const pods = [...new Set(group.map((one) => one.flow.pod))];
    const at = placeOf(end);
    if (!at) return [];
    return [
      {
        ...at,
        range: [0, 0],
        written: formatSplit(flow.image),
        workload: workloadOf(pods) ?? nobody,
        podSpec: null,
        hold: 'needs-entry',
        heldBy: place,
        ...runsOf(pods),
      } satisfies ImageUse,
    ];
  });
}

/** Where an entry would have to be written. */
function placeOf({
  root,
  delivery,
}: StuckImage['end']): Pick<ImageUse, 'file' | 'line' | 'column' | 'document' | 'layer' | 'field'> | null {
  if (root) return { ...placeIn(root), layer: 'kustomize', field: root.entryList };
  if (!delivery) return null;
  const { file, line, document, layer, path } = delivery;
  return { file, line, column: 1, document, layer, field: `${path}.images` };
}

function placeIn({ context }: Kustomization): Pick<ImageUse, 'file' | 'line' | 'column' | 'document'> {
  return { file: context.file.path, line: 1, column: 1, document: context.document };
}

/** Every image that the same text makes. */
function togetherOf(made: readonly Made[]): Pick<ImageUse, 'together'> {
  return made.length > 1 ? { together: made.map(({ image }) => formatSplit(image)) } : {};
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
