import type { CopyFinding, ImageFinding, Report } from './types.ts';

/** The JSON document of the contract: one object, two-space indentation, a line end. */
export function renderJson(report: Report): string {
  return formatJson(toJson(report));
}

/** Two-space indentation and a line end, and nothing that a runner of GitHub would obey in the log of a job. */
export function formatJson(value: object): string {
  return `${JSON.stringify(value, null, 2).replaceAll('##[', '##\\u005b')}\n`;
}

function toJson(report: Report): object {
  const images = report.images.map(imageToJson);
  const skipped = report.skipped.map(({ file, line, reason, message }) => ({ file, line, reason, message }));
  if (report.command === 'scan') return { images, skipped };
  if (report.shards.length > 0) return { shard: report.shards };
  if (report.command === 'prune') return { prunings: report.prunings, notes: report.notes };
  return {
    images,
    copies: report.copies.map(copyToJson),
    edits: report.edits.map(({ file, line, before, after }) => ({ file, line, before, after })),
    skipped,
    notes: report.notes,
    ...(report.command === 'verify' ? { backups: report.backups } : {}),
    ...(report.command === 'pr' ? { proposals: report.proposals } : {}),
  };
}

function imageToJson({ use, canonical, state, reason, editable }: ImageFinding): object {
  return {
    image: use.written,
    canonical,
    state,
    reason,
    layer: use.layer,
    file: use.file,
    line: use.line,
    column: use.column,
    field: use.field,
    kind: use.workload.kind,
    name: use.workload.name,
    namespace: use.workload.namespace,
    editable,
  };
}

function copyToJson(copy: CopyFinding): object {
  const { source, backup, digest, status, platforms, bytes, blobs, error, problems, warnings } = copy;
  return { source, backup, digest, status, platforms, bytes, blobs, error, problems, warnings };
}
