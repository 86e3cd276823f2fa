import type { Measured } from './measure.ts';

export interface Row {
  readonly name: string;
  readonly runs: readonly Measured[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const pick = (
  row: Row,
  key: 'wall' | 'cpu' | 'peak' | 'sourceBytes' | 'backupBytes' | 'sourceRequests' | 'backupRequests',
): number => median(row.runs.map((run) => run[key]));

/** A Markdown table; what stands behind × is the figure as a ratio to ours, which is the first row. */
export function formatTable(title: string, rows: readonly Row[], uniqueBytes: number | null): string {
  const [ours] = rows;
  const head = [
    '',
    'wall s [min-max]',
    '×',
    'CPU s',
    '×',
    'peak MiB',
    '×',
    'source MB',
    'backup MB',
    'requests src / bak',
  ];
  const body = rows.map((row) => {
    const ratio = (key: 'wall' | 'cpu' | 'peak'): string =>
      ours ? (pick(row, key) / pick(ours, key)).toFixed(2) : '';
    const walls = row.runs.map((run) => run.wall);
    const failed = row.runs.some((run) => !run.ok) ? ' FAILED' : '';
    const unique =
      uniqueBytes === null ? '' : ` (${(pick(row, 'sourceBytes') / uniqueBytes).toFixed(2)} × unique)`;
    return [
      row.name + failed,
      `${pick(row, 'wall').toFixed(2)} [${Math.min(...walls).toFixed(2)}-${Math.max(...walls).toFixed(2)}]`,
      ratio('wall'),
      pick(row, 'cpu').toFixed(2),
      ratio('cpu'),
      pick(row, 'peak').toFixed(0),
      ratio('peak'),
      (pick(row, 'sourceBytes') / 1e6).toFixed(1) + unique,
      (pick(row, 'backupBytes') / 1e6).toFixed(1),
      `${pick(row, 'sourceRequests')} / ${pick(row, 'backupRequests')}`,
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [`### ${title}`, '', line(head), line(head.map(() => '---')), ...body.map(line), ''].join('\n');
}

/** What is to be reached, as far as the peer of it was there. */
export interface Reach {
  readonly peer: string;
  readonly key: 'wall' | 'peak' | 'sourceBytes';
  /** Ours divided by the peer's, at most. */
  readonly ratio: number;
}

export function formatReach(rows: readonly Row[], goals: readonly Reach[], extra: readonly string[]): string {
  const [ours] = rows;
  const lines = goals.flatMap(({ peer, key, ratio }) => {
    const other = rows.find((row) => row.name === peer);
    if (!ours || !other || other.runs.some((run) => !run.ok)) return [];
    const reached = pick(ours, key) / pick(other, key);
    return [
      `- ${key} ${reached.toFixed(2)} × ${peer}; at most ${ratio}: ${reached <= ratio ? 'reached' : 'NOT REACHED'}`,
    ];
  });
  return [...lines, ...extra.map((text) => `- ${text}`), ''].join('\n');
}
