import type { OptionRow } from './option-row.ts';

/** Options that say what is printed. */
export const outputOptions = [
  {
    flag: 'matrix',
    value: 'N',
    kind: 'number',
    key: null,
    group: 'output',
    help: 'print a matrix for GitHub Actions that copies in N parts, in place of the diff',
  },
  {
    flag: 'output',
    short: 'o',
    value: 'FORMAT',
    kind: 'choice',
    key: null,
    group: 'output',
    help: 'what stdout holds (default: text)',
  },
  {
    flag: 'quiet',
    short: 'q',
    kind: 'switch',
    key: null,
    group: 'output',
    help: 'no progress and no summary',
  },
  {
    flag: 'verbose',
    kind: 'switch',
    key: null,
    group: 'output',
    help: 'more detail, and the cause of errors',
  },
  { flag: 'no-color', kind: 'switch', key: null, group: 'output', help: 'no colours; so does NO_COLOR' },
] as const satisfies readonly OptionRow[];
