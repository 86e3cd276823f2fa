import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ImageUse, scanManifests } from '../../src/manifests/index.ts';
import { readManifests } from '../../src/source/index.ts';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** One case is a folder: `before/` is scanned, `scan.json` is what that must find (`vitest -u` writes it). */
describe('the scan of a fixture', () => {
  it.each(listCases())('finds what %s/scan.json says', async (name) => {
    const reading = await readManifests([`${fixtures}/${name}/before`], { cwd: fixtures });
    const scan = scanManifests(reading.files, { templates: reading.templates });
    const found = {
      images: scan.uses.map((use) => ({ ...describeUse(use), text: textOf(use, reading.files) })),
      skipped: [...reading.skipped, ...scan.skipped],
    };
    await expect(`${formatLines(found)}\n`).toMatchFileSnapshot(`${fixtures}/${name}/scan.json`);
  });
});

function listCases(): string[] {
  return readdirSync(fixtures, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

function describeUse(use: ImageUse): object {
  const { workload, range: _, container: __, ...rest } = use;
  return { ...rest, ...workload };
}

/** What an edit would replace. */
function textOf(use: ImageUse, files: readonly { path: string; text: string }[]): string | undefined {
  return files.find(({ path }) => path === use.file)?.text.slice(...use.range);
}

/** One line for each image, so that a difference shows as one. */
function formatLines(found: Record<string, readonly object[]>): string {
  const lists = Object.entries(found).map(([key, items]) => {
    const lines = items.map((item) => `    ${JSON.stringify(item)}`).join(',\n');
    return `  ${JSON.stringify(key)}: ${items.length === 0 ? '[]' : `[\n${lines}\n  ]`}`;
  });
  return `{\n${lists.join(',\n')}\n}`;
}
