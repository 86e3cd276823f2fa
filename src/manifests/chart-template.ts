/**
 * Whether a file is a template of a Helm chart: below a `templates` folder that stands beside a `Chart.yaml`.
 * `charts` are the folders that have one, relative to the root.
 */
export function isChartTemplate(path: string, charts: ReadonlySet<string>): boolean {
  for (let at = path.indexOf('templates/'); at !== -1; at = path.indexOf('templates/', at + 1)) {
    if (at === 0 ? charts.has('') : path[at - 1] === '/' && charts.has(path.slice(0, at - 1))) return true;
  }
  return false;
}
