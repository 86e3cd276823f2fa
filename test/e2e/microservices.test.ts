import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DockerRegistry, findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { buildMultiArch } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';

const execute = promisify(execFile);
const cli = resolve(import.meta.dirname, '../../dist/cli.js');
const shared = process.env['HOLDFAST_SHARED'] ?? resolve(import.meta.dirname, '../../../shared');
const archive = join(shared, 'corpus/manifests.tgz');
const demo = './GoogleCloudPlatform__microservices-demo/kubernetes-manifests';

const missing = !existsSync(archive)
  ? 'no corpus: HOLDFAST_SHARED names no folder with corpus/'
  : findDockerRegistry() === null
    ? 'docker-registry is not installed'
    : null;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Answer {
  readonly images: readonly { readonly image: string; readonly canonical: string; readonly file: string }[];
  readonly copies: readonly { readonly source: string; readonly backup: string; readonly status: string }[];
}

async function run(program: string, words: readonly string[], cwd: string): Promise<Run> {
  try {
    return { code: 0, ...(await execute(program, words, { cwd, maxBuffer: 1 << 26 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe.skipIf(missing !== null)(
  `the microservices demo, two docker-registries${missing ? ` (${missing})` : ''}`,
  () => {
    let upstream: DockerRegistry;
    let backup: DockerRegistry;
    let folder: string;
    const holdfast = (...words: string[]): Promise<Run> =>
      run(
        process.execPath,
        [
          cli,
          ...words,
          '--backup',
          `${backup.host}/mirror`,
          '--plain-http',
          backup.host,
          '--endpoint',
          `docker.io=${upstream.url}`,
        ],
        folder,
      );
    const git = async (...words: string[]): Promise<string> => (await run('git', words, folder)).stdout;

    beforeEach(async () => {
      [upstream, backup] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
    });
    afterEach(async () => {
      await Promise.all([upstream.close(), backup.close(), rm(folder, { recursive: true })]);
    });

    /** A fresh checkout of the demo's manifests, and an image upstream for each reference that is not pinned. */
    async function checkOut(): Promise<readonly string[]> {
      const unpacked = await mkdtemp(join(tmpdir(), 'holdfast-corpus-'));
      await execute('tar', ['xzf', archive, '-C', unpacked, demo]);
      folder = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
      await cp(join(unpacked, demo), folder, { recursive: true });
      await rm(unpacked, { recursive: true });
      await git('init', '-q');
      await git('add', '.');
      await git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'demo');
      const scanned = JSON.parse((await holdfast('scan', '--output', 'json')).stdout) as Answer;
      const names = new Set(scanned.images.map(({ canonical }) => canonical));
      const wanted = [...names].filter((name) => !name.includes('@')).toSorted();
      for (const name of wanted) {
        const [, repository = '', tag = ''] = /^docker\.io\/(.+):([^:]+)$/.exec(name) ?? [];
        await pushImage({ url: upstream.url, repository, tag }, await buildMultiArch(name));
      }
      return wanted;
    }

    test('every image is copied byte for byte, and the diff touches image lines alone', async () => {
      const wanted = await checkOut();
      expect(wanted).toHaveLength(12);
      const first = await holdfast('rewrite', '--output', 'json');
      expect(first.code).toBe(1);
      const answer = JSON.parse(first.stdout) as Answer;
      const failed = answer.copies.filter(({ status }) => status === 'failed');
      expect(failed.map(({ source }) => source)).toEqual([
        expect.stringContaining('busybox:1.38.0@sha256:fd8d9aa6'),
      ]);
      const copied = answer.copies.filter(({ status }) => status === 'copied');
      expect(copied.map(({ source }) => source)).toEqual(wanted);
      for (const { source, backup: copy } of copied) {
        const raw = (name: string): Promise<string> =>
          execute('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}`]).then(
            ({ stdout }) => stdout,
          );
        expect(await raw(copy)).toBe(await raw(source.replace('docker.io', upstream.host)));
      }
      const changed = (await git('diff', '-U0')).split('\n').filter((line) => /^[-+](?![-+])/.test(line));
      expect(changed).toHaveLength(24);
      expect(changed.filter((line) => !/^[-+] +image: /.test(line))).toEqual([]);
      expect(await readFile(join(folder, 'loadgenerator.yaml'), 'utf8')).toContain(
        'image: busybox:1.38.0@sha256:fd8d9aa6',
      );

      const before = await git('status', '--porcelain', '-z');
      const again = await holdfast('rewrite', '--exclude-image', 'busybox');
      expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: '' });
      expect(again.stderr).toContain('nothing to do');
      expect(await git('status', '--porcelain', '-z')).toBe(before);
      expect((await git('diff', '-U0')).split('\n').filter((line) => /^[-+](?![-+])/.test(line))).toEqual(
        changed,
      );
    }, 120_000);

    test('with the backup registry killed half-way, every manifest points at an image that is there', async () => {
      await checkOut();
      const stopping = holdfast('rewrite', '--concurrency', '1');
      // Each image is at least six of these: four children, the index under its anchor, and under its tag.
      const arrived = (): number =>
        backup.accessLog().filter(({ method, path }) => method === 'PUT' && path.includes('/manifests/'))
          .length;
      while (arrived() < 20) await sleep(2);
      await backup.kill();
      const stopped = await stopping;
      expect(stopped.code).toBe(1);
      await backup.restart();
      const { images } = JSON.parse((await holdfast('scan', '--output', 'json')).stdout) as Answer;
      const backed = images.filter(({ image }) => image.startsWith(backup.host));
      expect(backed.length).toBeGreaterThan(0);
      expect(backed.length).toBeLessThan(12);
      for (const { image } of backed) {
        const name = image.replace(/:[^:@/]+@/, '@');
        await execute('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}`]);
      }
      const again = await holdfast('rewrite');
      expect(again.code).toBe(1);
      const all = JSON.parse((await holdfast('scan', '--output', 'json')).stdout) as Answer;
      expect(all.images.filter(({ image }) => image.startsWith(backup.host))).toHaveLength(12);
    }, 120_000);
  },
);
