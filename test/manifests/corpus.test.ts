import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImageUse, type Scan, scanManifests } from '../../src/manifests/index.ts';
import { readManifests } from '../../src/source/index.ts';

const shared = process.env['HOLDFAST_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const corpus = join(shared, 'corpus');
const absent = !existsSync(join(corpus, 'manifests.tgz'));

/** One image of the answer file; see the README beside it. */
interface Answer {
  readonly line: number;
  readonly keyLine: number;
  readonly doc: number;
  readonly path: string;
  readonly field: string;
  readonly form: string;
  readonly style: string;
  readonly image: string | null;
}

/** An entry of a kustomization's `images`, or an image in Helm values: the lines of its keys. */
interface Keys {
  readonly nameLine?: number;
  readonly newNameLine?: number;
  readonly repository?: string;
  readonly repositoryLine?: number;
  readonly registryLine?: number;
  readonly imageLine?: number;
}

interface Answers {
  readonly repos: Record<
    string,
    {
      readonly dir: string;
      readonly files: Record<
        string,
        { flags: string[]; images?: Answer[]; kustomize?: Keys[]; helm?: Keys[] }
      >;
    }
  >;
}

describe.skipIf(absent)(`the corpus (skipped where ${absent ? corpus : 'it'} is absent)`, () => {
  let folder = '';
  let scan: Scan;
  const answers = new Map<string, readonly Answer[]>();
  const kustomize = new Map<string, readonly Keys[]>();
  const helm = new Map<string, readonly Keys[]>();
  const required: { readonly file: string; readonly answer: Answer }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-corpus-'));
    execFileSync('tar', ['-xzf', join(corpus, 'manifests.tgz'), '-C', folder]);
    const expected = JSON.parse(
      gunzipSync(readFileSync(join(corpus, 'expected.json.gz'))).toString('utf8'),
    ) as Answers;
    for (const { dir, files } of Object.values(expected.repos)) {
      for (const [path, { flags, images = [], ...keys }] of Object.entries(files)) {
        const file = `${dir}/${path}`;
        kustomize.set(file, keys.kustomize ?? []);
        helm.set(file, keys.helm ?? []);
        answers.set(file, images);
        if (flags.includes('chart-template')) continue;
        required.push(...images.filter(isRequired).map((answer) => ({ file, answer })));
      }
    }
    const reading = await readManifests([folder], { cwd: folder });
    scan = scanManifests(reading.files, { templates: reading.templates });
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has the 909 images that its README promises', () => {
    expect(required).toHaveLength(909);
  });

  it('has every required image found at its line, in its document and under its field', () => {
    const uses = groupByFile(scan.uses);
    const missing = required.filter(
      ({ file, answer }) =>
        !uses
          .get(file)
          ?.some((use) => matches(use, answer) && use.document === answer.doc && use.field === answer.path),
    );
    expect(missing).toEqual([]);
  });

  it('has no image found that the answers do not list', () => {
    const invented = scan.uses.filter(
      (use) => use.layer === 'pod' && !answers.get(use.file)?.some((answer) => matches(use, answer)),
    );
    expect(invented).toEqual([]);
  });

  it('has every entry of a kustomization found, and none invented', () => {
    const uses = groupByFile(scan.uses.filter(({ parts }) => parts?.kind === 'split'));
    const isAt = ({ line }: ImageUse, keys: Keys) => line === keys.nameLine || line === keys.newNameLine;
    const missing = [...kustomize].flatMap(([file, entries]) =>
      entries
        .filter((keys) => !uses.get(file)?.some((use) => isAt(use, keys)))
        .map((keys) => ({ file, keys })),
    );
    expect([...kustomize.values()].flat()).toHaveLength(44);
    expect(missing).toEqual([]);
    const invented = [...uses].flatMap(([file, found]) =>
      found.filter(
        (use) => use.layer === 'kustomize' && !kustomize.get(file)?.some((keys) => isAt(use, keys)),
      ),
    );
    expect(invented).toEqual([]);
  });

  it('has every image of Helm values found that has a name', () => {
    const uses = groupByFile(scan.uses);
    const isAt = ({ line }: ImageUse, keys: Keys) =>
      [keys.repositoryLine, keys.registryLine, keys.imageLine].includes(line);
    const missing = [...helm].flatMap(([file, entries]) =>
      entries
        .filter((keys) => keys.repository !== '' && !uses.get(file)?.some((use) => isAt(use, keys)))
        .map((keys) => ({ file, keys })),
    );
    expect([...helm.values()].flat()).toHaveLength(128);
    expect(missing).toEqual([]);
  });

  it('has every span hold the very text that was read', () => {
    const texts = new Map<string, string>();
    const wrong = scan.uses.filter((use) => {
      const text = texts.get(use.file) ?? readFileSync(join(folder, use.file), 'utf8');
      texts.set(use.file, text);
      return spansOf(use).some(
        ({ range, written }) =>
          text
            .slice(...range)
            .replaceAll(/^["']|["']$/g, '')
            .trim() !== written,
      );
    });
    expect(wrong).toEqual([]);
  });

  it('has the one document that cannot be read reported, with the image that it would have named', () => {
    const file = 'longhorn__longhorn/dev/scale-test/statefulset.yaml';
    const reported = scan.skipped.filter((unread) => unread.file === file);
    expect(reported.map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'syntax'],
      [21, 'lost-image'],
    ]);
  });
});

/** As the README of the corpus says. */
function isRequired(answer: Answer): boolean {
  return answer.form !== 'empty' && answer.style !== 'n/a' && answer.field !== 'shadowed-duplicate';
}

function matches(use: ImageUse, answer: Answer): boolean {
  if (![answer.line, answer.keyLine, answer.line + 1].includes(use.line)) return false;
  return answer.image === null || answer.image === use.written;
}

/** The whole of a use in one scalar, or each of the scalars that say it together. */
function spansOf({ parts, range, written }: ImageUse) {
  if (parts?.kind === 'entry') return [];
  if (parts?.kind !== 'split') return [{ range, written }];
  return [parts.registry, parts.repository, parts.tag, parts.digest].flatMap((part) =>
    part?.range ? [{ range: part.range, written: part.written }] : [],
  );
}

function groupByFile(uses: readonly ImageUse[]): Map<string, ImageUse[]> {
  const groups = new Map<string, ImageUse[]>();
  for (const use of uses) groups.set(use.file, [...(groups.get(use.file) ?? []), use]);
  return groups;
}
