import { inFolder } from '../tree-paths.ts';
import type { ImageUse, SourceFile } from '../types.ts';
import { below } from '../yaml/walk.ts';
import type { ChartRelease } from './chart-releases.ts';
import { addsToName, Template } from './template-names.ts';
import { saysName, splitPath } from './values-source.ts';

/** Holds images of Helm values to whose name the templates of a chart in the tree join something of their own. */
export function holdComposed(
  files: readonly SourceFile[],
  uses: readonly ImageUse[],
  releases: readonly ChartRelease[],
): readonly ImageUse[] {
  const own = new Map<string, ImageUse>();
  for (const use of uses) if (isOfValues(use)) own.set(`${use.file} ${use.document} ${use.field}`, use);
  const held = new Set<ImageUse>();
  const templates = new Map<string, readonly Template[]>();
  const templatesOf = (folder: string) => {
    const root = inFolder(folder, 'templates/');
    const known =
      templates.get(folder) ??
      files.flatMap(({ path, text }) => (path.startsWith(root) ? new Template(text) : []));
    templates.set(folder, known);
    return known;
  };
  for (const { values, charts } of own.size === 0 ? [] : releases) {
    for (const { source } of charts.length === 0 || values.length === 0 ? [] : values) {
      for (const leaf of source.found ? source.fields.values() : []) {
        const use = own.get(`${source.file} ${source.document} ${leaf.field}`);
        if (!use || held.has(use)) continue;
        const isJoined = charts.some(({ folder, at }) => {
          const path =
            at === '' ? leaf.path : leaf.path.startsWith(`${at}.`) && leaf.path.slice(at.length + 1);
          if (path === false) return false;
          const mayBeSaid = (other: string) =>
            isSaid(values, other.startsWith('global.') ? other : below(at, other));
          return addsToName(templatesOf(folder), { path, ...keysOf(use), mayBeSaid });
        });
        if (isJoined) held.add(use);
      }
    }
  }
  return uses.map((use) => (held.has(use) ? { ...use, hold: 'composed' } : use));
}

/** What has another name is not read, so that it may be said. */
function isSaid(values: ChartRelease['values'], path: string): boolean {
  const [map, key] = splitPath(path);
  if (!saysName(key)) return true;
  return values.some(({ source }) =>
    source.maps.get(map)?.some((leaf) => leaf.path === path && leaf.written !== ''),
  );
}

function isOfValues({ hold, layer, parts, nameAt }: ImageUse): boolean {
  return (
    nameAt === undefined &&
    (hold === null || hold === 'unknown-registry') &&
    (layer === 'helm-values' || layer === 'flux' || layer === 'argocd') &&
    (parts === undefined || parts.kind === 'split')
  );
}

/** The keys of the other parts. What the values leave out may be asked for all the same. */
function keysOf({ parts }: ImageUse): { keys: readonly string[]; registry: string | null } {
  if (parts?.kind !== 'split') return { keys: [], registry: null };
  const { registry, tag, digest } = parts;
  const usual = /^(?:repository|name|repo)$/.test(parts.repository.key) ? ['registry', 'tag', 'digest'] : [];
  // Of parameters, the key is that of the list.
  const own = [registry, tag, digest].flatMap((part) => (part ? splitPath(part.key)[1] : []));
  return { keys: [...usual, ...own], registry: registry?.key ?? null };
}
