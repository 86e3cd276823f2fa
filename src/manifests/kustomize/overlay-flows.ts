import { folderOf, resolvePath } from '../tree-paths.ts';
import type { ImageUse, Place } from '../types.ts';
import type { Delivery } from './delivery.ts';
import type { FieldSpec } from './field-specs.ts';
import { type Kustomization, type PatchTarget } from './kustomization.ts';
import { type Built, join, listMade, type Made, nothing } from './overlay-built.ts';
import { applyEntry, formatSplit, type OverlayEntry } from './overlay-entry.ts';
import { type Decider, type Flow, findMatch, startFlow } from './overlay-flow.ts';
import type { OverlayGraph } from './overlay-graph.ts';
import { isReplacedBy } from './patch-target.ts';
import type { Rendering } from './post-renderers.ts';

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

/** Entries that kustomizations do not have yet; by the path of their file. */
export type AddedEntries = ReadonlyMap<string, readonly OverlayEntry[]>;

/** Everything that the images of a tree flow through. */
export interface OverlayWorld {
  readonly graph: OverlayGraph;
  readonly deliveries: readonly Delivery[];
  readonly renderings: readonly Rendering[];
}

/** Components of components may be taken very often; nobody writes so many. */
const mostSteps = 20_000;

/** Follows every image from where it is written through every overlay that takes it, as kustomize would. */
export function followImages(
  { graph, deliveries, renderings }: OverlayWorld,
  added: AddedEntries,
): OverlayFlows {
  const built = new Map<string, Built>();
  const open = new Set<string>();
  const matched = new Map<OverlayEntry, Flow[]>();
  const remote = new Map<OverlayEntry, Place>();
  const overridden = new Map<Decider, OverlayEntry>();
  const replaced = new Map<Decider, OverlayEntry>();
  const locked = new Map<Decider, Place>();
  const entries = new Set<OverlayEntry>();
  const virtual = new Set([...added.values()].flat());

  let budget = mostSteps;
  /** Where following was given up: then nothing is certain. */
  let given: Place | null = null;

  function build(folder: string): Built {
    const known = built.get(folder);
    if (known) return known;
    const kustomization = open.has(folder) ? null : graph.read(folder);
    if (!kustomization) return nothing;
    open.add(folder);
    const result = transform(kustomization, nothing);
    open.delete(folder);
    built.set(folder, result);
    return result;
  }

  /**
   * The order of kustomize's `accumulateTarget` (api/internal/target/kusttarget.go): resources, generators,
   * components, and then patches, entries, replacements and the transformers of files.
   */
  function transform(kustomization: Kustomization, around: Built, by: Delivery | null = null): Built {
    const { file } = kustomization;
    if (budget-- <= 0) {
      given ??= { file: file.path, line: 1 };
      return around;
    }
    let state = [...kustomization.resources.map(take), ofOwn(kustomization)].reduce(join, around);
    for (const path of kustomization.components) state = addComponent(state, path);
    if (by) state = addComponents(state, by, folderOf(file.path));
    for (const { path, target } of kustomization.patches)
      state = patch(state, graph.start(path), graph.tests(path, null, ''), () => target);
    const targetOf = ({ field }: ImageUse) =>
      kustomization.targets.get(/^\w+\[\d+\]/.exec(field)?.[0] ?? '') ?? null;
    const own = graph.startPatches(file.path, null, '');
    state = patch(state, own, graph.tests(file.path, null, ''), targetOf);
    if (by) state = patchBy(state, by);
    const listed = [...kustomization.entries, ...(added.get(file.path) ?? [])];
    if (by) guard(state, by);
    state = decide(by ? mergeEntries(listed, by) : listed, state.specs, state);
    if (by) guard(state, by);
    const source = kustomization.replaces ?? graph.replaced(kustomization);
    if (source) lock(state.flows, source);
    for (const step of graph.transformations(kustomization)) {
      if (step.kind === 'images') state = decide([step.entry], step.specs, state);
      else lock(state.flows, step.place);
    }
    return state;
  }

  function addComponent(before: Built, path: string): Built {
    const component = open.has(path) ? null : graph.read(path);
    if (!component) return before;
    open.add(path);
    const state = transform(component, before);
    open.delete(path);
    return state;
  }

  function addComponents(before: Built, { components }: Delivery, folder: string): Built {
    return components.reduce((state, { path, place, optional }) => {
      const found = resolvePath(folder, path);
      if (found !== null && graph.read(found)) return addComponent(state, found);
      if (found === null || !optional) lock(state.flows, place);
      return state;
    }, before);
  }

  function patchBy(before: Built, { file, document, path }: Delivery): Built {
    const below = `${path}.`;
    return patch(before, graph.startPatches(file, document, below), graph.tests(file, document, below));
  }

  /** As Flux and `kustomize edit set image` do it: entries of one name are replaced, by Argo CD they are sorted, too. */
  function mergeEntries(own: readonly OverlayEntry[], { overlay, layer }: Delivery): readonly OverlayEntry[] {
    const left = new Map(overlay.map((entry) => [entry.name, entry]));
    const merged = own.map((entry) => {
      const other = left.get(entry.name);
      if (!other) return entry;
      left.delete(entry.name);
      replaced.set(entry, other);
      if (other.newName === '*' || other.newTag === '*') locked.set(entry, other.place);
      return other;
    });
    merged.push(...left.values());
    if (layer === 'flux' || overlay.length === 0) return merged;
    return merged.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** An entry of the same name is what would be replaced, or what decides. */
  function guard({ flows, specs }: Built, { guards }: Delivery): void {
    for (const named of guards) {
      const reached = flows.filter(
        (flow) => findMatch(named, flow, specs) !== null && !isEntryOf(flow.decider, named.name),
      );
      lock(reached, named.place);
    }
  }

  function take(path: string): Built {
    return graph.read(path) ? build(path) : { ...nothing, flows: graph.start(path) };
  }

  function ofOwn(kustomization: Kustomization): Built {
    const specs = graph.fieldSpecs(kustomization);
    const unseen = specs.length > 0 ? { file: kustomization.file.path, line: 1 } : null;
    return {
      ...nothing,
      flows: graph.startValues(kustomization),
      remote: kustomization.remote ?? graph.generated(kustomization) ?? unseen,
      specs,
    };
  }

  /** A patch that asks what stands in the base fails when that is another text. */
  function patch(
    before: Built,
    own: readonly Flow[],
    tests: readonly ImageUse[],
    targetOf?: (use: ImageUse) => PatchTarget | null,
  ): Built {
    for (const { written, file, line } of tests) {
      const asked = before.flows.filter(({ image }) => formatSplit(image) === written);
      lock(asked, { file, line });
    }
    let { flows, moved } = before;
    for (const flow of own) {
      const { pod } = flow;
      const byNumber = pod.container?.startsWith('/') === true;
      const isGone = (other: Flow) =>
        !other.patched &&
        !(byNumber && moved) &&
        targetOf !== undefined &&
        isReplacedBy(other.pod, pod, targetOf(pod));
      const left = flows.filter((other) => !isGone(other));
      // What replaces nothing that is seen may be a container of its own, and the numbers of the others change.
      moved ||= !byNumber && left.length === flows.length;
      flows = [...left, { ...flow, patched: true }];
    }
    return { ...before, flows, moved };
  }

  function lock(flows: readonly Flow[], place: Place): void {
    for (const { decider } of flows) if (!locked.has(decider)) locked.set(decider, place);
  }

  function decide(own: readonly OverlayEntry[], specs: readonly FieldSpec[], before: Built): Built {
    let flows = before.flows;
    for (const entry of own) {
      entries.add(entry);
      if (before.remote) remote.set(entry, before.remote);
      const taken = matched.get(entry) ?? [];
      matched.set(entry, taken);
      flows = flows.map((flow) => {
        const match = findMatch(entry, flow, specs);
        if (match === null) return flow;
        taken.push(flow);
        if (match === 'maybe') {
          lock([flow], entry.place);
          return flow;
        }
        const known = overridden.get(flow.decider);
        if (!known || virtual.has(known)) overridden.set(flow.decider, entry);
        return { ...flow, decider: entry, image: applyEntry(entry, flow.image) };
      });
    }
    return { ...before, flows };
  }

  function isPlain({ file, document, path, overlay, guards, components }: Delivery): boolean {
    if (overlay.length + guards.length + components.length > 0) return false;
    const below = `${path}.`;
    return graph.startPatches(file, document, below).length + graph.tests(file, document, below).length === 0;
  }

  /** What a kustomization builds when the delivery has added to it. */
  function deliver(delivery: Delivery, folder: string): Built {
    const kustomization = open.has(folder) ? null : graph.read(folder);
    if (!kustomization) return nothing;
    open.add(folder);
    const state = transform(kustomization, nothing, delivery);
    open.delete(folder);
    return state;
  }

  /** A folder without a kustomization: one is made for all that is in it. */
  function deliverLoose(delivery: Delivery, folder: string, before: Built): Built {
    const patched = patchBy(addComponents(before, delivery, folder), delivery);
    guard(patched, delivery);
    return decide(delivery.overlay, patched.specs, patched);
  }

  const all = graph.folders.flatMap((folder) => graph.read(folder) ?? []);
  const consumed = new Set([
    ...all.flatMap(({ resources, components }) => [...resources, ...components]),
    ...deliveries.flatMap(({ folders, components }) =>
      folders.flatMap((folder) => components.flatMap(({ path }) => resolvePath(folder, path) ?? [])),
    ),
  ]);
  const delivered = new Set(
    deliveries.flatMap(({ folders, whole, loose }) =>
      (loose ? [] : folders).flatMap((folder) => [
        folder,
        ...(graph.read(folder) ? [] : graph.below(folder, whole).folders),
      ]),
    ),
  );
  const ends: End[] = [];
  for (const folder of graph.folders) {
    const { flows } = build(folder);
    if (!consumed.has(folder) && !delivered.has(folder))
      ends.push({ root: graph.read(folder), delivery: null, flows });
  }
  const plain = new Set<string>();
  for (const delivery of deliveries) {
    for (const entry of delivery.overlay) entries.add(entry);
    for (const folder of delivery.folders) {
      // Many may deliver a folder as it is.
      const key = `${delivery.whole} ${folder}`;
      if (isPlain(delivery) && plain.has(key)) continue;
      if (isPlain(delivery)) plain.add(key);
      const root = graph.read(folder);
      if (root) {
        const { flows } = deliver(delivery, folder);
        if (!delivery.loose) ends.push({ root, delivery, flows });
        continue;
      }
      const { files, folders } = graph.below(folder, delivery.whole);
      const loose = { ...nothing, flows: files.flatMap((path) => graph.start(path)) };
      if (delivery.components.length > 0) {
        // To one of the kustomizations no entry could be added for what the components bring.
        const { flows } = deliverLoose(delivery, folder, folders.map(build).reduce(join, loose));
        ends.push({ root: null, delivery, flows });
        continue;
      }
      ends.push({ root: null, delivery, flows: deliverLoose(delivery, folder, loose).flows });
      for (const inner of folders)
        ends.push({
          root: graph.read(inner),
          delivery,
          flows: deliverLoose(delivery, folder, build(inner)).flows,
        });
    }
  }
  for (const { place, values, renderers } of renderings) {
    let state: Built = { ...nothing, flows: values, remote: place };
    for (const { patches, tests, overlay } of renderers)
      state = decide(overlay, [], patch(state, patches.map(startFlow), tests));
    ends.push({ root: null, delivery: null, flows: state.flows });
  }
  for (const { entries: own } of graph.doubled) for (const entry of own) entries.add(entry);
  const live = new Set(ends.flatMap(({ flows }) => flows.map(({ decider }) => decider)));
  return {
    entries: [...entries],
    madeBy: (entry) => listMade(entry, matched.get(entry) ?? []),
    matchedBy: (entry) => matched.get(entry) ?? [],
    reachesRemote: (entry) => remote.get(entry) ?? null,
    lockedBy: (decider) => locked.get(decider) ?? given,
    overriddenBy: (decider) =>
      (overridden.get(decider) ?? (live.has(decider) ? undefined : replaced.get(decider)))?.place ?? null,
    isLive: (decider) => given !== null || live.has(decider),
    ends,
  };
}

function isEntryOf(decider: Decider, name: string): boolean {
  return 'newName' in decider && decider.name === name;
}
