import { existsSync } from 'node:fs';
import { sep } from 'node:path';

/**
 * Says whether a file is a template of a Helm chart: below a `templates` folder that stands beside a `Chart.yaml`,
 * whether or not that was asked for. Each folder is looked at once.
 */
export function openChartTemplates(): (absolute: string) => boolean {
  const charts = new Map<string, boolean>();
  return (absolute) => {
    const path = sep === '/' ? absolute : absolute.replaceAll(sep, '/');
    for (let at = path.indexOf('/templates/'); at !== -1; at = path.indexOf('/templates/', at + 1)) {
      const folder = path.slice(0, at);
      const chart = charts.get(folder) ?? existsSync(`${folder}/Chart.yaml`);
      charts.set(folder, chart);
      if (chart) return true;
    }
    return false;
  };
}
