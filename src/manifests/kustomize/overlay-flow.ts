import { parseImageReference } from '../../reference/index.ts';
import { namesHost } from '../helm/values-image.ts';
import type { ImageUse } from '../types.ts';
import { type FieldSpec, isNamedBy } from './field-specs.ts';
import {
  formatSplit,
  isPattern,
  matchesEntry,
  type OverlayEntry,
  type SplitName,
  splitName,
} from './overlay-entry.ts';

/** What an image was last decided by on its way through the overlays: where it is written, or an entry. */
export type Decider = ImageUse | OverlayEntry;

/** An image on its way to what is applied. */
export interface Flow {
  readonly decider: Decider;
  readonly image: SplitName;
  /** Where it began. */
  readonly pod: ImageUse;
  /**
   * Whether kustomize looks for images there. `maybe`: it depends on its version, or on how a chart puts the name
   * together. `named`: only where a configuration names the field.
   */
  readonly reach: 'sure' | 'maybe' | 'named';
  /** A chart renders it. */
  readonly rendered: boolean;
  /** It comes from a patch. */
  readonly patched: boolean;
}

/** The way of an image begins where it is written. */
export function startFlow(use: ImageUse): Flow {
  return {
    decider: use,
    image: splitName(use.written),
    pod: use,
    reach: reachOf(use),
    rendered: false,
    patched: false,
  };
}

/** Kustomize looks in lists of `containers` and `initContainers` at any depth, and of late in volumes. */
function reachOf({ layer, field }: ImageUse): Flow['reach'] {
  if (layer === 'custom' || field.includes('ephemeralContainers[')) return 'named';
  if (!field.endsWith('.image.reference')) return 'sure';
  return /(?:^|\.)spec\.volumes\[\d+\]\.image\.reference$/.test(field) ? 'maybe' : 'named';
}

/**
 * The way of an image of Helm values. The chart writes one text as it is; to a repository without a registry it may
 * add one of its own.
 */
export function startValue(use: ImageUse): Flow {
  const { parts } = use;
  const whole =
    parts === undefined ||
    (parts.kind === 'split' &&
      ((parts.registry?.written ?? '') !== '' || namesHost(parts.repository.written)));
  return { ...startFlow(use), reach: whole ? 'sure' : 'maybe', rendered: true };
}

/** Whether an entry takes the image for the one that it names; `maybe` where that is not certain. */
export function findMatch(
  entry: Pick<OverlayEntry, 'name'>,
  flow: Flow,
  specs: readonly FieldSpec[],
): 'sure' | 'maybe' | null {
  const named = flow.reach === 'named' && specs.some((spec) => isNamedBy(spec, flow.pod));
  if (flow.reach === 'named' && !named) return null;
  if (isPattern(entry.name)) return 'maybe';
  if (!matchesEntry(entry.name, formatSplit(flow.image)))
    return flow.rendered && isSameRepository(entry.name, flow.image.name) ? 'maybe' : null;
  return flow.reach === 'maybe' || (named && flow.pod.parts !== undefined) ? 'maybe' : 'sure';
}

function isSameRepository(name: string, other: string): boolean {
  const [one, two] = [parseImageReference(name), parseImageReference(other)];
  if (!one.ok || !two.ok) return false;
  return one.value.registry === two.value.registry && one.value.repository === two.value.repository;
}
