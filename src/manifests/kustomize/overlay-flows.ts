import { folderOf, resolvePath } from '../tree-paths.ts';
import type { ImageUse } from '../types.ts';
import type { Delivery } from './delivery.ts';
import { type End, FlowRecord, type OverlayFlows } from './flow-record.ts';
import type { Kustomization, PatchTarget } from './kustomization.ts';
import { type Built, join, nothing } from './overlay-built.ts';
import { formatSplit, type OverlayEntry } from './overlay-entry.ts';
import { type Flow, startFlow } from './overlay-flow.ts';
import type { OverlayGraph } from './overlay-graph.ts';
import { isReplacedBy } from './patch-target.ts';
import type { Rendering } from './post-renderers.ts';

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

/** Overlays of overlays. Each is followed inside the one that takes it, and so on the stack. */
const mostDeep = 200;

/** Follows every image from where it is written through every overlay that takes it, as kustomize would. */
export function followImages(
  { graph, deliveries, renderings }: OverlayWorld,
  added: AddedEntries,
): OverlayFlows {
  const built = new Map<string, Built>();
  const open = new Set<string>();
  const record = new FlowRecord(new Set([...added.values()].flat()));
  let budget = mostSteps;

  function build(folder: string): Built {
    const known = built.get(folder);
    if (known) return known;
    if (open.has(folder)) return nothing;
    const result = enter(folder, nothing);
    built.set(folder, result);
    return result;
  }

  /** What a folder makes of what came before it: nothing else, where it has no kustomization or takes itself. */
  function enter(folder: string, before: Built, by: Delivery | null = null): Built {
    const kustomization = open.has(folder) ? null : graph.read(folder);
    if (!kustomization) return before;
    open.add(folder);
    const state = transform(kustomization, before, by);
    open.delete(folder);
    return state;
  }

  /**
   * The order of kustomize's `accumulateTarget` (api/internal/target/kusttarget.go): resources, generators,
   * components, and then patches, entries, replacements and the transformers of files.
   */
  function transform(kustomization: Kustomization, around: Built, by: Delivery | null): Built {
    const { file } = kustomization;
    if (budget-- <= 0 || open.size > mostDeep) {
      record.giveUp({ file: file.path, line: 1 });
      return around;
    }
    let state = [...kustomization.resources.map(take), ofOwn(kustomization)].reduce(join, around);
    for (const path of kustomization.components) state = enter(path, state);
    if (by) state = addComponents(state, by, folderOf(file.path));
    for (const { path, target } of kustomization.patches)
      state = patch(state, graph.start(path), graph.tests(path, null, ''), () => target);
    const targetOf = ({ field }: ImageUse) =>
      kustomization.targets.get(/^\w+\[\d+\]/.exec(field)?.[0] ?? '') ?? null;
    const own = graph.startPatches(file.path, null, '');
    state = patch(state, own, graph.tests(file.path, null, ''), targetOf);
    if (by) state = patchBy(state, by);
    const listed = [...kustomization.entries, ...(added.get(file.path) ?? [])];
    if (by) record.guard(state, by);
    state = record.decide(by ? record.merge(listed, by) : listed, state.specs, state);
    if (by) record.guard(state, by);
    const source = kustomization.replaces ?? graph.replaced(kustomization);
    if (source) record.lock(state.flows, source);
    for (const step of graph.transformations(kustomization)) {
      if (step.kind === 'images') state = record.decide([step.entry], step.specs, state);
      else record.lock(state.flows, step.place);
    }
    return state;
  }

  function addComponents(before: Built, { components }: Delivery, folder: string): Built {
    return components.reduce((state, { path, place, optional }) => {
      const found = resolvePath(folder, path);
      if (found !== null && graph.read(found)) return enter(found, state);
      if (found === null || !optional) record.lock(state.flows, place);
      return state;
    }, before);
  }

  function patchBy(before: Built, { file, document, path }: Delivery): Built {
    const below = `${path}.`;
    return patch(before, graph.startPatches(file, document, below), graph.tests(file, document, below));
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
      record.lock(asked, { file, line });
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

  function isPlain({ file, document, path, overlay, guards, components }: Delivery): boolean {
    if (overlay.length + guards.length + components.length > 0) return false;
    const below = `${path}.`;
    return graph.startPatches(file, document, below).length + graph.tests(file, document, below).length === 0;
  }

  /** A folder without a kustomization: one is made for all that is in it. */
  function deliverLoose(delivery: Delivery, folder: string, before: Built): Built {
    const patched = patchBy(addComponents(before, delivery, folder), delivery);
    record.guard(patched, delivery);
    return record.decide(delivery.overlay, patched.specs, patched);
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
    record.note(delivery.overlay);
    for (const folder of delivery.folders) {
      // Many may deliver a folder as it is.
      const key = `${delivery.whole} ${folder}`;
      if (isPlain(delivery) && plain.has(key)) continue;
      if (isPlain(delivery)) plain.add(key);
      const root = graph.read(folder);
      if (root) {
        const { flows } = enter(folder, nothing, delivery);
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
      state = record.decide(overlay, [], patch(state, patches.map(startFlow), tests));
    ends.push({ root: null, delivery: null, flows: state.flows });
  }
  for (const { entries } of graph.doubled) record.note(entries);
  return record.close(ends);
}
