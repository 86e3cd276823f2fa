import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  canHoldDigest,
  findPodSpecs,
  type ImageUse,
  rewriteManifest,
  type SourceFile,
  scanManifests,
} from '../../src/manifests/index.ts';
import { planChartSwitches } from '../../src/plan/index.ts';
import type { Digest } from '../../src/reference/index.ts';
import { readManifests } from '../../src/source/index.ts';

const digest = `sha256:${'0'.repeat(64)}` as Digest;
const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

/**
 * A case's `after/` holds the files of `before/` that a rewrite changes (`vitest -u` writes them); every other file
 * stays as it is.
 */
describe('the rewrite of a fixture', () => {
  it.each(listCases())('makes of %s/before what its after says', async (name) => {
    const folder = join(fixtures, name);
    const reading = await readManifests([join(folder, 'before')], { cwd: fixtures });
    const { uses } = scanManifests(reading.files, { templates: reading.templates });
    const changed = new Map<string, string>();
    for (const file of reading.files) {
      const text = rewriteFile(file, uses);
      if (text !== file.text) changed.set(file.path, text);
    }
    for (const [path, text] of changed) await expect(text).toMatchFileSnapshot(join(folder, 'after', path));
    // Byte for byte, line ends included, and no file that nothing would write.
    expect(readTree(join(folder, 'after'))).toEqual(Object.fromEntries(changed));
  });
});

/** To `backup.example`, with the pull secret `backup-pull` for every pod spec that can have one. */
function rewriteFile(file: SourceFile, all: readonly ImageUse[]): string {
  // What says a tag alone is moved by the edit of its name.
  const own = all.filter((use) => use.file === file.path && use.hold === null);
  const uses = own.filter((use) => use.nameAt === undefined);
  const specs = findPodSpecs(file).filter(
    (spec) =>
      spec.editable && uses.some((use) => use.document === spec.document && use.podSpec === spec.path),
  );
  const moves = uses.map((use) => ({ use, to: backupOf(use), proof: digest }));
  const { switches } = planChartSwitches(moves, [file]);
  const result = rewriteManifest(file, {
    images: moves,
    switches: switches.map(({ place }) => place),
    pullSecrets: specs.map(({ document, path }) => ({ document, podSpec: path, names: ['backup-pull'] })),
  });
  if (!result.ok) throw new Error(`${file.path}:${result.line}: ${result.problem}`);
  return result.text;
}

/** Where the name stands in several places also with a digest, if they can say one. */
function backupOf(use: ImageUse): string {
  const { written } = use;
  if (written.startsWith('backup.example/')) return written;
  const digest = use.parts && canHoldDigest(use) ? `@sha256:${'0'.repeat(64)}` : '';
  return `backup.example/${written.replace(/@.*/, '').replace(/^[^/]*:\d+\//, '')}${digest}`;
}

function listCases(): string[] {
  return readdirSync(fixtures, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

function readTree(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.map((path) => [relative(folder, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')]),
  );
}
