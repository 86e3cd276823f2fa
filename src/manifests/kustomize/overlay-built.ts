import { groupBy } from '../group-by.ts';
import type { ImageUse, Place } from '../types.ts';
import type { FieldSpec } from './field-specs.ts';
import { applyEntry, formatSplit, type OverlayEntry, type SplitName } from './overlay-entry.ts';
import type { Flow } from './overlay-flow.ts';

/** What a kustomization has made so far. */
export interface Built {
  readonly flows: readonly Flow[];
  /** Where it takes more from a place that is not below the root. */
  readonly remote: Place | null;
  /** Fields that configurations name for images, its own and those of what it is built from. */
  readonly specs: readonly FieldSpec[];
  /** Patches may have moved containers in their list. */
  readonly moved: boolean;
}

export const nothing: Built = { flows: [], remote: null, specs: [], moved: false };

/** Both together; what comes by two ways counts once, so that diamonds do not double. */
export function join(one: Built, other: Built): Built {
  if (other === nothing) return one;
  if (one === nothing) return other;
  return {
    flows: unite(one.flows, other.flows),
    remote: one.remote ?? other.remote,
    specs: [...new Set([...one.specs, ...other.specs])],
    moved: one.moved || other.moved,
  };
}

function unite(one: readonly Flow[], other: readonly Flow[]): readonly Flow[] {
  if (one.length === 0 || other.length === 0) return one.length === 0 ? other : one;
  const known = groupBy(one, ({ pod }) => pod);
  const isKnown = (flow: Flow) =>
    known
      .get(flow.pod)
      ?.some(
        ({ decider, image, patched }) =>
          decider === flow.decider &&
          patched === flow.patched &&
          formatSplit(image) === formatSplit(flow.image),
      ) === true;
  return [...one, ...other.filter((flow) => !isKnown(flow))];
}

/** An image that an entry makes of those it matches. */
export interface Made {
  readonly image: SplitName;
  readonly pods: readonly ImageUse[];
}

/** What an entry makes of images; each text once. */
export function listMade(entry: OverlayEntry, flows: readonly Flow[]): Made[] {
  const made = new Map<string, { image: SplitName; pods: Set<ImageUse> }>();
  for (const flow of flows) {
    const image = applyEntry(entry, flow.image);
    const key = formatSplit(image);
    const one = made.get(key) ?? { image, pods: new Set() };
    one.pods.add(flow.pod);
    made.set(key, one);
  }
  return [...made.values()].map(({ image, pods }) => ({ image, pods: [...pods] }));
}
