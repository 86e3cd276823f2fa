import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { compileGlob, findGlobProblem } from '../../src/plan/index.ts';
import { runCount } from '../support/run-count.ts';

describe('a glob', () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['nginx', 'nginx', true],
    ['nginx', 'nginx2', false],
    ['*', 'a.b-c', true],
    ['*', 'a/b', false],
    ['a/*/c', 'a/b/c', true],
    ['a/*/c', 'a/b/b/c', false],
    ['a/**', 'a', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'ab/c', false],
    ['**/c', 'c', true],
    ['**/c', 'a/b/c', true],
    ['a/**/c', 'a/c', true],
    ['a/**/c', 'a/b/b/c', true],
    ['**', '', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['{a,b}/x', 'b/x', true],
    ['{a,b}/x', 'c/x', false],
    ['a.b', 'axb', false],
    ['a+(b)', 'abb', false],
    ['.git*/**', '.github/x', true],
  ];

  it.each(table)('%s on %s: %s', (pattern, text, matches) => {
    expect(compileGlob(pattern)(text)).toBe(matches);
  });

  it('agrees with picomatch on stars, marks and segments', () => {
    const pattern = fc
      .array(fc.constantFrom('**', '*', 'a*', '*b', 'a?', 'ab', 'a', '*a*'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'))
      // `a/**` matches `a` for both, `*/**` does so here alone.
      .filter((pattern) => !/[*?][^/]*\/\*\*$/.test(pattern));
    const text = fc
      .array(fc.constantFrom('a', 'b', 'ab', 'aab', 'ba'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(pattern, text, (pattern, text) => {
        expect(compileGlob(pattern)(text)).toBe(picomatch.isMatch(text, pattern, { dot: true }));
      }),
      { numRuns: runCount(300) },
    );
  });

  it('takes no exponential time on hostile patterns', () => {
    const start = performance.now();
    expect(compileGlob('*a'.repeat(120))(`${'a'.repeat(4000)}b`)).toBe(false);
    expect(compileGlob('**/a/'.repeat(50))(`${'a/'.repeat(2000)}b`)).toBe(false);
    expect(findGlobProblem('{a,a}'.repeat(40))).toMatch(/more than 64 alternatives/);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('is refused when it would not mean what it seems to', () => {
    expect(findGlobProblem('')).toMatch(/empty/);
    expect(findGlobProblem('!nginx')).toMatch(/no negation/);
    expect(findGlobProblem('a[bc]')).toMatch(/brackets/);
    expect(findGlobProblem('a'.repeat(257))).toMatch(/256/);
    expect(findGlobProblem('[::1]:5000/**')).toBeNull();
    expect(findGlobProblem('*.dkr.ecr.*.amazonaws.com/**')).toBeNull();
  });
});
