import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

describe('a command line that is wrong', () => {
  it.each([
    [['rewrite', '--backp', 'x'], "unknown option '--backp'\n(Did you mean --backup?)"],
    [['copy', '--exclude-images', 'x'], "unknown option '--exclude-images'\n(Did you mean --exclude-image?)"],
    [['rewrite', '-backup', 'x'], "unknown option '-backup'\n(Did you mean --backup?)"],
    [
      ['--backup', 'x', 'rewrite'],
      'Options come after a command that takes them: holdfast rewrite --backup …',
    ],
    [['rewrite', '--zzz'], '(`holdfast rewrite --help` lists what there is)'],
    [['rewrit'], "unknown command 'rewrit'\n(Did you mean rewrite?)"],
    [['rewrite', '--pin', 'hash'], 'Allowed choices are digest, tag.'],
    [['scan', '--output', 'sarif'], 'Allowed choices are text, json, html.'],
    [['copy', '--concurrency', '0'], 'Write a whole number from 1 to 9999.'],
    [['prune', 'clusters/'], '(What uses the backup is named with --repository and --cluster)'],
    [['copy', '--backup'], "option '--backup <REGISTRY/PREFIX>' argument missing"],
  ])('%j ends with 2 and names the right one', async (argv, sentence) => {
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).toMatch(/^holdfast: /);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('takes the common flags with every command, and shows those that matter to it', async () => {
    const flags = [
      '--endpoint=docker.io=http://127.0.0.1:9',
      '--plain-http=b.example',
      '--pin=tag',
      '--concurrency=2',
    ];
    const { stderr } = await runCli(['scan', 'nowhere', ...flags]);
    expect(stderr).toContain('no file or folder at "nowhere"');
    expect((await runCli(['scan', '--help'])).stdout).not.toContain('--pin');
  });

  it('answers `help` and `help <command>` as --help does', async () => {
    expect(await runCli(['help'])).toEqual(await runCli(['--help']));
    expect(await runCli(['help', 'copy'])).toEqual(await runCli(['copy', '--help']));
  });

  it('without a command prints the help on stderr and ends with 2', async () => {
    const { exitCode, stdout, stderr } = await runCli([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: holdfast/);
  });
});
