import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/**
 * Fills the marked sections of the documentation from what they describe; with `--check` fails when one is stale.
 *
 *     <!-- inputs --> … <!-- /inputs -->                            the inputs of action.yml
 *     <!-- outputs --> … <!-- /outputs -->                          its outputs
 *     <!-- file docs/examples/backup.yml --> … <!-- /file -->            a file, as a code block
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Documents that may hold marked sections. */
export const documents: readonly string[] = ['README.md', 'docs/action.md'];

/** The document with every marked section as it has to be. */
export function fillDocument(text: string): string {
  return text
    .replace(
      /(<!-- inputs -->\n)[\s\S]*?(<!-- \/inputs -->)/g,
      (_, start, end) => start + formatInputs() + end,
    )
    .replace(
      /(<!-- outputs -->\n)[\s\S]*?(<!-- \/outputs -->)/g,
      (_, start, end) => start + formatOutputs() + end,
    )
    .replace(
      /(<!-- file (\S+) -->\n)[\s\S]*?(<!-- \/file -->)/g,
      (_, start, path, end) => start + formatFile(path) + end,
    );
}

interface Described {
  readonly description: string;
  readonly default?: string;
}

function readAction(): { inputs: Record<string, Described>; outputs: Record<string, Described> } {
  return parse(read('action.yml'));
}

function formatInputs(): string {
  const rows = Object.entries(readAction().inputs).map(([name, { description, default: value }]) => {
    const shown = value === undefined || value === '' ? '' : `\`${value}\``;
    return `| \`${name}\` | ${escapeCell(description)} | ${shown} |\n`;
  });
  return `| Input | What it is | Default |\n|---|---|---|\n${rows.join('')}`;
}

function formatOutputs(): string {
  const rows = Object.entries(readAction().outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${escapeCell(description)} |\n`,
  );
  return `| Output | What it is |\n|---|---|\n${rows.join('')}`;
}

function formatFile(path: string): string {
  return `\`\`\`yaml\n${read(path).trimEnd()}\n\`\`\`\n`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = documents.filter((path) => fillDocument(read(path)) !== read(path));
  if (!process.argv.includes('--check'))
    for (const path of stale) writeFileSync(join(root, path), fillDocument(read(path)));
  else if (stale.length > 0) {
    console.error(`${stale.join(', ')}: not what action.yml and docs/examples/ say; run \`npm run docs\``);
    process.exitCode = 1;
  }
}
