import { describe, expect, it } from 'vitest';
import { commandRows } from '../../src/faces/cli/commands.ts';
import { type OptionRow, optionRows } from '../../src/faces/cli/options.ts';
import { version } from '../../src/version.ts';
import { runCli } from '../faces/run-cli.ts';

describe('holdfast --help', () => {
  it('lists every command with its summary, examples and the exit codes, on stdout', async () => {
    const { exitCode, stdout, stderr } = await runCli(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const words = stdout.replace(/\s+/g, ' ');
    for (const { name, summary } of commandRows) {
      expect(stdout).toMatch(new RegExp(`^  ${name} \\[options\\]`, 'm'));
      expect(words).toContain(summary);
    }
    expect(words).toContain('Examples: holdfast demo');
    expect(words).toContain('Exit codes: 0 done; 1 done, and something needs a person; 2 could not start');
  });

  it.each(commandRows.map((row) => row.name))('explains every flag of %s, with an example', async (name) => {
    const { exitCode, stdout } = await runCli([name, '--help']);
    const row = commandRows.find((command) => command.name === name);
    expect(exitCode).toBe(0);
    for (const flag of row?.options ?? []) expect(stdout).toMatch(new RegExp(` --${flag}\\b`));
    expect(stdout).toContain(`Examples:\n  holdfast ${name}`);
  });

  it('prints the version of the package', async () => {
    expect(await runCli(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('the table of options', () => {
  it('has every flag once, and no command takes a flag that is not in it', () => {
    const flags: readonly string[] = optionRows.map((row) => row.flag);
    const rows: readonly OptionRow[] = optionRows;
    expect(new Set(rows.map(({ flag, only = '' }) => `${flag} ${only}`)).size).toBe(flags.length);
    for (const row of commandRows) {
      expect(flags).toEqual(expect.arrayContaining([...row.options]));
      expect(new Set(row.options).size).toBe(row.options.length);
    }
    expect(new Set(commandRows.flatMap((row) => row.options))).toEqual(new Set(flags));
  });

  it('names the value of every option that takes one', () => {
    const rows: readonly OptionRow[] = optionRows;
    for (const row of rows) expect(row.value !== undefined).toBe(row.kind !== 'switch');
  });
});
