import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatDiff,
  type Paint,
  paintDiff,
  renderRemarks,
  renderResult,
  summarize,
  unpainted,
} from '../../src/report/index.ts';
import { digest, sampleCopy, sampleImage, sampleReport, sampleUse } from './sample.ts';

const plain = { paint: unpainted, terminal: false, dryRun: false };
const tagged: Paint = (tone, text) => `<${tone}>${text}</${tone}>`;

describe('the text of a report', () => {
  it('lists every place of a scan with its state and the reason', () => {
    const report = sampleReport({
      command: 'scan',
      copies: [],
      images: [
        sampleImage(),
        sampleImage({
          use: sampleUse({ written: '${IMAGE}', line: 30 }),
          state: 'unusable',
          reason: 'variable',
          explanation: 'a variable decides it',
        }),
      ],
    });
    expect(renderResult(report, plain)).toBe(
      'k8s/web.yaml:21:16  nginx:1.25  candidate\n' +
        'k8s/web.yaml:30:16  ${IMAGE}  unusable: a variable decides it\n',
    );
    expect(renderRemarks(report, unpainted, false)).toBe(
      '3 files read, 2 image references: 1 to back up, 1 left alone\n',
    );
  });

  it('says what failed and why, and that its references are left alone', () => {
    const failed = sampleCopy({
      status: 'failed',
      digest: null,
      error: { code: 'not-found', message: 'no such tag' },
    });
    const remarks = renderRemarks(sampleReport({ copies: [failed], attention: true }), unpainted, false);
    expect(remarks).toContain(
      'failed   docker.io/library/nginx:1.25 -> ghcr.io/acme/backup/docker.io/library/nginx:1.25  no such tag\n',
    );
    expect(remarks).toContain('1 image: 1 failed');
  });

  it('gives a copy one line with the digest, the platforms and the bytes', () => {
    const result = renderResult(sampleReport({ command: 'copy' }), plain);
    expect(result).toBe(
      `copied   docker.io/library/nginx:1.25 -> ghcr.io/acme/backup/docker.io/library/nginx:1.25  ${digest}  2 platforms  54.1 MB\n`,
    );
  });

  it('makes hostile text of manifests, registries and file names harmless', () => {
    const report = sampleReport({
      command: 'scan',
      images: [
        sampleImage({
          use: sampleUse({ file: 'a\x1b[2J.yaml', written: 'x\x1b]0;title\x07', line: 1, column: 1 }),
        }),
      ],
      copies: [sampleCopy({ status: 'failed', error: { code: 'refused', message: 'no\x1b[1A\r' } })],
      skipped: [{ file: 'b\n.yaml', line: 2, reason: 'syntax', message: 'bad\x1b[0m' }],
      notes: ['see\x1b[31m'],
    });
    const result = renderResult(report, { ...plain, terminal: true });
    const remarks = renderRemarks(report, unpainted, false);
    // oxlint-disable-next-line no-control-regex
    expect(result + remarks).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expect(result).toContain('a\\u{1b}[2J.yaml:1:1');
  });
});

describe('formatDiff', () => {
  it('keeps the bytes of CRLF files, so that the patch applies', () => {
    const change = { path: 'a.yaml', before: 'x: 1\r\nimage: a\r\n', after: 'x: 1\r\nimage: b\r\n' };
    expect(formatDiff([change])).toBe(
      '--- a/a.yaml\n+++ b/a.yaml\n@@ -1,2 +1,2 @@\n x: 1\r\n-image: a\r\n+image: b\r\n',
    );
  });

  it('names a file that is new or gone as git does', () => {
    expect(formatDiff([{ path: 'holdfast.lock.yaml', before: '', after: 'version: 1\n' }])).toBe(
      '--- /dev/null\n+++ b/holdfast.lock.yaml\n@@ -0,0 +1,1 @@\n+version: 1\n',
    );
  });

  it('is painted line by line for a terminal, without escapes of the manifest', () => {
    const change = { path: 'a.yaml', before: 'image: a\x1b[31m\r\n', after: 'image: b\r\n' };
    expect(paintDiff([change], tagged)).toBe(
      '<strong>--- a/a.yaml</strong>\n<strong>+++ b/a.yaml</strong>\n<dim>@@ -1,1 +1,1 @@</dim>\n' +
        '<bad>-image: a\\u{1b}[31m</bad>\n<good>+image: b</good>\n',
    );
  });
});

describe('summarize', () => {
  it('says that there is nothing to do on a second run', () => {
    const report = sampleReport({
      images: [sampleImage({ state: 'backup' })],
      copies: [],
    });
    expect(summarize(report)).toBe('3 files read, 1 image reference: 1 on the backup; nothing to do');
  });
});

describe('formatBytes', () => {
  it('never prints a thousand of a smaller unit', () => {
    expect([0, 999, 1000, 999_949, 999_950, 1_073_741_824].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '999.9 kB',
      '1.0 MB',
      '1.1 GB',
    ]);
  });
});

it.each([
  ['created', 'opened', 'would be opened'],
  ['updated', 'updated', 'would be updated'],
  ['closed', 'closed', 'would be closed'],
  ['pushed', 'branch pushed', 'branch would be pushed'],
  ['unchanged', 'unchanged', 'unchanged'],
  ['none', 'nothing to propose', 'nothing to propose'],
] as const)('a request that is %s is %s, and in a dry run: %s', (operation, done, planned) => {
  const proposal = {
    group: null,
    operation,
    branch: 'holdfast/main',
    commit: null,
    verified: null,
    number: null,
    url: null,
    explanation: null,
    warnings: [],
    title: null,
    body: null,
  };
  const report = sampleReport({ command: 'pr', proposals: [proposal] });
  expect(renderResult(report, plain)).toBe(`${done}  holdfast/main\n`);
  expect(renderResult(report, { ...plain, dryRun: true })).toBe(`${planned}  holdfast/main\n`);
});
