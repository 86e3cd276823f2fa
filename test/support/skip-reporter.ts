import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** Of the process; a test has its own. */
interface Out {
  readonly stdout: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  exitCode?: number | string | null | undefined;
}

/**
 * Says at the end what did not run, and why: a green run that left half of its suites out must not look whole. With
 * `HOLDFAST_MAY_SKIP`, a pattern of titles, the run fails for every other one.
 */
export class SkipReporter implements Reporter {
  readonly #out: Out;
  #isFiltered = false;

  constructor(out: Out = process) {
    this.#out = out;
  }

  onInit(vitest: { readonly config: Pick<Vitest['config'], 'testNamePattern'> }): void {
    this.#isFiltered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly Pick<TestModule, 'relativeModuleId' | 'children'>[]): void {
    // Whoever runs tests by their name knows that the others do not run.
    if (this.#isFiltered) return;
    const skipped = modules.flatMap((module) =>
      findSkipped(module).map((title) => `${module.relativeModuleId} > ${title}`),
    );
    if (skipped.length === 0) return;
    this.#out.stdout.write(`\nNot run here:\n${skipped.map((line) => `  ${line}\n`).join('')}`);
    if (this.#out.env['GITHUB_ACTIONS'] === 'true')
      this.#out.stdout.write(`::notice title=Tests that were not run::${skipped.join('%0A')}\n`);
    const allowed = this.#out.env['HOLDFAST_MAY_SKIP'];
    if (allowed === undefined) return;
    const wrong = skipped.filter((line) => !new RegExp(allowed).test(line));
    if (wrong.length === 0) return;
    this.#out.stdout.write(`\nThese have to run here:\n${wrong.map((line) => `  ${line}\n`).join('')}`);
    this.#out.exitCode = 1;
  }
}

/** The outermost suite or test of each that did not run; its title says why. */
function findSkipped(parent: Pick<TestModule, 'children'>): readonly string[] {
  return [...parent.children].flatMap((child) => {
    if (child.type === 'test') return child.result().state === 'skipped' ? [child.name] : [];
    const all = [...child.children.allTests()];
    return all.length > 0 && all.every((test) => test.result().state === 'skipped')
      ? [child.name]
      : findSkipped(child);
  });
}
