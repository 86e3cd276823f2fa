import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeManifests } from '../../src/source/index.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-write-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, text: string) => writeFileSync(join(folder, path), text);
const get = (path: string) => readFileSync(join(folder, path), 'utf8');

describe('a written manifest', () => {
  it('has the new text, the old mode, and no temporary file beside it', async () => {
    put('a.yaml', '\ufeffold\r\n');
    chmodSync(join(folder, 'a.yaml'), 0o664);
    const results = await writeManifests(folder, [
      { path: 'a.yaml', before: '\ufeffold\r\n', after: '\ufeffnew ✓\r\n' },
    ]);
    expect(results).toEqual([{ path: 'a.yaml', status: 'written' }]);
    expect(get('a.yaml')).toBe('\ufeffnew ✓\r\n');
    expect(statSync(join(folder, 'a.yaml')).mode & 0o777).toBe(0o664);
    expect(readdirSync(folder)).toEqual(['a.yaml']);
  });

  it('that changed since it was read is left as it is, and the others are written', async () => {
    put('a.yaml', 'edited by a person\n');
    put('b.yaml', 'old\n');
    const results = await writeManifests(folder, [
      { path: 'a.yaml', before: 'old\n', after: 'new\n' },
      { path: 'b.yaml', before: 'old\n', after: 'new\n' },
    ]);
    expect(results).toMatchObject([
      { path: 'a.yaml', status: 'conflict' },
      { path: 'b.yaml', status: 'written' },
    ]);
    expect([get('a.yaml'), get('b.yaml')]).toEqual(['edited by a person\n', 'new\n']);
    expect(readdirSync(folder).toSorted()).toEqual(['a.yaml', 'b.yaml']);
  });

  it('that is gone is reported', async () => {
    const results = await writeManifests(folder, [{ path: 'gone.yaml', before: 'a', after: 'b' }]);
    expect(results).toMatchObject([{ status: 'failed', message: 'The file is gone; run again.' }]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is never written through a symbolic link, to the file or on the way to it', async () => {
    mkdirSync(join(folder, 'real'));
    put('real/a.yaml', 'old\n');
    symlinkSync('real/a.yaml', join(folder, 'link.yaml'));
    symlinkSync('real', join(folder, 'folder'));
    const results = await writeManifests(folder, [
      { path: 'link.yaml', before: 'old\n', after: 'new\n' },
      { path: 'folder/a.yaml', before: 'old\n', after: 'new\n' },
    ]);
    expect(results.map(({ status }) => status)).toEqual(['failed', 'conflict']);
    expect(get('real/a.yaml')).toBe('old\n');
  });

  it('does not leave the root', async () => {
    mkdirSync(join(folder, 'root'));
    put('outside.yaml', 'old\n');
    const results = await writeManifests(join(folder, 'root'), [
      { path: '../outside.yaml', before: 'old\n', after: 'new\n' },
    ]);
    expect(results[0]?.status).not.toBe('written');
    expect(get('outside.yaml')).toBe('old\n');
  });

  it.skipIf(process.getuid?.() === 0)('in a folder that refuses is reported (skipped for root)', async () => {
    mkdirSync(join(folder, 'closed'));
    put('closed/a.yaml', 'old\n');
    chmodSync(join(folder, 'closed'), 0o555);
    const results = await writeManifests(folder, [
      { path: 'closed/a.yaml', before: 'old\n', after: 'new\n' },
    ]);
    chmodSync(join(folder, 'closed'), 0o755);
    expect(results).toMatchObject([
      { status: 'failed', message: expect.stringContaining('permissions') as string },
    ]);
    expect(get('closed/a.yaml')).toBe('old\n');
  });
});
