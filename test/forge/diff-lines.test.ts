import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openChange } from '../../src/forge/index.ts';
import { useFolder } from '../support/use-folder.ts';

const folder = useFolder('lines');

function git(...args: readonly string[]): string {
  const identity = [
    '-c',
    'user.name=Jane',
    '-c',
    'user.email=jane@acme.example',
    '-c',
    'commit.gpgsign=false',
  ];
  return execFileSync('git', [...identity, ...args], { cwd: folder.path, encoding: 'utf8' }).trim();
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder.path, path), text);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'lines');
  return git('rev-parse', 'HEAD');
}

it('says what is the matter when the commit to compare with is gone, as after a force-push', async () => {
  const remote = mkdtempSync(join(tmpdir(), 'holdfast-change-'));
  onTestFinished(() => rmSync(remote, { recursive: true }));
  git('init', '--quiet');
  git('init', '--quiet', '--bare', remote);
  git('remote', 'add', 'origin', remote);
  const head = commit({ 'a.yaml': 'one\n' });
  const gone = openChange(
    folder.path,
    { base: 'd'.repeat(40), head },
    { environment: process.env, token: null, github: null },
  );
  await expect(gone).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('no longer has the commit that this run is about'),
  });
});

it('tells the lines that a change wrote, and those that its diff shows, whatever a file is called', async () => {
  const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);
  git('init', '--quiet');
  const odd = 'ä "odd"\t.yaml';
  const base = commit({
    'a.yaml': `${lines(20).join('\n')}\n`,
    [odd]: 'one\ntwo\n',
    'c.yaml': lines(9).join('\n'),
    '.gitattributes': '*.yaml -diff\n',
  });
  const head = commit({
    'a.yaml': `${lines(20).toSpliced(9, 0, 'new').join('\n')}\n`,
    [odd]: 'one\n@@ -1 +1 @@\n',
    'c.yaml': lines(9).toSpliced(4, 1).join('\n'),
    // No manifest, and in front of the others.
    '0.png': '\0\n@@ -1 +1 @@\n\0',
    'D.JSON': '{}\n',
  });
  const change = await openChange(
    folder.path,
    { base, head },
    { environment: process.env, token: null, github: null },
  );
  const listed = (test: (path: string, line: number) => boolean, path: string) =>
    Array.from({ length: 25 }, (_, index) => index + 1).filter((line) => test(path, line));
  const { isAdded } = change.lines;
  const isShown = (path: string, line: number) => change.lines.isShown(path, line, line);
  expect(listed(isAdded, 'a.yaml')).toEqual([10]);
  expect(listed(isShown, 'a.yaml')).toEqual([7, 8, 9, 10, 11, 12, 13]);
  expect(listed(isAdded, odd)).toEqual([2]);
  expect(listed(isAdded, 'c.yaml')).toEqual([]);
  expect(listed(isShown, 'c.yaml')).toEqual([2, 3, 4, 5, 6, 7]);
  expect(listed(isAdded, 'D.JSON')).toEqual([1]);
  for (const path of ['0.png', 'other.yaml']) expect(listed(isShown, path)).toEqual([]);
});

/** The lines of the new side that `git diff -U3` shows, each with its hunk, and those with a line taken away above. */
function readHunks(patch: string) {
  const hunkOf = new Map<number, number>();
  const below = new Set<number>();
  let [line, hunk] = [0, 0];
  for (const text of patch.split('\n')) {
    const start = /^@@ -\S+ \+(\d+)/.exec(text)?.[1];
    if (start !== undefined) [line, hunk] = [Number(start), hunk + 1];
    else if (text.startsWith('-')) below.add(line);
    else if (hunk > 0 && /^[+ ]/.test(text)) hunkOf.set(line++, hunk);
  }
  return { hunkOf, below };
}

it('takes lines for a suggestion that one hunk of git shows, with nothing between that was taken away', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `hunk-${index}.yaml`);
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
  let state = 7;
  const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  const change = (line: string): string[] =>
    [[line, 'new'], ['other'], [], ['one', 'two', 'three']][random(40)] ?? [line];
  git('init', '--quiet');
  const base = commit(Object.fromEntries(names.map((name) => [name, `${lines.join('\n')}\n`])));
  const head = commit(
    Object.fromEntries(names.map((name) => [name, `${lines.flatMap(change).join('\n')}\n`])),
  );
  const { isShown } = (
    await openChange(folder.path, { base, head }, { environment: process.env, token: null, github: null })
  ).lines;
  let ranges = 0;
  for (const name of names) {
    const patch = git('diff', '--text', '-U3', base, head, '--', name);
    const { hunkOf, below } = readHunks(patch.slice(Math.max(0, patch.indexOf('\n@@') + 1)));
    const count = git('show', `${head}:${name}`).split('\n').length;
    for (let from = 1; from <= count; from += 1)
      for (let to = from; to <= count; to += 1) {
        const hunk = hunkOf.get(from);
        const isParted = [...below].some((line) => from < line && line <= to);
        const wanted = hunk !== undefined && hunkOf.get(to) === hunk && !isParted;
        expect([name, from, to, isShown(name, from, to)]).toEqual([name, from, to, wanted]);
        if (wanted && from < to) ranges += 1;
      }
  }
  expect(ranges).toBeGreaterThan(200);
});
