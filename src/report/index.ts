export { formatBytes, formatCount } from './amounts.ts';
export { formatDiff, paintDiff } from './diff.ts';
export { renderJson } from './json.ts';
export { type Paint, type Tone, unpainted } from './paint.ts';
export { printable } from './printable.ts';
export { formatCopy, type ResultStyle, renderRemarks, renderResult, summarize } from './text.ts';
export type * from './types.ts';
