import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { openChange } from '../../src/forge/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function git(...args: readonly string[]): string {
  const identity = [
    '-c',
    'user.name=Jane',
    '-c',
    'user.email=jane@acme.example',
    '-c',
    'commit.gpgsign=false',
  ];
  return execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' }).trim();
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
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
    folder,
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
  });
  const change = await openChange(
    folder,
    { base, head },
    { environment: process.env, token: null, github: null },
  );
  const listed = (test: (path: string, line: number) => boolean, path: string) =>
    Array.from({ length: 25 }, (_, index) => index + 1).filter((line) => test(path, line));
  const { isAdded, isShown } = change.lines;
  expect(listed(isAdded, 'a.yaml')).toEqual([10]);
  expect(listed(isShown, 'a.yaml')).toEqual([7, 8, 9, 10, 11, 12, 13]);
  expect(listed(isAdded, odd)).toEqual([2]);
  expect(listed(isAdded, 'c.yaml')).toEqual([]);
  expect(listed(isShown, 'c.yaml')).toEqual([2, 3, 4, 5, 6, 7]);
  expect(listed(isShown, 'other.yaml')).toEqual([]);
});
