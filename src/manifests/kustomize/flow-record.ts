import type { Place } from '../types.ts';
import type { Delivery } from './delivery.ts';
import type { FieldSpec } from './field-specs.ts';
import type { Kustomization } from './kustomization.ts';
import { type Built, listMade, type Made } from './overlay-built.ts';
import { applyEntry, type OverlayEntry } from './overlay-entry.ts';
import { type Decider, type Flow, findMatch } from './overlay-flow.ts';

/** What is applied, and the images that it has then. */
export interface End {
  /** The kustomization that can be given an entry for it. */
  readonly root: Kustomization | null;
  /** What applies it, where that is no kustomization. */
  readonly delivery: Delivery | null;
  readonly flows: readonly Flow[];
}

/** How the images of all files reach what is applied. */
export interface OverlayFlows {
  readonly entries: readonly OverlayEntry[];
  /** What an entry makes of images; by their text. */
  madeBy(entry: OverlayEntry): readonly Made[];
  /** The images that an entry matches, as they come to it. */
  matchedBy(entry: OverlayEntry): readonly Flow[];
  /** Where it is said that it may match images that are not below the root. */
  reachesRemote(entry: OverlayEntry): Place | null;
  /** What decides in place of it in some overlay. */
  overriddenBy(decider: Decider): Place | null;
  /** What needs it to stay as it is. */
  lockedBy(decider: Decider): Place | null;
  /** Whether it decides an image of what is applied. */
  isLive(decider: Decider): boolean;
  readonly ends: readonly End[];
}

/** What is learned of entries, and of what they decide, while images are followed. */
export class FlowRecord {
  readonly #entries = new Set<OverlayEntry>();
  readonly #matched = new Map<OverlayEntry, Flow[]>();
  readonly #remote = new Map<OverlayEntry, Place>();
  readonly #overridden = new Map<Decider, OverlayEntry>();
  readonly #replaced = new Map<Decider, OverlayEntry>();
  readonly #locked = new Map<Decider, Place>();
  readonly #added: ReadonlySet<OverlayEntry>;
  /** Where following was given up: then nothing is certain. */
  #given: Place | null = null;

  /** `added` are entries that kustomizations do not have yet. */
  constructor(added: ReadonlySet<OverlayEntry>) {
    this.#added = added;
  }

  giveUp(place: Place): void {
    this.#given ??= place;
  }

  /** Notes entries that may decide nothing. */
  note(entries: readonly OverlayEntry[]): void {
    for (const entry of entries) this.#entries.add(entry);
  }

  lock(flows: readonly Flow[], place: Place): void {
    for (const { decider } of flows) if (!this.#locked.has(decider)) this.#locked.set(decider, place);
  }

  /** An entry of the same name is what would be replaced, or what decides. */
  guard({ flows, specs }: Built, { guards }: Delivery): void {
    for (const named of guards) {
      const reached = flows.filter(
        (flow) => findMatch(named, flow, specs) !== null && !isEntryOf(flow.decider, named.name),
      );
      this.lock(reached, named.place);
    }
  }

  /** As Flux and `kustomize edit set image` do it: entries of one name are replaced, by Argo CD they are sorted, too. */
  merge(own: readonly OverlayEntry[], { overlay, layer }: Delivery): readonly OverlayEntry[] {
    const left = new Map(overlay.map((entry) => [entry.name, entry]));
    const merged = own.map((entry) => {
      const other = left.get(entry.name);
      if (!other) return entry;
      left.delete(entry.name);
      this.#replaced.set(entry, other);
      if (other.newName === '*' || other.newTag === '*') this.#locked.set(entry, other.place);
      return other;
    });
    merged.push(...left.values());
    if (layer === 'flux' || overlay.length === 0) return merged;
    return merged.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** What the entries, one after the other, make of what came to them. */
  decide(own: readonly OverlayEntry[], specs: readonly FieldSpec[], before: Built): Built {
    let flows = before.flows;
    for (const entry of own) {
      this.#entries.add(entry);
      if (before.remote) this.#remote.set(entry, before.remote);
      const taken = this.#matched.get(entry) ?? [];
      this.#matched.set(entry, taken);
      flows = flows.map((flow) => {
        const match = findMatch(entry, flow, specs);
        if (match === null) return flow;
        taken.push(flow);
        if (match === 'maybe') {
          this.lock([flow], entry.place);
          return flow;
        }
        const known = this.#overridden.get(flow.decider);
        if (!known || this.#added.has(known)) this.#overridden.set(flow.decider, entry);
        return { ...flow, decider: entry, image: applyEntry(entry, flow.image) };
      });
    }
    return { ...before, flows };
  }

  /** All that was learned, when every image was followed to these ends. */
  close(ends: readonly End[]): OverlayFlows {
    const live = new Set(ends.flatMap(({ flows }) => flows.map(({ decider }) => decider)));
    return {
      entries: [...this.#entries],
      madeBy: (entry) => listMade(entry, this.#matched.get(entry) ?? []),
      matchedBy: (entry) => this.#matched.get(entry) ?? [],
      reachesRemote: (entry) => this.#remote.get(entry) ?? null,
      lockedBy: (decider) => this.#locked.get(decider) ?? this.#given,
      overriddenBy: (decider) =>
        (this.#overridden.get(decider) ?? (live.has(decider) ? undefined : this.#replaced.get(decider)))
          ?.place ?? null,
      isLive: (decider) => this.#given !== null || live.has(decider),
      ends,
    };
  }
}

function isEntryOf(decider: Decider, name: string): boolean {
  return 'newName' in decider && decider.name === name;
}
