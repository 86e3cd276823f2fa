import { findDocumentHold, isGeneratedFile } from '../document-holds.ts';
import type { ImageUse, Place } from '../types.ts';
import { Lines } from '../yaml/lines.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getItems, getValue, type TreeNode } from '../yaml/tree.ts';
import { below } from '../yaml/walk.ts';
import { type OverlayEntry, readEntries } from './overlay-entry.ts';
import { type Flow, startValue } from './overlay-flow.ts';

/** A HelmRelease whose chart is rendered with values and then changed by `postRenderers`, in their order. */
export interface Rendering {
  readonly place: Place;
  readonly values: readonly Flow[];
  readonly renderers: readonly {
    readonly patches: readonly ImageUse[];
    readonly tests: readonly ImageUse[];
    readonly overlay: readonly OverlayEntry[];
  }[];
}

/** Every HelmRelease that has renderers. A patch of the same name may be merged with it. */
export function findRenderings(files: readonly OpenFile[], uses: readonly ImageUse[]): Rendering[] {
  return files.flatMap((file) => (mayRender(file) ? findInFile(file, files, uses) : []));
}

function mayRender({ kinds, text }: Pick<OpenFile, 'kinds' | 'text'>): boolean {
  return kinds.has('HelmRelease') && text.includes('postRenderers');
}

function findInFile(file: OpenFile, files: readonly OpenFile[], uses: readonly ImageUse[]): Rendering[] {
  const found: Rendering[] = [];
  const lines = new Lines(file.text);
  for (const part of file.documents) {
    if (!mayRender(part)) continue;
    const { root } = part.read;
    const hold = isGeneratedFile(file.path, file.text) ? 'generated' : findDocumentHold(part.text, root);
    const context = { file, lines, document: part.index, hold, shared: new Set<never>() };
    for (const object of part.objects) {
      if (object.workload.kind !== 'HelmRelease') continue;
      const map = object.node;
      const prefix = `${below(object.path, 'spec')}.`;
      const isHere = (use: ImageUse, field: string) =>
        use.file === file.path && use.document === part.index && use.field.startsWith(prefix + field);
      const whole = hasChart(map);
      const values = uses.flatMap((use): Flow[] => {
        if (isHere(use, 'values')) return [startValue(use)];
        const { workload, field } = use;
        const same = workload.kind === 'HelmRelease' && workload.name === object.workload.name;
        if (!same || !/(?:^|\.)spec\.values\b/.test(field)) return [];
        return whole && isWhole(use, files) ? [] : [{ ...startValue(use), reach: 'maybe' }];
      });
      const renderers = getItems(map, 'spec', 'postRenderers').map((renderer, index) => {
        const below = `postRenderers[${index}].kustomize`;
        const patches = uses.filter((use) => isHere(use, `${below}.patches`));
        return {
          patches: patches.filter((use) => use.hold !== 'tested'),
          tests: patches.filter((use) => use.hold === 'tested'),
          overlay: readEntries({
            items: getItems(renderer, 'kustomize', 'images'),
            path: `${prefix}${below}.images`,
            layer: 'flux',
            object,
            context,
          }),
        };
      });
      found.push({ place: { file: file.path, line: lines.at(map.start).line }, values, renderers });
    }
  }
  return found;
}

/** Two that both name a chart are two releases, whatever their names. */
function isWhole({ file, document }: ImageUse, files: readonly OpenFile[]): boolean {
  const source = files.find(({ path }) => path === file);
  const part = source?.documents[document];
  return part !== undefined && hasChart(part.read.root);
}

function hasChart(release: TreeNode | null): boolean {
  const spec = getValue(release, 'spec');
  return getValue(spec, 'chart') !== null || getValue(spec, 'chartRef') !== null;
}
