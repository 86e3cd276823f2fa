import type { ManifestChange, Rewritten, SourceFile } from '../types.ts';
import { type DocumentPart, splitDocuments } from '../yaml/documents.ts';
import { Lines } from '../yaml/lines.ts';
import { type Addition, planAdditions } from './rewrite-additions.ts';
import { describeSplices } from './rewrite-edits.ts';
import { type PlannedParts, planParts } from './rewrite-parts.ts';
import { planPullSecrets } from './rewrite-pull-secrets.ts';
import { readEditable } from './rewrite-read.ts';
import { type PlannedDocument, verifyRewrite } from './rewrite-verify.ts';
import { applySplices, orderSplices, type Splice } from './splice.ts';

/**
 * Makes a change of one file true with the fewest characters changed, or says why not. The result was parsed again
 * and compared: nothing but the planned places says anything else than before, and a second run has nothing to do.
 */
export function rewriteManifest(file: SourceFile, change: ManifestChange): Rewritten {
  const { text } = file;
  const lines = new Lines(text);
  const stop = (offset: number, problem: string): Rewritten => ({
    ok: false,
    line: lines.at(offset).line,
    problem,
  });

  const parts = planParts(text, change);
  if ('problem' in parts) return { ok: false, ...parts };
  const images = orderImages(parts);
  if (!Array.isArray(images)) return { ok: false, ...images };
  const documents: PlannedDocument[] = [];
  for (const part of splitDocuments(text)) {
    const planned = planDocument(part, images, parts.additions, change);
    if (planned === null) continue;
    if ('problem' in planned) return stop(part.offset + planned.at, planned.problem);
    documents.push(planned);
  }
  const reached = documents.reduce((sum, document) => sum + document.images.length, 0);
  if (reached < images.length) return stop(0, 'an image does not stand in any document of the file');
  const splices = documents.flatMap(({ part, splices }) =>
    splices.map((s) => ({
      ...s,
      start: part.offset + s.start,
      end: part.offset + s.end,
      document: part.index,
    })),
  );
  const after = applySplices(text, splices);
  const mismatch = verifyRewrite(text, after, documents);
  if (mismatch) return stop(mismatch.offset, mismatch.problem);
  return { ok: true, text: after, edits: describeSplices(file.path, text, splices) };
}

type LocatedImage = PlannedParts['images'][number];

/** Several uses of one anchor are one splice. */
function orderImages({
  images,
}: PlannedParts): LocatedImage[] | { readonly line: number; readonly problem: string } {
  const ordered = orderSplices(images);
  if (Array.isArray(ordered)) return ordered;
  const [first, second] = [ordered.first, ordered.second] as [LocatedImage, LocatedImage];
  return {
    line: first.line,
    problem: `lines ${first.line} and ${second.line} are one text that would become both "${first.text}" and "${second.text}"`,
  };
}

function planDocument(
  part: DocumentPart,
  all: readonly LocatedImage[],
  allAdditions: ReadonlyMap<number, readonly Addition[]>,
  change: ManifestChange,
): PlannedDocument | { readonly at: number; readonly problem: string } | null {
  const end = part.offset + part.text.length;
  const inside = all.filter((image) => image.start >= part.offset && image.end <= end);
  const requests = change.pullSecrets
    .filter((request) => request.document === part.index)
    .map((request) => ({ path: request.podSpec, names: request.names }));
  const wanted = allAdditions.get(part.index) ?? [];
  if (inside.length === 0 && requests.length === 0 && wanted.length === 0) return null;
  const read = readEditable(part);
  const images = inside.map((image) => ({
    ...image,
    start: read.toSource(image.start - part.offset),
    end: read.toSource(image.end - part.offset),
  }));
  const pullSecrets = planPullSecrets(read.source, read.document, requests);
  if ('problem' in pullSecrets) return { ...pullSecrets, at: read.toGiven(pullSecrets.at) };
  const additions = planAdditions(read.source, read.document, wanted);
  if ('problem' in additions) return { ...additions, at: read.toGiven(additions.at) };
  const ordered = orderSplices<Splice>([
    ...images,
    ...additions.splices,
    ...pullSecrets.flatMap((edit) => edit.splices.map((s) => ({ ...s, pullSecret: true as const }))),
  ]);
  if (!Array.isArray(ordered))
    return { at: read.toGiven(ordered.first.start), problem: 'two edits would meet in one place' };
  const splices = ordered.map(({ start, end, text, pullSecret, map }) => ({
    start: read.toGiven(start),
    end: read.toGiven(end),
    text,
    ...(pullSecret && { pullSecret }),
    ...(map !== undefined && { map }),
  }));
  return { part, read, images, additions, pullSecrets, requests, splices };
}
