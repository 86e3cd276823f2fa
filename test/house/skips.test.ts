import { describe, expect, it } from 'vitest';
import type { TestModule } from 'vitest/node';
import { SkipReporter } from '../support/skip-reporter.ts';

const one = (name: string, state: 'passed' | 'skipped') => ({
  type: 'test',
  name,
  result: () => ({ state }),
});
const suite = (name: string, tests: readonly ReturnType<typeof one>[]) => ({
  type: 'suite',
  name,
  children: Object.assign([...tests], { allTests: () => tests }),
});
const module = (relativeModuleId: string, children: readonly object[]) =>
  ({ relativeModuleId, children }) as unknown as TestModule;
const modules = [
  module('test/some.test.ts', [
    one('runs', 'passed'),
    suite('a cluster (no kubectl)', [one('first', 'skipped'), one('second', 'skipped')]),
    suite('files', [one('reads', 'passed'), one('for nobody (skipped for root)', 'skipped')]),
  ]),
];

function report(env: Readonly<Record<string, string>>, testNamePattern?: RegExp) {
  let text = '';
  const out = { stdout: { write: (more: string) => (text += more) }, env, exitCode: 0 };
  const reporter = new SkipReporter(out);
  reporter.onInit({ config: testNamePattern === undefined ? {} : { testNamePattern } });
  reporter.onTestRunEnd(modules);
  return { text, code: out.exitCode };
}

describe('what does not run', () => {
  it('is said at the end, a suite once, by the title that says why', () => {
    const lines = [
      '  test/some.test.ts > a cluster (no kubectl)',
      '  test/some.test.ts > for nobody (skipped for root)',
    ];
    expect(report({})).toEqual({ text: `\nNot run here:\n${lines.join('\n')}\n`, code: 0 });
    expect(report({}, /runs/).text).toBe('');
  });

  it('is a notice in GitHub Actions', () => {
    expect(report({ GITHUB_ACTIONS: 'true' }).text).toMatch(/^::notice .*no kubectl.*skipped for root/m);
  });

  it('fails the run where it should have run', () => {
    expect(report({ HOLDFAST_MAY_SKIP: 'for root|no kubectl' }).code).toBe(0);
    const { code, text } = report({ HOLDFAST_MAY_SKIP: 'for root' });
    expect(code).toBe(1);
    expect(text).toMatch(/These have to run here:\n {2}test\/some\.test\.ts > a cluster \(no kubectl\)\n$/);
  });
});
