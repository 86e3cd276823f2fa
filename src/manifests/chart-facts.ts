import { splitDocuments } from './documents.ts';
import type { ChartFacts } from './found-image.ts';
import { readDocument } from './read-document.ts';
import { getText } from './tree.ts';
import type { SourceFile } from './types.ts';

/** What each chart says of its values, by its folder. */
export function readCharts(files: readonly SourceFile[]): ReadonlyMap<string, ChartFacts> {
  const charts = new Map<string, ChartFacts>();
  for (const file of files) {
    if (!/(?:^|\/)Chart\.yaml$/.test(file.path)) continue;
    const folder = file.path.slice(0, -'Chart.yaml'.length);
    charts.set(folder.replace(/\/$/, ''), {
      defaultTag: (path) => findDefaultTag(file, folder, path, files),
    });
  }
  return charts;
}

/** `appVersion`, where a template of the chart says that it stands in for the tag at this very path. */
function findDefaultTag(
  chart: SourceFile,
  folder: string,
  path: string,
  files: readonly SourceFile[],
): string | null {
  const tag = `\\.Values\\.${path.replaceAll('.', '\\.')}\\.tag`;
  const version = '\\$?\\.Chart\\.AppVersion';
  const says = new RegExp(`${tag}\\s*\\|\\s*default\\s+${version}|default\\s+${version}\\s+\\$?${tag}`);
  const templates = `${folder}templates/`;
  if (
    !/^[\w.]+$/.test(path) ||
    !files.some((file) => file.path.startsWith(templates) && says.test(file.text))
  )
    return null;
  const part = splitDocuments(chart.text)[0];
  return part ? getText(readDocument(part).root, 'appVersion') : null;
}
