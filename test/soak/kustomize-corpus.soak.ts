import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SourceFile } from '../../src/manifests/index.ts';
import { moveFiles } from '../manifests/move-files.ts';
import { corpusArchive, readCorpusTree } from '../manifests/rewrite-corpus.ts';
import {
  buildFolder,
  compareObjects,
  hasKubectl,
  isBackupOf,
  isPullSecret,
} from '../support/kustomize-build.ts';

const absent = corpusArchive === null || !hasKubectl;

describe.skipIf(absent)('every overlay of the corpus (skipped without the corpus or kubectl)', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'holdfast-overlays-'));
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  it('builds to the same objects but for the names of images, and pull secrets', {
    timeout: 900_000,
  }, async () => {
    const tree = corpusArchive === null ? [] : [...readCorpusTree(corpusArchive)];
    writeTree(tree);
    const overlays = tree
      .filter(({ path }) => /(?:^|\/)kustomization(?:\.ya?ml)?$/i.test(path))
      .map(({ path }) => join(temporary, dirname(path)))
      .toSorted();
    const before = await buildAll(overlays);
    const manifests = tree.filter(({ path }) => /\.(?:ya?ml|json)$|(?:^|\/)Kustomization$/i.test(path));
    const moved = moveFiles({ files: manifests }, { name: 'backup-pull', attach: 'pod' });
    writeTree(moved.files);
    const after = await buildAll(overlays);
    const wrong: string[] = [];
    let changed = 0;
    let secrets = 0;
    for (const [index, overlay] of overlays.entries()) {
      const [one, other] = [before[index] ?? null, after[index] ?? null];
      if (one === null) continue;
      if (other === null) wrong.push(`${overlay} does not build any more`);
      const differences = other === null ? [] : compareObjects(one, other);
      if (differences.length > 0) changed++;
      for (const { path, before: was, after: is } of differences) {
        if (isPullSecret(path, was, is, 'backup-pull')) secrets++;
        else if (!isBackupOf(was, is, 'backup.example') && !saysTheSame(path, String(was), String(is)))
          wrong.push(`${overlay} ${path}: ${String(was)} -> ${String(is)}`);
      }
    }
    const built = before.filter((objects) => objects !== null).length;
    console.log(
      `${overlays.length} overlays, ${built} build without the network, ${changed} have images moved, ${secrets} Pods get a pull secret`,
    );
    expect(wrong).toEqual([]);
    expect(built).toBeGreaterThan(100);
    expect(changed).toBeGreaterThan(20);
    expect(secrets).toBeGreaterThan(20);
  });

  function writeTree(files: readonly SourceFile[]): void {
    for (const { path, text } of files) {
      mkdirSync(join(temporary, dirname(path)), { recursive: true });
      writeFileSync(join(temporary, path), text);
    }
  }
});

/**
 * Names that are apart (`registry` and `repository` of Helm values), text that holds them, and the name of a ConfigMap
 * whose hash is that of such text.
 */
function saysTheSame(path: string, was: string, is: string): boolean {
  if (path.endsWith('/registry')) return is === 'backup.example';
  if (path.endsWith('/repository')) return plain(is).endsWith(plain(was));
  return plain(is) === plain(was);
}

function plain(text: string): string {
  return text
    .replaceAll('backup.example/', '')
    .replaceAll(/\b(?:docker\.io\/)?(?:library\/)?/g, '')
    .replaceAll(/@sha256:(?:0123456789abcdef){4}/g, '')
    .replace(/-[a-z0-9]{10}$/, '');
}

async function buildAll(overlays: readonly string[]): Promise<(readonly unknown[] | null)[]> {
  const built: (readonly unknown[] | null)[] = [];
  const waiting = [...overlays.entries()];
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift())
      built[entry[0]] = await buildFolder(entry[1]);
  };
  await Promise.all([next(), next(), next()]);
  return built;
}
