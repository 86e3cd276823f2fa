import { formatBytes, formatCount } from './amounts.ts';
import { formatDiff, paintDiff } from './diff.ts';
import type { Paint, Tone } from './paint.ts';
import { printable } from './printable.ts';
import type { CopyFinding, ImageFinding, Report } from './types.ts';

/** How the answer of a command is shown. */
export interface ResultStyle {
  readonly paint: Paint;
  /** True where the text goes to a terminal, and what others wrote must be made harmless. */
  readonly terminal: boolean;
  /** Nothing was written: show what would change as a diff. */
  readonly dryRun: boolean;
}

/** The command's answer, for stdout: places, copies, changed lines or a diff. Every line ends with a line end. */
export function renderResult(report: Report, style: ResultStyle): string {
  const { paint } = style;
  switch (report.command) {
    case 'scan':
    case 'check':
      return joinLines(report.images.map((image) => formatImage(image, paint)));
    case 'copy':
      return joinLines(report.copies.map((copy) => formatCopy(copy, paint)));
    case 'plan':
      return renderDiff(report, style);
    case 'rewrite':
    case 'restore':
    case 'pr':
      if (style.dryRun) return renderDiff(report, style);
      return joinLines(
        report.edits.map(
          (edit) =>
            `${paint('strong', `${printable(edit.file)}:${edit.line}`)}  ${printable(edit.after.trim())}`,
        ),
      );
  }
}

function renderDiff(report: Report, style: ResultStyle): string {
  return style.terminal ? paintDiff(report.changes, style.paint) : formatDiff(report.changes);
}

function formatImage(image: ImageFinding, paint: Paint): string {
  const { use } = image;
  const place = `${printable(use.file)}:${use.line}:${use.column}`;
  const state = image.explanation ? `${image.state}: ${printable(image.explanation)}` : image.state;
  return `${place}  ${paint('strong', printable(use.written) || '""')}  ${paint(stateTones[image.state], state)}`;
}

const stateTones: Readonly<Record<ImageFinding['state'], Tone>> = {
  candidate: 'warning',
  backup: 'good',
  excluded: 'dim',
  unusable: 'dim',
};

const copyTones: Readonly<Record<CopyFinding['status'], Tone>> = {
  copied: 'good',
  present: 'good',
  planned: 'strong',
  private: 'warning',
  failed: 'bad',
};

/** One line for one image: status, names, and the proof or the reason. */
export function formatCopy(copy: CopyFinding, paint: Paint): string {
  const status = paint(copyTones[copy.status], copy.status.padEnd(7));
  const names = `${printable(copy.source)} -> ${printable(copy.backup)}`;
  if (copy.error) return `${status}  ${names}  ${printable(copy.error.message)}`;
  const size = copy.bytes > 0 ? formatBytes(copy.bytes) : '';
  const facts = [copy.digest ?? '', formatCount(copy.platforms.length, 'platform'), size];
  return `${status}  ${names}  ${facts.filter((fact) => fact !== '' && fact !== '0 platforms').join('  ')}`;
}

/** What to know of the answer, for stderr: failures, what was left alone and why, notes, and a summary. */
export function renderRemarks(report: Report, paint: Paint, dryRun: boolean): string {
  const listed = report.command === 'scan' || report.command === 'check';
  const lines: string[] = [];
  if (report.command === 'plan' || (dryRun && report.command === 'rewrite'))
    lines.push(...report.copies.map((copy) => formatCopy(copy, paint)));
  else if (report.command !== 'copy')
    lines.push(...report.copies.filter((copy) => copy.error !== null).map((copy) => formatCopy(copy, paint)));
  if (!listed)
    lines.push(
      ...report.images
        .filter((image) => image.state === 'unusable')
        .map((image) => formatImage(image, paint)),
    );
  for (const copy of report.copies) {
    lines.push(...copy.warnings.map((warning) => `${printable(copy.source)}: ${printable(warning)}`));
    if (copy.moved)
      lines.push(
        `${printable(copy.source)}: the tag names ${copy.moved} upstream by now; the backup keeps ${copy.digest}`,
      );
  }
  for (const { file, line, message } of report.skipped)
    lines.push(
      `${printable(file)}${line > 0 ? `:${line}` : ''}  ${paint('warning', `not read: ${printable(message)}`)}`,
    );
  lines.push(...report.notes.map((note) => `${paint('strong', 'note:')} ${printable(note)}`));
  lines.push(summarize(report, dryRun));
  return joinLines(lines);
}

/** One sentence that says what happened. */
export function summarize(report: Report, dryRun = false): string {
  const count = (state: ImageFinding['state']) =>
    report.images.filter((image) => image.state === state).length;
  const copied = (status: CopyFinding['status']) =>
    report.copies.filter((copy) => copy.status === status).length;
  const found = `${formatCount(report.files, 'file')} read, ${formatCount(report.images.length, 'image reference')}`;
  const states = [
    [count('candidate'), report.command === 'check' ? 'not backed up' : 'to back up'],
    [count('backup'), 'on the backup'],
    [count('excluded'), 'excluded'],
    [count('unusable'), 'left alone'],
  ] as const;
  const split = states.flatMap(([n, what]) => (n > 0 ? [`${n} ${what}`] : []));
  const parts = [split.length > 0 ? `${found}: ${split.join(', ')}` : found];
  const outcomes = (['copied', 'present', 'planned', 'private', 'failed'] as const).flatMap((status) =>
    copied(status) > 0 ? [`${copied(status)} ${outcomeWords[status]}`] : [],
  );
  if (outcomes.length > 0) parts.push(`images ${outcomes.join(', ')}`);
  if (report.command === 'rewrite' || report.command === 'restore') {
    const files = formatCount(report.changes.length, 'file');
    const edits = formatCount(report.edits.length, 'line');
    if (report.changes.length === 0) parts.push('nothing to change');
    else parts.push(`${edits} in ${files} ${dryRun ? 'would change' : 'changed'}`);
  }
  if (report.skipped.length > 0) parts.push(`${report.skipped.length} not read`);
  return parts.join('; ');
}

const outcomeWords: Readonly<Record<CopyFinding['status'], string>> = {
  copied: 'copied',
  present: 'already there',
  planned: 'to copy',
  private: 'not publicly pullable',
  failed: 'failed',
};

function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
