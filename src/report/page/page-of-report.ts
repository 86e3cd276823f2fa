import { familiarName, parseImageReference } from '../../reference/index.ts';
import type { CopyFinding, ImageFinding, Report } from '../types.ts';
import type { PageImage, PageModel, PageStatus } from './types.ts';

/** The page of one run: the images of a report, each with all the places that name it. */
export function pageOfReport(report: Report, backup: string | null): PageModel {
  const copies = new Map(report.copies.map((copy) => [copy.source, copy]));
  const backups = new Map(report.copies.map((copy) => [copy.backup, copy]));
  const groups = new Map<string, ImageFinding[]>();
  for (const finding of report.images) {
    const key = `${finding.state} ${finding.canonical ?? finding.use.written} ${finding.reason ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  const images = [...groups.values()].flatMap((findings): PageImage[] => {
    const [first] = findings;
    if (first === undefined) return [];
    const name = first.canonical ?? first.use.written;
    return [toImage(findings, first, copies.get(name) ?? backups.get(name) ?? null)];
  });
  return {
    subject: report.root,
    backup,
    daemon: null,
    notices: [
      ...report.notes,
      ...report.skipped.map(({ file, line, message }) => `${file}:${line}: ${message}`),
    ],
    images: images.toSorted((a, b) => (a.canonical < b.canonical ? -1 : 1)),
    requests: report.proposals.map(({ branch, operation, url, number, explanation }) => ({
      repository: '',
      branch,
      state: operation,
      url,
      number,
      explanation,
    })),
  };
}

function toImage(
  findings: readonly ImageFinding[],
  first: ImageFinding,
  copy: CopyFinding | null,
): PageImage {
  const { canonical, use, state, explanation } = first;
  return {
    name: nameOf(canonical ?? use.written),
    canonical: canonical ?? use.written,
    status: statusOf(state, copy),
    reason: copy?.error?.code ?? first.reason,
    why: copy?.error?.message ?? explanation ?? (state === 'backup' && copy === null ? unproven : null),
    advice: null,
    backup: {
      reference: copy?.backup ?? (state === 'backup' ? canonical : null),
      digest: copy?.digest ?? null,
      platforms: copy?.platforms ?? [],
      bytes: copy?.bytes ?? 0,
      provenAt: null,
      warnings: [...(copy?.problems ?? []), ...(copy?.warnings ?? [])],
    },
    upstream:
      copy?.moved == null ? null : { state: 'moved', digest: copy.moved, problem: null, checkedAt: null },
    places: findings.map((finding) => ({
      where: `${finding.use.file}${finding.use.line > 0 ? `:${finding.use.line}` : ''}`,
      field: finding.use.field,
      isSwitched: finding.state === 'backup',
    })),
    running: [],
    owners: [],
    requests: [],
    history: [],
  };
}

const unproven = 'It names the backup; `holdfast check` asks whether it is there.';

function statusOf(state: ImageFinding['state'], copy: CopyFinding | null): PageStatus {
  if (state === 'excluded' || state === 'unusable') return 'left-alone';
  if (copy?.status === 'failed') return 'failed';
  if (copy?.status === 'private') return 'private';
  if (copy?.status === 'copied' || copy?.status === 'present') return 'safe';
  // A scan asks nobody: that the backup is there is not known.
  return copy?.status === 'planned' || state === 'backup' ? 'waiting' : 'missing';
}

function nameOf(canonical: string): string {
  const parsed = parseImageReference(canonical);
  return parsed.ok ? familiarName(parsed.value) : canonical;
}
