export { formatBytes, formatCount } from './amounts.ts';
export { defuse } from './defuse.ts';
export { formatDiff, paintDiff } from './diff.ts';
export { formatJson, renderJson } from './json.ts';
export { escapeText, formatCode, renderMarkdown } from './markdown.ts';
export * from './page/index.ts';
export { type Paint, type Tone, unpainted } from './paint.ts';
export { prefixPaths } from './prefix.ts';
export { printable } from './printable.ts';
export {
  findMissing,
  findProblems,
  isUnbacked,
  isUnknown,
  type Problem,
  type ProblemRule,
} from './problems.ts';
export { renderPullRequest } from './pull-request.ts';
export type { PullRequestFacts } from './pull-request-facts.ts';
export { renderReviewComment } from './review.ts';
export { renderSarif } from './sarif.ts';
export { renderSuggestions, type SuggestedLines, type SuggestionOptions } from './suggestions.ts';
export { renderSummary, type SummaryOptions } from './summary.ts';
export {
  formatCopy,
  formatProposal,
  type ResultStyle,
  renderRemarks,
  renderResult,
  summarize,
} from './text.ts';
export type * from './types.ts';
export { formatAnnotations, renderWorkflowCommands } from './workflow-commands.ts';
