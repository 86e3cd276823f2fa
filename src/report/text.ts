import { formatBytes, formatCount } from './amounts.ts';
import { countBackups, formatBackup, formatPruning } from './backups.ts';
import { formatDiff, paintDiff } from './diff.ts';
import type { Paint, Tone } from './paint.ts';
import { printable } from './printable.ts';
import type { CopyFinding, ImageFinding, ProposalFinding, Report } from './types.ts';

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
    case 'verify':
      return joinLines(report.backups.flatMap((backup) => formatBackup(backup, paint)));
    case 'prune':
      // What went long ago is recorded in the history for ever; it is counted, and JSON has it.
      return joinLines(
        report.prunings
          .filter(({ status, reason }) => status !== 'absent' && (status !== 'kept' || reason === 'needed'))
          .map((pruning) => formatPruning(pruning, paint)),
      );
    case 'plan':
      if (report.shards.length > 0) return `${JSON.stringify({ shard: report.shards })}\n`;
      return renderDiff(report, style);
    case 'pr':
      return joinLines(report.proposals.map((proposal) => formatProposal(proposal, style)));
    case 'rewrite':
    case 'restore':
      if (style.dryRun) return renderDiff(report, style);
      return joinLines(
        report.edits.map(
          (edit) =>
            `${paint('strong', `${printable(edit.file)}:${edit.line}`)}  ${printable(edit.after.trim())}`,
        ),
      );
  }
}

/** One line for one pull request: what became of it, and where it is. */
export function formatProposal(
  proposal: ProposalFinding,
  { paint, dryRun }: Pick<ResultStyle, 'paint' | 'dryRun'>,
): string {
  const { operation, number, url, branch, explanation } = proposal;
  const name = number === null ? '' : ` #${number}`;
  const word = (dryRun ? plannedWords[operation] : undefined) ?? proposalWords[operation];
  const what = paint(proposalTones[operation], word + name);
  const details = [url, explanation].filter((text) => text !== null).map(printable);
  return [what, printable(branch), ...details].join('  ');
}

const proposalTones: Readonly<Record<ProposalFinding['operation'], Tone>> = {
  created: 'good',
  updated: 'good',
  unchanged: 'dim',
  closed: 'dim',
  none: 'dim',
  held: 'warning',
  pushed: 'warning',
};

const proposalWords: Readonly<Record<ProposalFinding['operation'], string>> = {
  created: 'opened',
  updated: 'updated',
  unchanged: 'unchanged',
  closed: 'closed',
  none: 'nothing to propose',
  held: 'left alone',
  pushed: 'branch pushed',
};

/** Where they are others, as nothing was written. */
const plannedWords: Readonly<Partial<Record<ProposalFinding['operation'], string>>> = {
  created: 'would be opened',
  updated: 'would be updated',
  closed: 'would be closed',
  pushed: 'branch would be pushed',
};

function renderDiff(report: Report, style: ResultStyle): string {
  return style.terminal ? paintDiff(report.changes, style.paint) : formatDiff(report.changes);
}

function formatImage(image: ImageFinding, paint: Paint): string {
  const { use } = image;
  // Live objects and names from the command line have no line.
  const place = printable(use.file) + (use.line > 0 ? `:${use.line}:${use.column}` : '');
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
  unknown: 'warning',
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
    const say = (text: string): string => `${printable(copy.source)}: ${printable(text)}`;
    lines.push(...copy.problems.map((problem) => paint('bad', say(problem))), ...copy.warnings.map(say));
    if (copy.moved && copy.moved !== copy.digest)
      lines.push(
        `${printable(copy.source)}: the tag names ${copy.moved} upstream by now; the backup keeps ${copy.digest}`,
      );
  }
  lines.push(...formatSkipped(report, paint));
  for (const { branch, warnings } of report.proposals)
    lines.push(...warnings.map((warning) => `${printable(branch)}: ${printable(warning)}`));
  lines.push(...report.notes.map((note) => `${paint('strong', 'note:')} ${printable(note)}`));
  lines.push(summarize(report, dryRun));
  return joinLines(lines);
}

/** One line each; where many have one reason, one line for all of them, as JSON has the list. */
function formatSkipped({ skipped }: Report, paint: Paint): string[] {
  const reasons = [...new Set(skipped.map(({ message }) => message))];
  return reasons.flatMap((message) => {
    const entries = skipped.filter((entry) => entry.message === message);
    const verb = entries[0]?.reason === 'not-edited' ? 'not edited' : 'not read';
    const reason = paint('warning', `${verb}: ${printable(message)}`);
    const places = entries.map(({ file, line }) => `${printable(file)}${line > 0 ? `:${line}` : ''}`);
    if (places.length <= 3) return places.map((place) => `${place}  ${reason}`);
    return [`${places[0]} and ${places.length - 1} more  ${reason}`];
  });
}

/** One sentence that says what happened. */
export function summarize(report: Report, dryRun = false): string {
  if (report.command === 'prune') return countBackups(report).join('; ');
  if (report.shards.length > 0) return `${formatCount(report.shards.length, 'part')} with work`;
  const references = formatCount(report.images.length, 'image reference');
  // Images that were named on the command line come from no file.
  const isNamed = report.files === 0 && report.images.length > 0;
  const read = formatCount(report.files, report.live === true ? 'object' : 'file');
  const found = isNamed ? references : `${read} read, ${references}`;
  const states = countStates(report);
  const parts = [
    states.length > 0 ? `${found}: ${states.join(', ')}` : found,
    ...countOutcomes(report),
    ...countBackups(report),
  ];
  if (report.command === 'rewrite' || report.command === 'restore' || report.command === 'plan')
    parts.push(describeChanges(report, dryRun));
  parts.push(...countSkipped(report));
  return parts.join('; ');
}

/** Files, however many of their documents or lines are named. */
function countSkipped({ skipped }: Report): string[] {
  const count = (left: boolean): number =>
    new Set(skipped.filter(({ reason }) => (reason === 'not-edited') === left).map(({ file }) => file)).size;
  return [
    ...(count(true) > 0 ? [`${formatCount(count(true), 'file')} not edited`] : []),
    ...(count(false) > 0 ? [`${formatCount(count(false), 'file')} not or not wholly read`] : []),
  ];
}

function countStates({ command, images }: Report): string[] {
  const words = [
    ['candidate', command === 'check' ? 'not backed up' : 'to back up'],
    ['backup', 'on the backup'],
    ['excluded', 'excluded'],
    ['unusable', 'left alone'],
  ] as const;
  return words.flatMap(([state, word]) => {
    const count = images.filter((image) => image.state === state).length;
    return count > 0 ? [`${count} ${word}`] : [];
  });
}

function countOutcomes({ copies }: Report): string[] {
  const counts = (Object.keys(outcomeWords) as CopyFinding['status'][]).flatMap((status) => {
    const count = copies.filter((copy) => copy.status === status).length;
    return count > 0 ? [`${count} ${outcomeWords[status]}`] : [];
  });
  return counts.length > 0 ? [`${formatCount(copies.length, 'image')}: ${counts.join(', ')}`] : [];
}

function describeChanges({ changes, edits, copies, skipped }: Report, dryRun: boolean): string {
  if (changes.length === 0)
    return copies.every(({ status }) => status === 'present') &&
      !skipped.some(({ reason }) => reason === 'not-edited')
      ? 'nothing to do'
      : 'no manifest changed';
  const lines = `${formatCount(edits.length, 'line')} in ${formatCount(changes.length, 'file')}`;
  return `${lines} ${dryRun ? 'would change' : 'changed'}`;
}

const outcomeWords: Readonly<Record<CopyFinding['status'], string>> = {
  copied: 'copied',
  present: 'already there',
  planned: 'to copy',
  private: 'not publicly pullable',
  unknown: 'not known',
  failed: 'failed',
};

function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
