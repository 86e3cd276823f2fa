import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from '@actions/languageservice';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documents, fillDocument } from '../../docs/fill.ts';
import { variables } from '../../src/config/index.ts';
import { runInputs, settingInputs } from '../../src/faces/action/inputs.ts';

const root = join(import.meta.dirname, '../..');
const readText = (path: string) => readFileSync(join(root, path), 'utf8');

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly using: string; readonly main: string };
}

interface Workflow {
  readonly permissions: unknown;
  readonly concurrency?: { readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, { readonly permissions: Readonly<Record<string, string>> }>>;
}

const action = parse(readText('action.yml')) as ActionFile;
const list = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `${folder}/${name}`);
const allWorkflows = [...list('docs/examples'), ...list('.github/workflows')];

/** What GitHub's own language service says of a file; it knows our Action's inputs. */
async function findFaults(path: string, text = readText(path)): Promise<string[]> {
  const found = await validate(openText(path, text), {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner }) =>
        owner === 'holdfast'
          ? { name: 'holdfast', description: '', inputs: action.inputs, outputs: action.outputs }
          : undefined,
    },
  });
  // The inputs of other actions are not known here.
  return found
    .map(({ message, range }) => ({ line: range.start.line + 1, said: JSON.stringify(message) }))
    .filter(({ said }) => !/^"Unable to resolve action `(?!holdfast)/.test(said))
    .map(({ line, said }) => `${path}:${line}: ${said}`);
}

type TextDocument = Parameters<typeof validate>[0];

/** The part that is used of a document of the language server protocol: places are lines and columns from 0. */
function openText(path: string, text: string): TextDocument {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const offsetAt = ({ line, character }: { line: number; character: number }) =>
    Math.min((starts[line] ?? text.length) + character, text.length);
  const document: Omit<TextDocument, 'getLineRange' | 'getEOLCharacters'> = {
    uri: `file:///${path}`,
    languageId: 'yaml',
    version: 1,
    lineCount: starts.length,
    offsetAt,
    positionAt(offset) {
      const line = starts.findLastIndex((start) => start <= offset);
      return { line, character: offset - (starts[line] ?? 0) };
    },
    getText: (range) => (range ? text.slice(offsetAt(range.start), offsetAt(range.end)) : text),
  };
  return document as TextDocument;
}

describe('action.yml', () => {
  it('is what the language service of GitHub takes', async () => {
    expect(await findFaults('action.yml')).toEqual([]);
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/action.js' });
  });

  it('has exactly the inputs that are read', () => {
    expect(Object.keys(action.inputs).toSorted()).toEqual(
      [...settingInputs.keys(), ...Object.keys(runInputs)].toSorted(),
    );
  });

  it('has an input for every key of the configuration but those of the daemon', () => {
    const keys = [...variables.values()].filter((key) => !/^(?:watch\.|repositories$)/.test(key));
    expect([...settingInputs.values()].toSorted()).toEqual(keys.toSorted());
  });

  it('has the default of each choice first, and none for what the configuration file may say', () => {
    const choices = Object.entries(runInputs).flatMap(([name, words]) => (words ? [[name, words[0]]] : []));
    expect(choices.map(([name = '']) => [name, action.inputs[name]?.default])).toEqual(choices);
    for (const name of settingInputs.keys()) expect(action.inputs[name]).not.toHaveProperty('default');
  });
});

describe('the workflows', () => {
  it.each(allWorkflows)('%s is what the language service of GitHub takes', async (path) => {
    expect(await findFaults(path)).toEqual([]);
  });

  it('would be caught with an input that is not there, a wrong key or a wrong expression', async () => {
    const good = readText('docs/examples/backup.yml');
    expect(await findFaults('a.yml', good.replace('backup: ghcr', 'backups: ghcr'))).toHaveLength(1);
    expect(await findFaults('b.yml', good.replace('runs-on', 'run-on'))).not.toEqual([]);
    expect(await findFaults('c.yml', good.replace('github.repository_owner', 'github.owner'))).toHaveLength(
      1,
    );
  });

  it('give no permission to all jobs, and run one after the other where they write', () => {
    const workflows = list('docs/examples').map((path) => ({ path, ...(parse(readText(path)) as Workflow) }));
    for (const { path, permissions } of workflows) expect([path, permissions]).toEqual([path, {}]);
    const writing = workflows.filter(({ jobs }) =>
      Object.values(jobs).some(
        ({ permissions }) => permissions['pull-requests'] === 'write' && permissions['contents'] === 'write',
      ),
    );
    expect(writing.map(({ path, concurrency }) => [path, concurrency?.['cancel-in-progress']])).toEqual([
      ['docs/examples/backup.yml', false],
      ['docs/examples/parts.yml', false],
    ]);
  });
});

describe('the documentation', () => {
  it.each(documents)('%s says what action.yml and examples/ say (npm run docs)', (path) => {
    const text = readText(path);
    expect(text).toBe(fillDocument(text));
  });

  it('names every input and output, and would be stale after a change', () => {
    const text = readText('docs/action.md');
    for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
      expect(text).toContain(`| \`${name}\` |`);
    expect(fillDocument(text.replace('| `backup` |', '| `back-up` |'))).toBe(text);
  });
});

it('each table of the documents has a heading row, without which GitHub shows its text', () => {
  const markdown = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
  ];
  const wrong = markdown
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...readText(path).matchAll(/(?<=^|\n)(?<!\|[^\n]*\n)\|[^\n]*\n([^\n]*)/g)].flatMap(
        ([, second = '']) => (/^\|(?: ?:?-+:? ?\|)+$/.test(second) ? [] : [`${path}: ${second}`]),
      ),
    );
  expect(wrong).toEqual([]);
});
