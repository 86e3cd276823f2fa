/**
 * `npm run bench -- copy [--rounds N] [--case NAME]… [--small]`: ours and every peer that is there, interleaved, on
 * images that it builds itself, between two docker-registry processes with their storage in memory (/dev/shm).
 * Compare figures inside one run only: machines drift.
 *
 * Peers are those on the PATH (Debian 12 has skopeo 1.9), or better those of a folder that `sh test/bench/peers.sh
 * FOLDER` makes of Debian sid's packages (crane, oras, skopeo, and docker-registry 2.8.3, whose hashing is not the
 * bottleneck): `HOLDFAST_PEERS=FOLDER npm run bench -- copy`. Needs GNU time. skopeo's cache of blob locations is
 * removed before a cold run, as it would remember a backup that is gone.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { makeCertificate } from '../support/token-server.ts';
import { type Contender, findContenders, findRegistryBinary, type Work } from './copy/contenders.ts';
import { type Fixtures, pushFixtures } from './copy/fixtures.ts';
import { type Measured, measure } from './copy/measure.ts';
import { formatReach, formatTable, median, type Reach, type Row } from './copy/table.ts';

interface Case {
  readonly name: string;
  readonly title: string;
  readonly images: readonly string[];
  /** The backup is empty before each run. */
  readonly cold: boolean;
  readonly tls?: boolean;
  readonly delayMs?: number;
  readonly referrers?: boolean;
  readonly rounds: number;
  /** Bytes that have to pass at least. */
  readonly unique: number | null;
  readonly blobs?: Work['blobs'];
  readonly reach: readonly Reach[];
  readonly check?: (ours: Row) => readonly string[];
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    case: { type: 'string', multiple: true },
    small: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const peers = process.env['HOLDFAST_PEERS'];
const binary = findRegistryBinary(peers);
const work = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
const dist = join(import.meta.dirname, '../../dist');
if (!existsSync(join(dist, 'cli.js'))) throw new Error('dist/cli.js is not there: npm run build');
// A copy, so that a build in the meantime does not change what is measured.
cpSync(dist, join(work, 'dist'), { recursive: true });
// It says that dist/ is ES modules; without it Node reads each file twice to find out.
cpSync(join(dist, '../package.json'), join(work, 'package.json'));
const contenders = findContenders(join(work, 'dist/cli.js'), peers);
const certificate = makeCertificate();
/** What this machine trusts besides is taken away: Node would read and parse it at each start, 30 ms in vain. */
const environment = { XDG_DATA_HOME: work, HOME: work, NODE_EXTRA_CA_CERTS: undefined };
/** Only where TLS is spoken: reading it is work for those who start. */
const trust = {
  SSL_CERT_FILE: certificate.certFile,
  CURL_CA_BUNDLE: certificate.certFile,
  NODE_EXTRA_CA_CERTS: certificate.certFile,
};

const options = binary ? { binary } : {};
const tls = { tls: { certFile: certificate.certFile, keyFile: certificate.keyFile } };
const source = await startDockerRegistry(options);
const backup = await startDockerRegistry(options);
const sourceTls = await startDockerRegistry({ ...options, ...tls, storage: source.storage });
const backupTls = await startDockerRegistry({ ...options, ...tls, storage: backup.storage });
const children: ReturnType<typeof spawn>[] = [];
process.once('exit', () => {
  certificate.remove();
  rmSync(work, { recursive: true, force: true });
});
// The registries end, and their folders go, as this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  console.error(
    `contenders: ${contenders.map(({ name }) => name).join(', ')}; ${binary ?? 'docker-registry of the PATH'}`,
  );
  const fixtures = await pushFixtures(source.url, values.small);
  for (const one of casesOf(fixtures)) {
    if (values.case && !values.case.includes(one.name)) continue;
    console.log(await runCase(one));
  }
} finally {
  for (const child of children) child.kill();
  for (const server of [source, backup, sourceTls, backupTls]) await server.close();
}

function casesOf({ big, many, uniqueOfMany, signed }: Fixtures): readonly Case[] {
  const tags = many.map(({ name }) => `${name}:1.0`);
  const one = { images: ['apps/big:1.0'], rounds, unique: big.bytes, blobs: big.blobs };
  const faster = (peer: string, ratio: number): Reach => ({ peer, key: 'wall', ratio });
  const peakUnder = (row: Row, most: number): string => {
    const peak = median(row.runs.map((run) => run.peak)) * 1.048576;
    return `peak ${peak.toFixed(0)} MB; less than ${most}: ${peak < most ? 'reached' : 'NOT REACHED'}`;
  };
  const perImage = (row: Row, most: number): string => {
    const asked = median(row.runs.map((run) => run.sourceRequests + run.backupRequests)) / many.length;
    return `${asked.toFixed(2)} requests an image; at most ${most}: ${asked <= most + 0.1 ? 'reached' : 'NOT REACHED'}`;
  };
  return [
    {
      ...one,
      name: 'big',
      title: 'One large image, cold, plain HTTP',
      cold: true,
      reach: [faster('crane', 1.1), faster('skopeo copy', 1.1)],
      check: (row) => [peakUnder(row, 120)],
    },
    {
      ...one,
      name: 'big-tls',
      title: 'One large image, cold, over TLS',
      cold: true,
      tls: true,
      reach: [faster('skopeo copy', 1.15), faster('crane', 0.8)],
    },
    { ...one, name: 'big-again', title: 'The same again', cold: false, unique: null, blobs: [], reach: [] },
    {
      name: 'many',
      title: `${many.length} images that share layers, cold`,
      images: tags,
      cold: true,
      rounds: Math.min(rounds, 2),
      unique: uniqueOfMany,
      reach: [faster('skopeo sync', 0.4), faster('crane', 0.1)],
    },
    {
      name: 'many-again',
      title: `${many.length} images again`,
      images: tags,
      cold: false,
      rounds,
      unique: null,
      reach: [faster('crane', 0.3)],
      check: (row) => [perImage(row, 2)],
    },
    {
      name: 'many-pinned',
      title: `${many.length} images again, pinned by digest`,
      images: many.map(({ name, digest }) => `${name}:1.0@${digest}`),
      cold: false,
      rounds,
      unique: null,
      reach: [],
      check: (row) => [perImage(row, 1)],
    },
    {
      name: 'many-slow',
      title: `${many.length} images again, 30 ms a request`,
      images: tags,
      cold: false,
      delayMs: 30,
      rounds,
      unique: null,
      reach: [faster('crane', 0.5)],
    },
    {
      name: 'signed',
      title: 'A multi-architecture image with signatures, cold',
      images: [signed],
      cold: true,
      referrers: true,
      rounds,
      unique: null,
      reach: [],
    },
  ];
}

async function runCase(one: Case): Promise<string> {
  const sides = one.tls ? { source: sourceTls, backup: backupTls, work } : { source, backup, work };
  const hosts = await hostsOf(one, sides);
  const taking = contenders.flatMap((contender) => {
    const command = contender.command(workOf(one, hosts, contender));
    return command === null ? [] : [contender];
  });
  if (!one.cold) for (const contender of taking) await fill(one, contender);
  const runs = new Map<string, Measured[]>();
  for (let round = 0; round < one.rounds; round += 1) {
    for (const contender of taking) {
      if (one.cold) empty();
      const command = contender.command(workOf(one, hosts, contender)) ?? 'false';
      const measured = await measure(command, one.tls ? { ...environment, ...trust } : environment, sides);
      if (!measured.ok) console.error(`${one.name}: ${contender.name} failed: ${measured.stderr}`);
      else console.error(`${one.name} ${round + 1}/${one.rounds}: ${contender.name} ${measured.wall} s`);
      runs.set(contender.name, [...(runs.get(contender.name) ?? []), measured]);
    }
  }
  const rows = [...runs].map(([name, measured]): Row => ({ name, runs: measured }));
  const extra = rows[0] && one.check ? one.check(rows[0]) : [];
  return formatTable(one.title, rows, one.unique) + formatReach(rows, one.reach, extra);
}

function workOf(
  one: Case,
  hosts: { readonly source: string; readonly backup: string },
  contender: Contender,
): Work {
  const prefix = `of-${contender.name.replaceAll(/[^a-z]+/g, '-').replace(/-$/, '')}`;
  return {
    images: one.images,
    ...hosts,
    prefix,
    tls: one.tls === true,
    referrers: one.referrers === true,
    blobs: one.blobs ?? [],
    folder: work,
  };
}

/** Puts the images there before a run that shall find them; the quickest way is ours. */
async function fill(one: Case, contender: Contender): Promise<void> {
  const hosts = { source: source.host, backup: backup.host };
  const command = contenders[0]?.command(workOf({ ...one, tls: false }, hosts, contender)) ?? 'false';
  const filled = await measure(command, environment, { source, backup, work });
  if (!filled.ok) throw new Error(`the backup of ${contender.name} could not be filled: ${filled.stderr}`);
}

async function hostsOf(
  one: Case,
  sides: { readonly source: DockerRegistry; readonly backup: DockerRegistry },
): Promise<{ source: string; backup: string }> {
  if (one.delayMs === undefined) return { source: sides.source.host, backup: sides.backup.host };
  const script = fileURLToPath(new URL('./copy/slow-proxy.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, String(one.delayMs), sides.source.url, sides.backup.url],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  const line = await new Promise<string>((resolve) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8')));
  });
  const [slowSource = '', slowBackup = ''] = JSON.parse(line) as string[];
  return { source: slowSource, backup: slowBackup };
}

function empty(): void {
  rmSync(join(backup.storage, 'docker'), { recursive: true, force: true });
  rmSync(join(work, 'containers'), { recursive: true, force: true });
  for (const name of ['blob-info-cache-v1.boltdb', 'blob-info-cache-v1.sqlite']) {
    rmSync(join('/var/lib/containers/cache', name), { force: true });
  }
}
