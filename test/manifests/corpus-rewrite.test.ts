import { describe, expect, it } from 'vitest';
import {
  canHoldDigest,
  findImages,
  type HoldReason,
  type ImageUse,
  type ManifestChange,
  rewriteManifest,
  type SourceFile,
  type TextEdit,
} from '../../src/manifests/index.ts';
import { formatReference, parseDigest, parseImageReference } from '../../src/reference/index.ts';
import { type Moved, moveFiles } from './move-files.ts';
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
    digest: canHoldDigest(use) ? proof.value : null,
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
  // A name in several scalars is edited part by part.
  return rest === '' || images.some((image) => image.includes(text));
}

describe.skipIf(corpusArchive === null)(
  'the corpus (skipped where HOLDFAST_SHARED has none)',
  {
    timeout: 120_000,
  },
  () => {
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

    it('is rewritten as a whole, at the layer where each image is decided, and a second run changes nothing', () => {
      const first = moveFiles({ files });
      expect(first.refused).toEqual([]);
      const second = moveFiles({ files: first.files });
      expect(second.refused).toEqual([]);
      expect(second.edited.map((use) => `${use.file}:${use.line} ${use.written}`)).toEqual([]);
      expect(second.files.filter(({ text }, index) => text !== first.files[index]?.text)).toEqual([]);
      const edited = new Set(first.edited.map(({ file }) => file));
      const touched = first.files.filter(({ text }, index) => text !== files[index]?.text);
      expect(touched.filter(({ path }) => !edited.has(path))).toEqual([]);
      const counts = countByLayer(first);
      const lines = Object.entries(counts).map(
        ([layer, { edited, reported, alone }]) => `${layer} ${edited} / ${reported} / ${alone}`,
      );
      console.log(`edited / reported / left alone: ${lines.toSorted().join(', ')}`);
      expect(counts['pod']?.edited).toBeGreaterThan(850);
      expect(counts['kustomize']?.edited).toBeGreaterThanOrEqual(12);
      expect(counts['helm-values']?.edited).toBeGreaterThan(45);
      expect(counts['flux']?.edited).toBeGreaterThan(60);
      const all = Object.values(counts);
      const sum = (pick: (count: Count) => number) => all.reduce((total, count) => total + pick(count), 0);
      expect(sum(({ edited, reported, alone }) => edited + reported + alone)).toBe(first.scan.uses.length);
      expect(sum(({ reported }) => reported)).toBeGreaterThan(50);
      // Whatever names an image and is not edited says why.
      expect(
        first.verdicts.filter(
          ({ use, verdict }) => !first.edited.includes(use) && verdict.state === 'candidate',
        ),
      ).toEqual([]);
    });
  },
);

interface Count {
  edited: number;
  /** Held, with a reason that a person can act on. */
  reported: number;
  /** Excluded, a backup already, asked to be ignored, or no name of an image. */
  alone: number;
}

const noName: ReadonlySet<HoldReason> = new Set([
  'template',
  'variable',
  'placeholder',
  'scheme',
  'empty',
  'invalid',
  'ignored',
]);

function countByLayer({ verdicts, edited }: Moved): Readonly<Record<string, Count>> {
  const done = new Set(edited);
  const counts: Record<string, Count> = {};
  for (const { use, verdict } of verdicts) {
    const count = (counts[use.layer] ??= { edited: 0, reported: 0, alone: 0 });
    const held = verdict.state === 'unusable' && use.hold !== null && !noName.has(use.hold);
    count[done.has(use) ? 'edited' : held ? 'reported' : 'alone']++;
  }
  return counts;
}
