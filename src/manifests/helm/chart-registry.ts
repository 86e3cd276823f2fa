import { composeImage } from '../split-image.ts';
import type { ImageUse, SplitImage } from '../types.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getText, getValue, type TreeNode } from '../yaml/tree.ts';
import type { ChartRelease } from './chart-releases.ts';
import { type ChartKind, ChartSources, isInValuesFile } from './chart-source.ts';
import { namesHost } from './values-image.ts';

/**
 * Holds images that their chart puts more into than the values around them say. Many charts put a registry of theirs
 * before a name that has none (docker.io, quay.io): the full name of a backup would stand behind it. Where the chart is
 * one of Bitnami, the registry gets its key; where nothing tells, the image is held. Where the chart puts a digest of its
 * own behind a tag, nobody knows that the backup has that one.
 */
export function findChartRegistries(
  files: readonly OpenFile[],
  uses: readonly ImageUse[],
  releases: readonly ChartRelease[],
): readonly ImageUse[] {
  let charts: ChartSources | null = null;
  const read = uses.map((use): ImageUse => {
    const { parts } = use;
    if (use.hold !== null || parts?.kind !== 'split' || !isOfValues(use, parts)) return use;
    const whole = parts.registry === null && namesHost(parts.repository.written);
    const leans = !whole && (parts.registry === null || use.written.includes('bitnami'));
    charts ??= new ChartSources(files, releases);
    const root = charts.rootOf(use);
    const map = parts.map.split(/[.[\]]+/).reduce<TreeNode | null>(stepInto, root);
    const kind = charts.kindOf(use, parts.map, rootOfValues(use), leans);
    const hold = kind === 'pinning' ? findPin(parts, map) : null;
    if (hold) return { ...use, hold };
    if (!leans) return use;
    const marked = { ...parts, ...markOf(kind, use.written) };
    if (parts.registry !== null || saysRegistry(map)) return { ...use, parts: marked };
    return addRegistry(use, marked, kind, getValue(map, parts.repository.key) !== null);
  });
  return read.map((use) =>
    use.hold === null && use.parts?.kind === 'split' && charts?.isLeanedOn(use, use.parts.map) === true
      ? { ...use, hold: 'composed' }
      : use,
  );
}

/** What a chart that pins its images puts behind one: a digest, and in Cilium's operator the cloud before it. */
function findPin({ map, digest }: SplitImage, node: TreeNode | null): 'composed' | 'chart-digest' | null {
  if (/(?:^|\.)operator\.image$/.test(map)) return 'composed';
  return digest === null && getText(node, 'useDigest') !== 'false' ? 'chart-digest' : null;
}

/** Said where it is one, and where an image would be taken for one. */
function markOf(kind: ChartKind, written: string): Pick<SplitImage, 'bitnami'> {
  if (kind === 'bitnami') return { bitnami: true };
  return kind === 'bare' && written.includes('bitnami') ? { bitnami: false } : {};
}

function addRegistry(use: ImageUse, parts: SplitImage, kind: ChartKind, own: boolean): ImageUse {
  if (kind === 'bare') return { ...use, parts };
  // The tags of a name that gets another registry would each be of another image than they say.
  if (kind !== 'bitnami' || !own || parts.repository.key !== 'repository' || use.together !== undefined)
    return { ...use, hold: 'unknown-registry' };
  const registry = { key: 'registry', range: null, written: 'docker.io' };
  const whole = { ...parts, registry };
  return { ...use, parts: whole, written: composeImage({ ...whole, tag: parts.tag ?? tagOf(use, parts) }) };
}

/** A tag that counts and that no key says. */
function tagOf({ written }: ImageUse, { repository }: SplitImage): { readonly written: string } | null {
  const rest = written.slice(repository.written.length);
  return rest.startsWith(':') ? { written: rest.slice(1).replace(/@.*/, '') } : null;
}

/** A map of values, and no entry of `images`. */
function isOfValues({ layer }: ImageUse, { repository }: SplitImage): boolean {
  return (layer === 'helm-values' || layer === 'flux' || layer === 'argocd') && repository.key !== 'newName';
}

/** Where the values of an image begin in its document, as a map or as text; null for a list of parameters. */
export function rootOfValues(use: ImageUse): string | null {
  const root = /^(?:.*\.)?(?:spec\.values|valuesObject|valuesInline|helm\.values|valuesContent)(?=\.)/.exec(
    use.field,
  )?.[0];
  return root ?? (isInValuesFile(use) ? '' : null);
}

function stepInto(node: TreeNode | null, key: string): TreeNode | null {
  if (key === '') return node;
  return node?.kind === 'list' ? (node.items[Number(key)]?.value ?? null) : getValue(node, key);
}

/** A key for it is there, so that its writer knows what the chart does with it. */
function saysRegistry(map: TreeNode | null): boolean {
  return map?.kind === 'map' && map.pairs.some(({ key }) => /registry$/i.test(key));
}
