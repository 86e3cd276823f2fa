import type { ChartFacts } from '../found-image.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getText } from '../yaml/tree.ts';

/** What each chart says of its values, by its folder. */
export function readCharts(files: readonly OpenFile[]): ReadonlyMap<string, ChartFacts> {
  const charts = new Map<string, ChartFacts>();
  for (const file of files) {
    if (!/(?:^|\/)Chart\.yaml$/.test(file.path)) continue;
    const folder = file.path.slice(0, -'Chart.yaml'.length);
    let known: readonly string[] | null = null;
    const templates = () => (known ??= readTemplates(`${folder}templates/`, files));
    charts.set(folder.replace(/\/$/, ''), {
      defaultTag: (path) => (isAppVersion(path, templates()) ? readAppVersion(file) : null),
      addsText: (path) => addsText(path, templates()),
    });
  }
  return charts;
}

function readTemplates(folder: string, files: readonly OpenFile[]): readonly string[] {
  return files.flatMap(({ path, text }) => (path.startsWith(folder) ? text : []));
}

function readAppVersion({ documents }: OpenFile): string | null {
  return getText(documents[0]?.read.root, 'appVersion');
}

/**
 * Whether `appVersion` stands in for the tag of the image at a path: the templates say so, for the very name and
 * nothing around it, wherever they speak of it.
 */
function isAppVersion(path: string, templates: readonly string[]): boolean {
  const image = spellPath(path);
  if (image === null) return false;
  const value = (key: string) => String.raw`\{\{-?\s*${image}\.${key}\s*-?\}\}`;
  const version = String.raw`\$?\.Chart\.AppVersion`;
  const tag = String.raw`${image}\.tag`;
  const either = String.raw`(?:${tag}\s*\|\s*default\s+${version}|default\s+${version}\s+${tag})`;
  const plain = new RegExp(
    String.raw`(?=\{\{)(?<=[:-]\s+["']?)(?:${value('registry')}/)?${value('repository')}:\{\{-?\s*${either}\s*-?\}\}(?=(["']?)\s*(?:#.*)?$)`,
    'gm',
  );
  // The whole map is handed on, or the name stands in another way of putting it together.
  const other = new RegExp(String.raw`${image}(?:\.repository\b|(?![.\w]))`);
  return (
    templates.some((text) => text.search(plain) !== -1) &&
    templates.every((text) => !other.test(text.replaceAll(plain, '')))
  );
}

/** Whether templates put text of their own before the name of the image at a path, or around its tag. */
function addsText(path: string, templates: readonly string[]): boolean {
  const image = spellPath(path);
  if (image === null) return false;
  const added = new RegExp(
    [
      String.raw`[\w.-]/?\{\{-?\s*${image}\.repository\b`,
      String.raw`:[\w.-]+\{\{-?[^{}]*${image}\.tag\b`,
      String.raw`:\{\{-?[^{}]*${image}\.tag\b[^{}]*\}\}[\w.-]`,
    ].join('|'),
  );
  return templates.some((text) => added.test(text));
}

/** A path as templates name it. */
function spellPath(path: string): string | null {
  return /^[\w.]+$/.test(path) ? String.raw`\$?\.Values\.${path.replaceAll('.', String.raw`\.`)}` : null;
}
