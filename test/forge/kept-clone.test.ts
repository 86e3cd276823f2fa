import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import { openCheckout } from '../../src/forge/index.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';

const large = randomBytes(200_000).toString('hex');
let forge: TestForge;
let repository: ForgeRepository;
let cache: string;
beforeAll(async () => {
  forge = await startTestForge();
  // git unpacks what has fewer than a hundred objects.
  const small = Array.from({ length: 150 }, (_, index) => [`small-${index}.yaml`, `a: ${index}\n`]);
  const files = { 'web.yaml': 'a: 1\n', 'large.txt': large, ...Object.fromEntries(small) };
  repository = await forge.createRepository('acme/kept', files);
  cache = join(forge.root, 'cache');
});
afterAll(() => stopTestForge(forge));

const open = () =>
  openCheckout(
    { clone: forge.cloneUrl(repository), cache },
    { environment: process.env, token: tokens.bot, base: null },
  );
const moves = () => readFileSync(join(cache, 'shallow'), 'utf8').trim().split('\n');

/** Bytes of all that the clone holds. */
function measure(): number {
  const files = readdirSync(join(cache, 'objects'), { recursive: true, withFileTypes: true });
  return files.reduce(
    (sum, file) => sum + (file.isFile() ? statSync(join(file.parentPath, file.name)).size : 0),
    0,
  );
}

/** A commit on `main` that changes one small file. */
async function move(text: string): Promise<string> {
  const run = (args: readonly string[], input?: string) => forge.git(repository, args, input);
  const blob = await run(['hash-object', '-w', '--stdin'], text);
  const kept = (await run(['ls-tree', 'main'])).split('\n').filter((line) => !line.endsWith('\tweb.yaml'));
  const tree = await run(['mktree'], `${[...kept, `100644 blob ${blob}\tweb.yaml`].join('\n')}\n`);
  const identity = ['-c', 'user.name=jane', '-c', 'user.email=jane@example.com'];
  const commit = await run([...identity, 'commit-tree', '-m', text, '-p', 'main', tree]);
  await run(['update-ref', 'refs/heads/main', commit]);
  return commit;
}

it('a clone that is kept is sent only what is new, however often the base moves', async () => {
  await open();
  const first = measure();
  expect(first).toBeGreaterThan(large.length / 2);
  for (const text of ['a: 2\n', 'a: 3\n']) {
    const commit = await move(text);
    const checkout = await open();
    expect(checkout.base.commit.sha).toBe(commit);
    const files = await checkout.listFiles();
    expect(files).toHaveLength(152);
    const texts = (await checkout.readFiles(files)).map((bytes) => bytes.toString());
    expect([texts[0], texts.at(-1)]).toEqual([large, text]);
  }
  // Two commits, two trees of 152 lines, two small files.
  expect(measure() - first).toBeLessThan(20_000);
});

it('a clone of many pieces is begun anew, so that no volume fills up with what is old', async () => {
  const old = Array.from({ length: 60 }, () => `${randomBytes(20).toString('hex')}\n`);
  writeFileSync(join(cache, 'shallow'), [...moves().map((one) => `${one}\n`), ...old].join(''));
  const commit = await move('a: 4\n');
  const { base } = await open();
  expect(base.commit.sha).toBe(commit);
  expect(moves()).toEqual([commit]);
});
