import { expect, it } from 'vitest';
import { show } from '../../src/faces/cli/present.ts';
import { withSafeLog } from '../../src/faces/cli/safe-log.ts';
import type { Session } from '../../src/faces/cli/session.ts';
import { unpainted } from '../../src/report/index.ts';
import { sampleImage, sampleReport, sampleUse } from '../report/sample.ts';

const session = {
  format: 'text',
  quiet: false,
  dryRun: false,
  paint: unpainted,
  remarkPaint: unpainted,
} as unknown as Session;

function write(env: Record<string, string>, report = sampleReport()) {
  const written = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const io = withSafeLog({
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env,
    cwd: '/srv/here',
    signal: new AbortController().signal,
  });
  show(report, session, io);
  io.stderr.write('::add-mask::x\nplain ##[error]y\n');
  return written;
}

const evil = sampleReport({
  command: 'scan',
  root: '/srv/here',
  images: [sampleImage({ use: sampleUse({ file: '##[error]web.yaml', written: '##[error]x' }) })],
  notes: ['##[error]z'],
});

it('gives the runner of a job no commands', () => {
  const { stdout, stderr } = write({ GITHUB_ACTIONS: 'true' }, evil);
  expect(`${stdout}${stderr}`).not.toMatch(/^\s*::|##\[/m);
  expect(stdout).toContain('##\u200B[error]');
  expect(stderr).toContain(':\u200B:add-mask');
});

it('writes what it was given where no runner reads it', () => {
  const { stdout, stderr } = write({}, evil);
  expect(stdout).toContain('##[error]');
  expect(stderr).toContain('::add-mask::x\nplain ##[error]y\n');
});

it('names the files of a pull request as its repository does', () => {
  const skipped = [{ file: 'k8s/bad.yaml', line: 3, reason: 'syntax', message: 'no YAML' }] as const;
  const report = sampleReport({ command: 'pr', root: '/srv/holdfast-base-x', skipped });
  const { stdout, stderr } = write({}, report);
  expect(`${stdout}${stderr}`).toContain('k8s/bad.yaml');
  expect(`${stdout}${stderr}`).not.toContain('holdfast-base-x');
});
