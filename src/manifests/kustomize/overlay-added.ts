import { parseImageReference } from '../../reference/index.ts';
import type { Place } from '../types.ts';
import type { End, OverlayFlows } from './flow-record.ts';
import type { Kustomization } from './kustomization.ts';
import { formatSplit, isPattern, type OverlayEntry } from './overlay-entry.ts';
import type { Flow } from './overlay-flow.ts';
import { type AddedEntries, followImages, type OverlayWorld } from './overlay-flows.ts';

/** An entry that a kustomization needs, because what it takes as it is has to stay for another's sake. */
export interface NeededEntry {
  readonly root: Kustomization;
  readonly entry: OverlayEntry;
}

/** An image that has to stay as it is and is applied so, where no entry can be added. */
export interface StuckImage {
  readonly end: End;
  readonly flow: Flow;
  /** What stands against it. */
  readonly place: Place;
}

export interface SettledFlows {
  readonly flows: OverlayFlows;
  readonly added: readonly NeededEntry[];
  readonly stuck: readonly StuckImage[];
}

/**
 * Gives entries to all that needs them. An entry may itself decide what others take as it is, so that those need one,
 * too; one that cannot be is taken back, with all that came after it. Every edit is then right whichever of the others
 * are made, and another run finds nothing more to do.
 */
export function settleImages(world: OverlayWorld): SettledFlows {
  const refused = new Map<string, Place>();
  for (;;) {
    const needed = new Map<string, NeededEntry>();
    let flows = followImages(world, entriesOf(needed));
    for (;;) {
      const more = findNeeded(flows, needed, refused);
      if (more.size === 0) break;
      for (const [key, entry] of more) needed.set(key, entry);
      flows = followImages(world, entriesOf(needed));
    }
    const before = refused.size;
    for (const [key, { entry }] of needed) {
      const place = findRefusal(entry, flows);
      if (place) refused.set(key, place);
    }
    if (refused.size === before)
      return { flows, added: [...needed.values()], stuck: findStuck(flows, refused) };
  }
}

function entriesOf(needed: ReadonlyMap<string, NeededEntry>): AddedEntries {
  const entries = new Map<string, OverlayEntry[]>();
  for (const { root, entry } of needed.values())
    entries.set(root.file.path, [...(entries.get(root.file.path) ?? []), entry]);
  return entries;
}

function findNeeded(
  flows: OverlayFlows,
  known: ReadonlyMap<string, NeededEntry>,
  refused: ReadonlyMap<string, Place>,
): ReadonlyMap<string, NeededEntry> {
  const needed = new Map<string, NeededEntry>();
  for (const { root, flows: ended } of flows.ends) {
    for (const flow of root && !root.component ? ended : []) {
      const key = keyOf(root, flow);
      if (!root || known.has(key) || refused.has(key) || !isKept(flow, flows) || !isWhole(flow)) continue;
      needed.set(key, { root, entry: makeEntry(root, flow) });
    }
  }
  return needed;
}

function keyOf(root: Kustomization | null, { image }: Flow): string {
  return `${root?.file.path ?? ''}\n${image.name}`;
}

/** It has to stay, as something else decides it by its name. */
function isKept({ decider }: Flow, flows: OverlayFlows): boolean {
  const held = 'hold' in decider && decider.hold !== null;
  return !held && flows.overriddenBy(decider) !== null && flows.lockedBy(decider) === null;
}

/** The name of an image, with nothing against an edit where it is written. */
function isWhole({ decider, image }: Flow): boolean {
  const held = 'hold' in decider && decider.hold !== null;
  return !held && !isPattern(image.name) && parseImageReference(formatSplit(image)).ok;
}

/** It changes nothing yet. */
function makeEntry(root: Kustomization, { image }: Flow): OverlayEntry {
  return {
    name: image.name,
    newName: '',
    newTag: '',
    digest: '',
    tagSuffix: '',
    place: { file: root.file.path, line: 1 },
    context: root.context,
    find: () => {
      throw new Error('an entry that is to be added stands nowhere');
    },
  };
}

/** What stands against an entry: it would change more than is seen, or something comes after it. */
function findRefusal(entry: OverlayEntry, flows: OverlayFlows): Place | null {
  const after = flows.overriddenBy(entry) ?? flows.lockedBy(entry) ?? flows.reachesRemote(entry);
  if (after) return after;
  const other = flows
    .matchedBy(entry)
    .find(
      (flow) => flow.image.name !== entry.name || !isWhole(flow) || flows.lockedBy(flow.decider) !== null,
    );
  return other ? { file: other.pod.file, line: other.pod.line } : null;
}

function findStuck(flows: OverlayFlows, refused: ReadonlyMap<string, Place>): StuckImage[] {
  return flows.ends.flatMap((end) =>
    end.flows.flatMap((flow) => {
      if (!isKept(flow, flows)) return [];
      const place = refused.get(keyOf(end.root, flow)) ?? flows.overriddenBy(flow.decider);
      return place ? [{ end, flow, place }] : [];
    }),
  );
}
