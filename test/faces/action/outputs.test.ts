import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeOutputs } from '../../../src/faces/action/outputs.ts';
import type { ProposalFinding, Report } from '../../../src/report/index.ts';
import { sampleCopy, sampleImage, sampleReport, sampleUse } from '../../report/sample.ts';
import { useFolder } from '../../support/use-folder.ts';

const folder = useFolder('outputs');
const file = () => join(folder.path, 'output');
beforeEach(() => {
  vi.stubEnv('GITHUB_OUTPUT', file());
  writeFileSync(file(), '');
});
afterAll(() => void vi.unstubAllEnvs());

/** The outputs as the runner reads them from its file. */
async function write(report: Report): Promise<Record<string, string>> {
  await writeOutputs(report, { RUNNER_TEMP: folder.path });
  const written = readFileSync(file(), 'utf8');
  return Object.fromEntries(
    [...written.matchAll(/^([\w-]+)<<(ghadelimiter_\S+)\n([\s\S]*?)\n?\2$/gm)].map(
      ([, name = '', , value = '']) => [name, value],
    ),
  );
}

const place = 'ghcr.io/acme/backup/docker.io/library';
const of = (name: string, line: number, state: 'candidate' | 'backup' | 'excluded' = 'candidate') =>
  sampleImage({
    canonical: state === 'backup' ? `${place}/${name}` : `docker.io/library/${name}`,
    state,
    use: sampleUse({ line, written: name }),
  });
const gone = { code: 'not-found', message: 'It is not there.' };
const copyOf = (name: string, change: Parameters<typeof sampleCopy>[0]) =>
  sampleCopy({ source: `docker.io/library/${name}`, backup: `${place}/${name}`, ...change });

describe('the counts of a check', () => {
  it('are of images, each once, and of problems by line', async () => {
    const outputs = await write(
      sampleReport({
        command: 'check',
        images: [
          of('nginx:1.25', 20),
          of('redis:7', 30),
          of('redis:7', 31),
          of('redis:8', 32, 'backup'),
          of('caddy:2', 33, 'excluded'),
        ],
        copies: [
          copyOf('nginx:1.25', { status: 'present' }),
          copyOf('redis:7', { status: 'planned' }),
          copyOf('redis:8', { status: 'failed', digest: null, error: gone }),
        ],
      }),
    );
    // Of nginx the copy is there, and only its manifest is still to be changed.
    expect(outputs).toMatchObject({
      'images-found': '4',
      'images-copied': '0',
      'images-failed': '2',
      problems: '4',
    });
    expect(Object.keys(outputs)).not.toContain('pr-operation');
    expect(JSON.parse(readFileSync(outputs['sarif'] ?? '', 'utf8')).runs[0].results).toHaveLength(4);
    expect(JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8')).images).toHaveLength(5);
  });

  it('say what a check copied, and what it could not copy', async () => {
    const outputs = await write(
      sampleReport({
        command: 'check',
        images: [of('nginx:1.25', 20), of('redis:7', 30), of('caddy:2', 31)],
        copies: [
          copyOf('nginx:1.25', { status: 'copied' }),
          copyOf('redis:7', { status: 'failed', digest: null, error: gone }),
          copyOf('caddy:2', { status: 'private', digest: null, error: { ...gone, code: 'private' } }),
        ],
      }),
    );
    expect(outputs).toMatchObject({ 'images-copied': '1', 'images-failed': '2', problems: '3' });
  });

  it('do not take a backup for missing that nobody was asked for', async () => {
    const outputs = await write(
      sampleReport({
        command: 'check',
        images: [of('redis:8', 32, 'backup')],
        copies: [
          copyOf('redis:8', { status: 'unknown', digest: null, error: { ...gone, code: 'not-asked' } }),
        ],
      }),
    );
    expect(outputs).toMatchObject({ 'images-failed': '0', problems: '1' });
  });
});

describe('the outputs of a rewrite', () => {
  const proposal: ProposalFinding = {
    group: null,
    operation: 'created',
    branch: 'holdfast/main',
    commit: 'c'.repeat(40),
    verified: true,
    number: 7,
    url: 'https://github.com/acme/shop/pull/7',
    explanation: null,
    warnings: [],
    title: 'Use the backup',
    body: '',
  };

  it('count what was copied and what could not be, and name the request', async () => {
    const outputs = await write(
      sampleReport({
        command: 'pr',
        images: [of('nginx:1.25', 20), of('redis:7', 30)],
        copies: [
          copyOf('nginx:1.25', { status: 'copied' }),
          copyOf('caddy:2', { status: 'present' }),
          copyOf('redis:7', { status: 'failed', digest: null, error: gone }),
          copyOf('redis:8', { status: 'private', digest: null, error: gone }),
        ],
        proposals: [proposal],
      }),
    );
    expect(outputs).toEqual({
      'images-found': '2',
      'images-copied': '1',
      'images-failed': '2',
      'pr-operation': 'created',
      'pr-number': '7',
      'pr-url': 'https://github.com/acme/shop/pull/7',
      branch: 'holdfast/main',
      'head-sha': 'c'.repeat(40),
      'commits-verified': 'true',
      report: expect.stringMatching(/report\.json$/),
    });
  });

  it('are of the request that is there, not of one that was closed', async () => {
    const closed = { ...proposal, operation: 'closed', number: 3, commit: null, verified: null } as const;
    const outputs = await write(sampleReport({ command: 'pr', proposals: [closed, proposal] }));
    expect(outputs).toMatchObject({ 'pr-number': '7', 'pr-operation': 'created' });
    writeFileSync(file(), '');
    expect(await write(sampleReport({ command: 'pr', proposals: [closed] }))).toMatchObject({
      'pr-number': '3',
      'pr-operation': 'closed',
      'head-sha': '',
      'commits-verified': '',
    });
    writeFileSync(file(), '');
    expect(await write(sampleReport({ command: 'pr' }))).toMatchObject({ 'pr-operation': 'none' });
  });
});
