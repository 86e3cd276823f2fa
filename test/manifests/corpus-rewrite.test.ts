import { describe, expect, it } from 'vitest';
import {
  findImages,
  type ImageUse,
  type ManifestChange,
  rewriteManifest,
  type SourceFile,
  type TextEdit,
} from '../../src/manifests/index.ts';
import { formatReference, parseDigest, parseImageReference } from '../../src/reference/index.ts';
import { corpusArchive, readCorpus } from './rewrite-corpus.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** `backup.example/<host>/<path>:tag@digest`; what is there already stays. */
function backupOf(use: ImageUse): string {
  const [parsed, proof] = [parseImageReference(use.written), parseDigest(digest)];
  if (!parsed.ok || !proof.ok) throw new Error(`${use.file}:${use.line}: ${use.written} is not a reference`);
  const { registry, repository, tag } = parsed.value;
  if (registry === 'backup.example') return use.written;
  const host = registry.replaceAll(/[:[\]]/g, '_');
  return formatReference({
    registry: 'backup.example',
    repository: `${host}/${repository}`,
    tag,
    digest: proof.value,
  });
}

function moveAll(file: SourceFile): { readonly uses: readonly ImageUse[]; readonly change: ManifestChange } {
  const uses = findImages(file).uses.filter((use) => use.hold === null);
  const specs = new Map(uses.map((use) => [`${use.document} ${use.podSpec}`, use]));
  return {
    uses,
    change: {
      images: uses.map((use) => ({ use, to: backupOf(use) })),
      pullSecrets: [...specs.values()].flatMap(({ document, podSpec }) =>
        podSpec === null ? [] : [{ document, podSpec, names: ['first', 'backup-pull'] }],
      ),
    },
  };
}

/** What is left of both texts when the planned spans are taken out: the same, when nothing else was touched. */
function withoutSpans(before: string, after: string, edits: readonly TextEdit[], images: readonly string[]) {
  const kept: string[] = [];
  let from = 0;
  for (const { range } of edits) {
    kept.push(before.slice(from, range[0]));
    from = range[1];
  }
  kept.push(before.slice(from));
  const added: string[] = [];
  let at = 0;
  for (const [index, piece] of kept.entries()) {
    const found =
      index === 0 ? 0 : index === kept.length - 1 ? after.length - piece.length : after.indexOf(piece, at);
    added.push(after.slice(at, found));
    if (found < at || !after.startsWith(piece, found)) return { same: false, added };
    at = found + piece.length;
  }
  return { same: at === after.length && added.every((text) => isPlanned(text, images)), added };
}

/** An image's new name, or lines and items that hold the names of the pull secrets and nothing else. */
function isPlanned(text: string, images: readonly string[]): boolean {
  const rest = text
    .replaceAll(/imagePullSecrets|name|first|backup-pull/g, '')
    .replaceAll(/[\s"'[\]{}:,-]/g, '');
  return rest === '' || images.includes(text);
}

describe.skipIf(corpusArchive === null)('the corpus (skipped where HOLDFAST_SHARED has none)', () => {
  const files = corpusArchive === null ? [] : [...readCorpus(corpusArchive)];

  it('is rewritten without touching another byte, scans as planned, and then has nothing left to do', () => {
    const refused: string[] = [];
    const wrong: string[] = [];
    let images = 0;
    let specs = 0;
    for (const file of files) {
      const { uses, change } = moveAll(file);
      if (uses.length === 0) continue;
      const result = rewriteManifest(file, change);
      if (!result.ok) {
        refused.push(`${file.path}:${result.line}: ${result.problem}`);
        continue;
      }
      images += uses.length;
      specs += change.pullSecrets.length;
      const names = change.images.map(({ to }) => to);
      const { same, added } = withoutSpans(file.text, result.text, result.edits, names);
      if (!same) wrong.push(`${file.path}: something else changed: ${JSON.stringify(added)}`);

      const rewritten = { path: file.path, text: result.text };
      const next = moveAll(rewritten);
      const found = next.uses.map((use) => `${use.document} ${use.field} ${use.written}`);
      const wanted = change.images.map(({ use, to }) => `${use.document} ${use.field} ${to}`);
      if (found.join('\n') !== wanted.join('\n'))
        wrong.push(`${file.path}: the new scan finds ${found.join(', ')}`);
      const again = rewriteManifest(rewritten, next.change);
      if (!again.ok || again.text !== result.text || again.edits.length > 0)
        wrong.push(`${file.path}: a second run is not without work`);
    }
    expect(wrong).toEqual([]);
    expect(refused).toEqual([]);
    expect(images).toBeGreaterThan(850);
    expect(specs).toBeGreaterThan(600);
  });
});
