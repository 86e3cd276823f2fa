import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from '../../version.ts';
import type { CommandName } from './command-name.ts';
import { type CommandRow, commandRows, commonFlags } from './commands.ts';
import type { Io } from './io.ts';
import { type OptionRow, optionRows } from './options.ts';

/** What the user asked for: values by flag (`exclude-image`), only of options that were written. */
export interface Invocation {
  readonly command: CommandName;
  readonly paths: readonly string[];
  readonly values: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** The invocation, or the exit code when help, version or a usage error has been printed. */
export type ParsedArguments = { readonly invocation: Invocation } | { readonly exitCode: 0 | 2 };

const groupTitles = { what: 'What:', where: 'Where:', how: 'How:', output: 'Output:' } as const;
const groupOrder = ['what', 'where', 'how', 'output'] as const;

/** Reads the command line; `argv` is without the program's own name. */
export function parseArguments(argv: readonly string[], io: Io): ParsedArguments {
  const chosen: Invocation[] = [];
  const program = createProgram(io);
  // The others are looked at only where none is named first: for the help, and for a nearest name.
  const named = commandRows.filter(({ name }) => name === argv[0]);
  for (const row of named.length > 0 ? named : commandRows)
    program.addCommand(createCommand(row, io, (call) => chosen.push(call)));
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  const [invocation] = chosen;
  if (invocation) return { invocation };
  program.outputHelp({ error: true });
  return { exitCode: 2 };
}

function createProgram(io: Io): Command {
  const program = configure(new Command('holdfast'), io);
  return program
    .description(
      'Keeps a copy of every public container image that your Kubernetes manifests depend on,\nin a registry that you own, and points the manifests at the copies.',
    )
    .usage('<command> [options] [paths...]')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help; `holdfast <command> --help` has the options')
    .addHelpCommand(
      new Command('help')
        .argument('[command]')
        .description('print the help of a command')
        .helpGroup('Learn:'),
    )
    .addHelpText(
      'after',
      formatExamples([
        ['holdfast demo', 'the whole job in a sandbox, with no account and no network'],
        ['holdfast scan k8s/', 'which images do we depend on?'],
        ['holdfast rewrite k8s/ --backup ghcr.io/acme/backup', 'copy, verify, rewrite'],
      ]),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 done, and something needs a person; 2 could not start or go on.\nRegistry credentials come from `docker login`, never from flags.',
    );
}

function createCommand(row: CommandRow, io: Io, choose: (invocation: Invocation) => void): Command {
  const command = configure(new Command(row.name), io)
    .summary(row.summary)
    .description(row.description)
    .helpGroup(`${row.group}:`)
    .helpOption('-h, --help', 'print this help');
  if (row.paths) command.argument('[paths...]', 'files and folders to read (default: the current folder)');
  const rows = (optionRows as readonly OptionRow[])
    .filter((option) => (row.options as readonly string[]).includes(option.flag))
    .filter(({ only = row.name }) => only === row.name)
    .toSorted((a, b) => groupOrder.indexOf(a.group) - groupOrder.indexOf(b.group));
  for (const option of rows) command.addOption(createOption(option, row));
  // One script passes one set of flags to every command; where one changes nothing, the help need not name it.
  if (row.paths)
    for (const option of (optionRows as readonly OptionRow[]).filter(
      ({ flag }) => isCommon(flag) && !(row.options as readonly string[]).includes(flag),
    ))
      command.addOption(createOption(option, row).hideHelp());
  command.addHelpText('after', formatExamples(row.examples));
  command.action(() => {
    const values: Record<string, string | number | boolean | string[]> = {};
    for (const option of command.options) {
      const name = option.attributeName();
      if (command.getOptionValueSource(name) !== 'cli') continue;
      values[option.long?.slice(2) ?? name] = command.getOptionValue(name);
    }
    choose({ command: row.name, paths: command.args, values });
  });
  return command;
}

function isCommon(flag: string): boolean {
  return (commonFlags as readonly string[]).includes(flag);
}

function configure(command: Command, io: Io): Command {
  const name = command.name() === 'holdfast' ? 'holdfast' : `holdfast ${command.name()}`;
  return command
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError(`(\`${name} --help\` lists what there is)`)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => (io.stdout.isTTY ? Math.min(io.stdout.columns ?? 100, 110) : 100),
      getErrHelpWidth: () => (io.stderr.isTTY ? Math.min(io.stderr.columns ?? 100, 110) : 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(explainUsage(text)),
    });
}

/** What commander does not say: where an option belongs, and that long ones have two dashes. */
function explainUsage(text: string): string {
  const said = text.replace(/^error: /, 'holdfast: ');
  if (text.startsWith("error: too many arguments for 'prune'"))
    return `${said}(What uses the backup is named with --repository and --cluster)\n`;
  const [, dashes, flag] = /^error: unknown option '(--?)([\w-]+)/.exec(text) ?? [];
  if (flag === undefined || !optionRows.some((row) => row.flag === flag)) return said;
  return dashes === '-'
    ? `${said}(Did you mean --${flag}?)\n`
    : `${said}(Options come after a command that takes them: holdfast rewrite --${flag} …)\n`;
}

function createOption(row: OptionRow, command: CommandRow): Option {
  const flags = `${row.short ? `-${row.short}, ` : ''}--${row.flag}`;
  const value = row.kind === 'switch' ? '' : row.kind === 'optional' ? ` [${row.value}]` : ` <${row.value}>`;
  const option = new Option(flags + value, row.help).helpGroup(groupTitles[row.group]);
  const choices = row.flag === 'output' ? command.formats : row.choices;
  if (choices) option.choices(choices);
  if (row.kind === 'list' || (row.kind === 'optional' && command.name === 'prune'))
    option.argParser((text: string, before: unknown) => [...(Array.isArray(before) ? before : []), text]);
  if (row.kind === 'number') option.argParser((text: string) => parseCount(text, row.least ?? 1));
  return option;
}

function parseCount(text: string, least: number): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= least) return Number(text);
  throw new InvalidArgumentError(`Write a whole number from ${least} to 9999.`);
}

function formatExamples(examples: readonly (readonly [string, string])[]): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  return `\nExamples:\n${examples.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`).join('\n')}`;
}
