import { describe, expect, it } from 'vitest';
import { show } from '../../src/faces/cli/present.ts';
import type { Session } from '../../src/faces/cli/session.ts';
import { unpainted } from '../../src/report/index.ts';
import { sampleImage, sampleReport, sampleUse } from '../report/sample.ts';
import { runCli } from './run-cli.ts';

const session = {
  format: 'text',
  quiet: false,
  dryRun: false,
  paint: unpainted,
  remarkPaint: unpainted,
} as unknown as Session;

function write(env: Record<string, string>, report = sampleReport(), format: Session['format'] = 'text') {
  const written = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const { signal } = new AbortController();
  const io = { stdout: sink('stdout'), stderr: sink('stderr'), env, cwd: '/srv/here', signal };
  show(report, { ...session, format }, io);
  return written;
}

const inActions = { GITHUB_ACTIONS: 'true' };
/** What the runner takes for a command: `::` where a line begins, `##[` anywhere. */
const command = /^\s*::|##\[/m;

const evil = sampleReport({
  command: 'check',
  root: '/srv/here',
  images: [sampleImage({ use: sampleUse({ file: '##[error]web.yaml', written: '##[error]x\n::error::y' }) })],
});

describe('what a runner of GitHub reads', () => {
  it.each(['text', 'json', 'markdown', 'sarif'] as const)('has no commands in it: %s', (format) => {
    const { stdout } = write(inActions, evil, format);
    expect(stdout).toContain('web.yaml');
    expect(stdout).not.toMatch(command);
  });

  it('says the same as JSON', () => {
    const { images } = JSON.parse(write(inActions, evil, 'json').stdout);
    expect(images[0]).toMatchObject({ file: '##[error]web.yaml', image: '##[error]x\n::error::y' });
  });

  it.each([
    'scan --',
    '',
    'rewrite --pin ',
    'copy --concurrency ',
    'scan ',
    'scan --config ',
    'scan --output json ',
    'watch --',
  ])('has no commands of the command line in it: holdfast %s…', async (given) => {
    const argv = `${given}evil`.split(' ');
    argv.push(`${argv.pop()}\n::set-output name=a::b ##[error]y\r::error::z`);
    const { exitCode, stdout, stderr } = await runCli(argv, { env: inActions });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('set-output');
    expect(`${stdout}${stderr}`).not.toMatch(command);
  });
});

it('writes what it was given where no runner reads it', async () => {
  expect(write({}, evil).stdout).toContain('##[error]');
  expect((await runCli(['scan', '--##[x]'])).stderr).toContain("'--##[x]'");
});

it('shows the control characters of an error for what they are', async () => {
  const { stderr } = await runCli(['scan', '\u001b[31mred']);
  expect(stderr).toContain('\\u{1b}[31mred');
  expect(stderr).not.toContain('\u001b');
});

it('names the files of a pull request as its repository does', () => {
  const skipped = [{ file: 'k8s/bad.yaml', line: 3, reason: 'syntax', message: 'no YAML' }] as const;
  const report = sampleReport({ command: 'pr', root: '/srv/holdfast-base-x', skipped });
  const { stdout, stderr } = write({}, report);
  expect(`${stdout}${stderr}`).toContain('k8s/bad.yaml');
  expect(`${stdout}${stderr}`).not.toContain('holdfast-base-x');
});
