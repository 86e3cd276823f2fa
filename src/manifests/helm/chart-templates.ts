import type { SourceFile } from '../types.ts';

/** The files that are templates of Helm charts: below a `templates` folder that stands beside a `Chart.yaml`. */
export function findChartTemplates(files: readonly SourceFile[]): ReadonlySet<string> {
  const templates = files.flatMap(({ path }) =>
    /(?:^|\/)Chart\.yaml$/.test(path) ? [`${path.slice(0, -'Chart.yaml'.length)}templates/`] : [],
  );
  return new Set(
    files.flatMap(({ path }) => (templates.some((folder) => path.startsWith(folder)) ? [path] : [])),
  );
}
