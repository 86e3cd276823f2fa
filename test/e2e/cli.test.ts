import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShop, web, writeFiles } from '../faces/shop.ts';
import { type NodeProcess, startNode } from '../support/start-node.ts';

const program = join(import.meta.dirname, '../../dist/cli.js');

const start = (args: readonly string[], cwd: string, path = program): NodeProcess =>
  startNode([path, ...args], { cwd, env: { ...process.env, TMPDIR: cwd } });

describe('dist/cli.js as a process', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-dist-'));
    cpSync(join(program, '..'), join(folder, 'dist'), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('runs the demo to the end with nothing but itself, Node and git, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await start(['demo'], folder, join(folder, 'dist/cli.js')).ended;
    expect({ code, warnings: stderr.match(/warning/i) }).toEqual({ code: 0, warnings: null });
    expect(readdirSync(folder)).toEqual(['dist']);
    expect(stdout).toContain(
      '+          image: registry.example/backup/docker.io/library/busybox:1.37@sha256:',
    );
    expect(stdout).toContain('backup/docker.io/library/nginx  1.29.3, 1.29.3-');
    expect(stdout).toMatch(
      /^\| `quay\.io\/prometheus\/prometheus:v3\.7\.3` \| .* \| `ops\/monitoring\.yaml` \|$/m,
    );
    expect(stdout).toMatch(/^\| `shop\/storage\.yaml:14` \| `minio\/minio:.*not publicly pullable/m);
    expect(stderr).toContain('5 already there');
    expect(stderr).toMatch(
      /private {2}docker\.io\/minio\/minio:.*is not publicly pullable: deleted, or private/,
    );
  });

  it('goes on when the reader of its output goes away', async () => {
    const containers = Array.from(
      { length: 4000 },
      (_, i) => `        - { name: c${i}, image: nginx:${i} }\n`,
    );
    const shop = writeFiles({ 'big.yaml': web + containers.join('') });
    try {
      const { child, ended } = start(['scan'], shop);
      child.stdout.destroy();
      const { code, stderr } = await ended;
      expect(code).toBe(0);
      expect(stderr).toContain('4002 image references');
    } finally {
      rmSync(shop, { recursive: true });
    }
  });

  it('stops at the first SIGINT with 2, and leaves manifests and backup as they are', async () => {
    const shop = await openShop();
    try {
      shop.upstream.setFaults([
        { match: { method: 'GET', path: /\/blobs\// }, fault: { kind: 'stall', afterBytes: 100 } },
      ]);
      const { child, ended } = start(['rewrite', ...shop.flags], shop.folder);
      // The backup is asked for an upload once bytes of a layer wait to be sent.
      await waitUntil(() => shop.backup.count({ method: 'POST' }) > 0);
      child.kill('SIGINT');
      const { code, stderr } = await ended;
      expect(code).toBe(2);
      expect(stderr).toContain('holdfast: stopping; once more to quit at once\n');
      expect(readFileSync(join(shop.folder, 'k8s/web.yaml'), 'utf8')).toBe(web);
      expect(Object.values(shop.backup.snapshot()).flatMap(({ tags }) => Object.keys(tags))).toEqual([]);
    } finally {
      await shop.close();
    }
  });
});

async function waitUntil(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not happen within ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
