import { formatCount } from './amounts.ts';
import { printable } from './printable.ts';
import { findProblems, type Problem } from './problems.ts';
import { summarize } from './text.ts';
import type { Report } from './types.ts';

/** Rows of the table; a comment or a job summary has its limits, and nobody reads more. */
const rowLimit = 200;

/** A check as Markdown: one sentence, and a table of what was found. */
export function renderMarkdown(report: Report): string {
  const problems = findProblems(report);
  const lines = [
    problems.length === 0 ? '**holdfast**: every image is backed up.' : '**holdfast** found:',
    '',
  ];
  if (problems.length > 0) {
    lines.push(
      '| Where | Image | Problem |',
      '|---|---|---|',
      ...problems.slice(0, rowLimit).map(formatRow),
      '',
    );
    const more = problems.length - rowLimit;
    if (more > 0) lines.push(`and ${formatCount(more, 'more problem')}.`, '');
  }
  lines.push(`${escapeText(summarize(report))}.`);
  return `${lines.join('\n')}\n`;
}

function formatRow({ file, line, subject, message }: Problem): string {
  return `| ${formatCode(`${file}:${line}`)} | ${formatCode(subject)} | ${escapeText(message)} |`;
}

/**
 * Text of others as a code span that it cannot leave: no line end, no pipe that ends the cell, and a fence that is
 * longer than any in it (CommonMark § 6.1).
 */
export function formatCode(text: string): string {
  const safe = printable(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const pad = safe.startsWith('`') || safe.endsWith('`') ? ' ' : '';
  return safe === '' ? '(empty)' : `${fence}${pad}${safe}${pad}${fence}`;
}

/** Text of others as plain text: no markup, mention, reference, link or HTML comes of it. */
export function escapeText(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]#+!|<>~&]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/@(?=\w)/g, '@\u200B')
    .replace(/:\/\//g, ':&#47;&#47;')
    .replace(/\bwww\./gi, (text) => text.replace('.', '&#46;'));
}
