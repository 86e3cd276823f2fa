import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readManifests } from '../../src/source/index.ts';
import { buildFolder, compareObjects, hasKubectl, isBackupOf } from '../support/kustomize-build.ts';
import { moveFiles } from './move-files.ts';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

describe.skipIf(!hasKubectl)('kustomize build, before and after (skipped where kubectl is absent)', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'holdfast-kustomize-'));
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  it.each(listCases())('differs in image names alone for every overlay of %s', async (name) => {
    const folder = join(temporary, name);
    cpSync(join(fixtures, name, 'before'), folder, { recursive: true });
    const overlays = listOverlays(folder);
    const before = await Promise.all(overlays.map(buildFolder));
    const reading = await readManifests([folder], { cwd: folder });
    const moved = moveFiles(reading);
    expect(moved.refused).toEqual([]);
    for (const { path, text } of moved.files) writeFileSync(join(folder, path), text);
    const after = await Promise.all(overlays.map(buildFolder));
    for (const [index, overlay] of overlays.entries()) {
      if (before[index] === null) continue;
      expect([overlay, after[index] === null]).toEqual([overlay, false]);
      for (const { path, before: was, after: is } of compareObjects(before[index], after[index])) {
        expect([overlay, path, isBackupOf(was, is, 'backup.example')]).toEqual([overlay, path, true]);
      }
    }
  });
});

function listCases(): string[] {
  return readdirSync(fixtures)
    .filter((name) => listOverlays(join(fixtures, name, 'before')).length > 0)
    .toSorted();
}

function listOverlays(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^kustomization(?:\.ya?ml)?$/i.test(entry.name))
    .map((entry) => entry.parentPath)
    .toSorted();
}
