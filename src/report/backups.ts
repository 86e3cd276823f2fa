import { formatBytes, formatCount } from './amounts.ts';
import type { Paint, Tone } from './paint.ts';
import { printable } from './printable.ts';
import type { BackupFinding, PruneFinding, Report } from './types.ts';

const backupTones: Readonly<Record<BackupFinding['status'], Tone>> = {
  whole: 'good',
  repaired: 'good',
  broken: 'bad',
  failed: 'bad',
};

/** One line for a backup, and one below it for each part that is not as it must be. */
export function formatBackup(finding: BackupFinding, paint: Paint): readonly string[] {
  const { status, backup, manifests, blobs, bytes, damages, error } = finding;
  const size = `${formatCount(manifests, 'manifest')}, ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`;
  const facts = error === null ? (status === 'failed' ? '' : size) : printable(error.message);
  const line = `${paint(backupTones[status], status.padEnd(8))}  ${printable(backup)}  ${facts}`.trimEnd();
  if (status === 'repaired') return [line];
  return [line, ...damages.map(({ message }) => `          ${printable(message)}`)];
}

const pruneTones: Readonly<Record<PruneFinding['status'], Tone>> = {
  kept: 'dim',
  unused: 'strong',
  deleted: 'good',
  absent: 'dim',
  failed: 'bad',
};

/** One line for a copy that goes. */
export function formatPruning(finding: PruneFinding, paint: Paint): string {
  const { status, backup, sources, tags, manifests, explanation, error } = finding;
  const said = error?.message ?? explanation;
  const facts = [
    sources.join(', '),
    tags.length > 0 ? `tags ${tags.join(', ')}` : '',
    manifests > 1 ? formatCount(manifests, 'manifest') : '',
    said ?? '',
  ];
  const text = facts.filter((fact) => fact !== '').map(printable);
  return [paint(pruneTones[status], status.padEnd(7)), printable(backup), ...text].join('  ');
}

/** What a summary says of backups that were looked at, and of copies that go. */
export function countBackups({ command, backups, prunings }: Report): string[] {
  if (command === 'verify')
    return [countBy(backups, ['whole', 'repaired', 'broken', 'failed'], 'backup', { failed: 'not known' })];
  if (command !== 'prune') return [];
  const words = { kept: 'kept', absent: 'not there', failed: 'failed' };
  return [countBy(prunings, ['kept', 'unused', 'deleted', 'absent', 'failed'], 'recorded copy', words)];
}

function countBy<S extends string>(
  findings: readonly { readonly status: S }[],
  order: readonly S[],
  noun: string,
  words: Readonly<Record<string, string>>,
): string {
  const counts = order.flatMap((status) => {
    const count = findings.filter((finding) => finding.status === status).length;
    return count > 0 ? [`${count} ${words[status] ?? status}`] : [];
  });
  const total = formatCount(
    findings.length,
    noun,
    noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : undefined,
  );
  return counts.length > 0 ? `${total}: ${counts.join(', ')}` : `no ${noun}`;
}
