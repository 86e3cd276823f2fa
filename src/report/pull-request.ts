import { formatBytes, formatCount } from './amounts.ts';
import { escapeText, formatCode } from './markdown.ts';
import { printable } from './printable.ts';
import { formatRegistryAliases } from './registry-aliases.ts';
import type { CopyFinding, ImageFinding, Report } from './types.ts';

/** GitHub takes 65,536 characters; what is added later (a hidden note, a person's checkbox) has room below that. */
const bodyLimit = 57_500;
const fileLimit = 4;

export interface PullRequestFacts {
  /** `changes` holds the files of this request alone; `images` and `copies` may hold more. */
  readonly report: Report;
  /** Name of the secret that Pods need to pull from the backup; null when they need none. */
  readonly pullSecret: string | null;
  /** Bytes of each source image, by canonical name, where they are known to be the same in every run. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** The title and the evidence. Deterministic; rows are dropped when there are too many, never cut. */
export function renderPullRequest(facts: PullRequestFacts): {
  readonly title: string;
  readonly body: string;
} {
  const { report } = facts;
  const moved = findMoved(report);
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
  const opening = `Every image below was copied to the backup registry and read back there by digest before this was proposed. Only ${formatCount(report.changes.length, 'file')} and only image references${facts.pullSecret === null ? '' : ' and pull secrets'} change.`;
  const closing = [
    ...formatPullSecret(facts, moved),
    ...formatCluster(moved),
    ...formatMovedOn(moved),
    ...formatAliases(moved),
    ...formatNotes(report),
  ];
  const body = [
    opening,
    '',
    ...fit(tables, bodyLimit - opening.length - closing.join('\n').length),
    ...closing,
  ];
  return { title: formatTitle(moved), body: `${body.join('\n').trimEnd()}\n` };
}

/** Why a reference is left alone that only looks as if it could be edited here. */
const writtenBack = new Set(['overlay', 'flux-setter', 'image-updater']);

const leftHead = ['| Where | Image | Why |', '|---|---|---|'];

interface Moved {
  readonly copy: CopyFinding;
  readonly files: readonly string[];
}

function findMoved(report: Report): Moved[] {
  const changed = new Set(report.changes.map(({ path }) => path));
  const filesOf = new Map<string, Set<string>>();
  for (const { canonical, state, editable, use } of report.images) {
    if (canonical === null || state !== 'candidate' || !editable || !changed.has(use.file)) continue;
    filesOf.set(canonical, (filesOf.get(canonical) ?? new Set()).add(use.file));
  }
  return report.copies
    .flatMap((copy) => {
      const files = filesOf.get(copy.source);
      return files && copy.digest !== null && copy.error === null
        ? [{ copy, files: [...files].toSorted() }]
        : [];
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

function formatTitle(moved: readonly Moved[]): string {
  const [only] = moved;
  if (only === undefined) return 'Keep the references to backup images in order';
  if (moved.length > 1) return `Use the backups of ${moved.length} images`;
  const name = printable(only.copy.source);
  return name.length > 150 ? 'Use the backup of 1 image' : `Use the backup of ${name}`;
}

function formatPullSecret({ pullSecret, report }: PullRequestFacts, moved: readonly Moved[]): string[] {
  if (pullSecret === null) return [];
  const sources = new Set(moved.map(({ copy }) => copy.source));
  const namespaces = report.images
    .filter(({ canonical }) => canonical !== null && sources.has(canonical))
    .map(({ use }) => use.workload.namespace ?? 'the namespace that it is deployed to');
  const unique = [...new Set(namespaces)].toSorted();
  const shown = unique.slice(0, 30).map(formatCode);
  const more = unique.length > 30 ? ` and ${unique.length - 30} more` : '';
  return [
    '### Pull secret',
    '',
    `The secret ${formatCode(pullSecret)} must be there before this is merged, in: ${shown.join(', ')}${more}.`,
    '',
  ];
}

function formatCluster(moved: readonly Moved[]): string[] {
  if (moved.length === 0) return [];
  const latest = moved.filter(({ copy }) => /:latest$|^[^@]*\/[^:@]*$/.test(copy.source));
  const shown = latest.slice(0, 20).map(({ copy }) => formatCode(copy.source));
  const more = latest.length > 20 ? ` and ${latest.length - 20} more` : '';
  return [
    '### What changes for the cluster',
    '',
    '- Pods whose template changes are started anew once this is deployed.',
    ...(latest.length === 0
      ? []
      : [
          `- A digest turns the default pull policy of \`:latest\` from Always to IfNotPresent, and a new upstream image no longer arrives by a restart: ${shown.join(', ')}${more}.`,
        ]),
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
