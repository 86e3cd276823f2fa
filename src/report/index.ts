export { formatBytes, formatCount } from './amounts.ts';
export { formatDiff, paintDiff } from './diff.ts';
export { renderJson } from './json.ts';
export { type Paint, type Tone, unpainted } from './paint.ts';
export { printable } from './printable.ts';
export { formatCopy, type RenderedText, renderText, summarize, type TextStyle } from './text.ts';
export type * from './types.ts';
