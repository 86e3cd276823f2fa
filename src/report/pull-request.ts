import { formatBytes, formatCount } from './amounts.ts';
import { escapeText, formatCode } from './markdown.ts';
import { printable } from './printable.ts';
import { formatCluster, formatPullSecret } from './pull-request-effects.ts';
import type { Moved, PullRequestFacts } from './pull-request-facts.ts';
import { formatRegistryAliases } from './registry-aliases.ts';
import type { ImageFinding, Report } from './types.ts';

/** GitHub takes 65,536 characters; what is added later (a hidden note, a person's checkbox) has room below that. */
const bodyLimit = 57_000;
/** What the sections below the tables may take of it. */
const closingLimit = 40_000;
const fileLimit = 4;

/** The title and the evidence. Deterministic; rows are dropped when there are too many, never cut. */
export function renderPullRequest(facts: PullRequestFacts): {
  readonly title: string;
  readonly body: string;
} {
  const { report } = facts;
  const moved = findMoved(facts);
  const left = findLeft(report);
  const written = left.filter(({ code }) => code !== null && writtenBack.has(code));
  const others = left.filter((row) => !written.includes(row));
  const tables: Table[] = [
    {
      head: ['| Image | Backup | Digest | Platforms | Size | Files |', '|---|---|---|---|---|---|'],
      rows: moved.map((row) => formatMoved(row, facts.sizes)),
      more: (count) => `and ${formatCount(count, 'more image')}: the diff has them all.`,
    },
    {
      title: '### Decided elsewhere',
      note: 'Something else decides or writes back these references, so they are left alone until that place is edited too.',
      head: leftHead,
      rows: written.map(formatLeft),
      more: (count) => `and ${formatCount(count, 'more reference')}.`,
    },
    {
      title: '### Left alone',
      head: leftHead,
      rows: others.map(formatLeft),
      more: (count) => `and ${formatCount(count, 'more reference')}.`,
    },
  ];
  const kinds = `image references${facts.pullSecret === null ? '' : ' and pull secrets'}`;
  const opening = `Every image below was copied to the backup registry and read back there by digest before this was proposed. Only ${kinds} change, in ${formatCount(report.changes.length, 'manifest')}; ${formatCode(facts.lockFile)} records which source each backup is of.`;
  const closing = fitSections(
    [
      formatWaiting(facts),
      formatPullSecret(facts),
      formatCluster(facts, moved),
      formatMovedOn(moved),
      formatNotes(report),
      formatAliases(moved),
    ],
    closingLimit,
  );
  const body = [
    opening,
    '',
    ...fit(tables, bodyLimit - opening.length - closing.join('\n').length),
    ...closing,
  ];
  return { title: formatTitle(moved, facts.group), body: `${body.join('\n').trimEnd()}\n` };
}

/** Why a reference is left alone that only looks as if it could be edited here. */
const writtenBack = new Set(['overlay', 'tested', 'flux-setter', 'image-updater']);

const leftHead = ['| Where | Image | Why |', '|---|---|---|'];

function findMoved({ report, moves }: PullRequestFacts): Moved[] {
  const filesOf = new Map<string, Set<string>>();
  for (const { source, use } of moves) filesOf.set(source, (filesOf.get(source) ?? new Set()).add(use.file));
  return report.copies
    .flatMap((copy) => {
      const files = filesOf.get(copy.source);
      return files ? [{ copy, files: [...files].toSorted() }] : [];
    })
    .toSorted((a, b) => (a.copy.source < b.copy.source ? -1 : 1));
}

interface Left {
  readonly code: string | null;
  readonly where: string;
  readonly image: string;
  readonly why: string;
}

/** What the configuration excludes is not news; all else that is left alone is. */
function findLeft(report: Report): Left[] {
  const failed = new Map(
    report.copies.flatMap((copy) => (copy.error ? [[copy.source, copy.error.message]] : [])),
  );
  const left = report.images.flatMap((image): Left[] => {
    const why = findWhy(image, failed);
    const where = `${image.use.file}:${image.use.line}`;
    return why === null
      ? []
      : [{ code: image.use.hold ?? image.reason, where, image: image.use.written, why }];
  });
  const unread = report.skipped.map(
    ({ file, line, message }): Left => ({
      code: null,
      where: line > 0 ? `${file}:${line}` : file,
      image: '',
      why: message,
    }),
  );
  return [...left, ...unread];
}

function findWhy(image: ImageFinding, failed: ReadonlyMap<string, string>): string | null {
  if (image.state === 'unusable') return image.explanation ?? image.reason;
  if (image.state !== 'candidate') return null;
  if (!image.editable) return image.explanation ?? 'cannot be edited here';
  return failed.get(image.canonical ?? '') ?? null;
}

function formatMoved({ copy, files }: Moved, sizes: ReadonlyMap<string, number>): string {
  const size = sizes.get(copy.source);
  const more = files.length - fileLimit;
  const cells = [
    formatCode(copy.source),
    formatCode(copy.backup),
    formatCode(copy.digest ?? ''),
    copy.platforms.length === 0 ? '–' : copy.platforms.map(escapeText).join(', '),
    size === undefined ? '–' : formatBytes(size),
    [...files.slice(0, fileLimit).map(formatCode), ...(more > 0 ? [`and ${more} more`] : [])].join('<br>'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function formatLeft({ where, image, why }: Left): string {
  return `| ${formatCode(where)} | ${image === '' ? '–' : formatCode(image)} | ${escapeText(why)} |`;
}

interface Table {
  readonly title?: string;
  readonly note?: string;
  readonly head: readonly string[];
  readonly rows: readonly string[];
  readonly more: (count: number) => string;
}

/** Tables one after the other; the first may take two thirds of what is there, so that the others are not lost. */
function fit(tables: readonly Table[], budget: number): string[] {
  const lines: string[] = [];
  let rest = budget;
  for (const [index, table] of tables.entries()) {
    if (table.rows.length === 0) continue;
    const top = [
      ...(table.title ? [table.title, ''] : []),
      ...(table.note ? [table.note, ''] : []),
      ...table.head,
    ];
    const share = index === tables.length - 1 ? rest : Math.floor((rest * 2) / 3);
    let used = top.join('\n').length + 100;
    const shown: string[] = [];
    for (const row of table.rows) {
      if (used + row.length + 1 > share) break;
      shown.push(row);
      used += row.length + 1;
    }
    const dropped = table.rows.length - shown.length;
    lines.push(...top, ...shown, '', ...(dropped > 0 ? [table.more(dropped), ''] : []));
    rest -= used;
  }
  return lines;
}

/** Whole sections, those that matter most first: one that does not fit is left out. */
function fitSections(sections: readonly (readonly string[])[], budget: number): string[] {
  let rest = budget;
  return sections.flatMap((section) => {
    const { length } = section.join('\n');
    if (length + 1 > rest) return [];
    rest -= length + 1;
    return section;
  });
}

function formatTitle(moved: readonly Moved[], group: string | null): string {
  // The title is the commit's subject, too, where `#1` and `@jane` mean something.
  const isPlain = group !== null && /^[\w.-]{1,60}$/.test(group);
  const where = isPlain ? ` in ${group === '.' ? 'the root folder' : group}` : '';
  const [only] = moved;
  if (only === undefined) return `Keep the references to backup images in order${where}`;
  if (moved.length > 1) return `Use the backups of ${moved.length} images${where}`;
  const name = printable(only.copy.source);
  return `Use the backup of ${name.length > 150 ? '1 image' : name}${where}`;
}

function formatWaiting({ waiting: { images, files } }: PullRequestFacts): string[] {
  if (images + files === 0) return [];
  const what = [
    ...(images > 0 ? [formatCount(images, 'more image')] : []),
    ...(files > 0 ? [formatCount(files, 'more manifest')] : []),
  ];
  return [
    '### Waiting for the next request',
    '',
    `There is a limit to how much goes into one request: ${what.join(' and ')} will be proposed once this one is merged.`,
    '',
  ];
}

/** Tags that name something else upstream by now, so that nobody takes the pinned digest for the newest. */
function formatMovedOn(moved: readonly Moved[]): string[] {
  const on = moved.filter(({ copy }) => copy.moved !== null && copy.moved !== copy.digest);
  if (on.length === 0) return [];
  const shown = on
    .slice(0, 20)
    .map(
      ({ copy }) =>
        `- ${formatCode(copy.source)} names ${formatCode(copy.moved ?? '')} by now; ${formatCode(copy.digest ?? '')} is kept.`,
    );
  const more = on.length > 20 ? [`- and ${on.length - 20} more`] : [];
  return ['### Tags that moved on upstream', '', ...shown, ...more, ''];
}

function formatAliases(moved: readonly Moved[]): string[] {
  const aliases = formatRegistryAliases(moved.map(({ copy }) => copy));
  if (aliases === null) return [];
  return [
    '<details><summary>Keep Renovate looking at upstream</summary>',
    '',
    '```json',
    aliases,
    '```',
    '',
    '</details>',
    '',
  ];
}

function formatNotes(report: Report): string[] {
  if (report.notes.length === 0) return [];
  const shown = report.notes.slice(0, 20).map((note) => `- ${escapeText(note.slice(0, 500))}`);
  const more = report.notes.length - shown.length;
  return ['### Notes', '', ...shown, ...(more > 0 ? [`- and ${more} more`] : []), ''];
}
