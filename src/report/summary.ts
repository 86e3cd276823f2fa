import { formatBytes, formatCount } from './amounts.ts';
import { formatDiff } from './diff.ts';
import { escapeText, formatCode } from './markdown.ts';
import { printable } from './printable.ts';
import { findProblems, type Problem } from './problems.ts';
import { summarize } from './text.ts';
import type { CopyFinding, FileChange, ProposalFinding, Report } from './types.ts';

export interface SummaryOptions {
  /** Bytes; GitHub drops the whole summary of a step above 1 MiB, and makes an error of it. */
  readonly limit: number;
  readonly dryRun: boolean;
  /** Of a check: what it found, weighed; as the report has it when absent. */
  readonly problems?: readonly Problem[];
}

/** A job's summary in Markdown: what was decided, the table of images, and the diff. Rows and files are dropped, never cut. */
export function renderSummary(report: Report, { limit, dryRun, problems }: SummaryOptions): string {
  const page = new Page(limit);
  page.add(`## holdfast\n\n${escapeText(summarize(report, dryRun))}.\n\n`);
  page.add(report.proposals.map((proposal) => formatProposal(proposal, dryRun)).join(''));
  page.add(listOf(report.notes.map(escapeText)));
  if (report.command === 'check') addProblems(page, problems ?? findProblems(report));
  addCopies(page, report);
  addLeft(page, report);
  addDiff(page, report.changes, report.command === 'check');
  return page.text;
}

/** Text that never grows above its limit; a table that does not fit ends with the count of what is missing. */
class Page {
  text = '';
  #room: number;

  constructor(limit: number) {
    // What is kept back is for the counts of what was dropped, which are always said.
    this.#room = limit - 2000;
  }

  add(part: string): boolean {
    const bytes = Buffer.byteLength(part);
    if (bytes > this.#room) return false;
    this.#room -= bytes;
    this.text += part;
    return true;
  }

  /** `share`: what of the room that is left the rows may take. */
  addTable(title: string, head: string, rows: readonly string[], share: number): void {
    if (rows.length === 0) return;
    const floor = this.#room * (1 - share);
    if (!this.add(`${title}\n\n${head}`)) return;
    const end = rows.findIndex((row) => this.#room < floor || !this.add(row));
    const dropped = end === -1 ? 0 : rows.length - end;
    this.text +=
      dropped === 0 ? '\n' : `\nand ${formatCount(dropped, 'more row')}: report.json has them all.\n\n`;
  }
}

function formatProposal(proposal: ProposalFinding, dryRun: boolean): string {
  const { operation, number, url, branch, explanation } = proposal;
  const name = number === null ? formatCode(branch) : `#${number}`;
  const linked = url === null ? name : `[${number === null ? 'open it' : name}](${encodeURI(url)})`;
  const why = explanation === null ? '' : ` ${escapeText(explanation)}`;
  const would = dryRun && ['created', 'updated', 'closed', 'pushed'].includes(operation) ? 'would be ' : '';
  const what = operation === 'none' ? 'nothing to propose' : `${would}${operation}`;
  return `**Pull request** ${linked}: ${what}.${why}\n\n`;
}

function listOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.map((line) => `- ${line}\n`).join('')}\n`;
}

function addProblems(page: Page, problems: readonly Problem[]): void {
  const rows = problems.map(
    ({ file, line, subject, message, level }) =>
      `| ${formatCode(`${file}:${line}`)} | ${formatCode(subject)} | ${level} | ${escapeText(message)} |\n`,
  );
  page.addTable('### Found', '| Where | Image | Level | What |\n|---|---|---|---|\n', rows, 0.5);
}

function addCopies(page: Page, { command, copies }: Report): void {
  const words = (status: CopyFinding['status']): string =>
    // A check plans nothing.
    command === 'check' && status === 'planned' ? 'not copied' : status;
  const rows = copies.map((copy) => {
    const size = copy.bytes === 0 ? '' : `, ${formatBytes(copy.bytes)}`;
    const proof = copy.error
      ? escapeText(copy.error.message)
      : copy.digest === null
        ? ''
        : formatCode(copy.digest);
    return `| ${formatCode(copy.source)} | ${formatCode(copy.backup)} | ${words(copy.status)}${size} | ${proof} |\n`;
  });
  page.addTable('### Images', '| Image | Backup | Status | Digest |\n|---|---|---|---|\n', rows, 0.5);
}

function addLeft(page: Page, report: Report): void {
  const left = report.images.flatMap(({ use, state, explanation }) =>
    state === 'unusable' ? [[`${use.file}:${use.line}`, use.written, explanation ?? ''] as const] : [],
  );
  // A check has these among what it found.
  const unread = report.command === 'check' ? [] : report.skipped;
  const rows = [...left, ...unread.map(({ file, message }) => [file, '', message] as const)].map(
    ([where, image, why]) =>
      `| ${formatCode(where)} | ${image === '' ? '–' : formatCode(image)} | ${escapeText(why)} |\n`,
  );
  page.addTable('### Left alone', '| Where | Image | Why |\n|---|---|---|\n', rows, 0.5);
}

/** File by file, each in a fence that no line of it can end. */
function addDiff(page: Page, changes: readonly FileChange[], proposed: boolean): void {
  if (changes.length === 0) return;
  page.add(proposed ? '### What `holdfast rewrite` would change\n\n' : '### Changes\n\n');
  const dropped = changes.filter((change) => {
    const diff = formatDiff([change]).split(/\r?\n/).map(printable).join('\n');
    const longest = Math.max(2, ...[...diff.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
    const fence = '`'.repeat(longest + 1);
    return !page.add(`${fence}diff\n${diff.trimEnd()}\n${fence}\n\n`);
  });
  if (dropped.length > 0) page.text += `and ${formatCount(dropped.length, 'more file')}.\n`;
}
