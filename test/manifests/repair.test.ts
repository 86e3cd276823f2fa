import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indentContinuations } from '../../src/manifests/yaml/repair.ts';
import { runCount } from '../support/run-count.ts';

describe('indenting continued lines', () => {
  it('makes a quoted scalar deeper than its key, and changes no other line', () => {
    const repaired = indentContinuations('a:\n  key: "x\n  y\nz"\n  other: 1\n');
    expect(repaired?.text).toBe('a:\n  key: "x\n   y\n   z"\n  other: 1\n');
  });

  it('makes a flow list deeper than its key', () => {
    expect(indentContinuations('k: [\n"a"\n]\nb: 1\n')?.text).toBe('k: [\n "a"\n ]\nb: 1\n');
  });

  it('leaves block scalars alone, whatever quotes they hold', () => {
    expect(indentContinuations('a: |\n  b: "x\n  y\nc: 1\n')).toBeNull();
  });

  it('ends a block scalar below its key, its item and its own line', () => {
    for (const text of ['a:\n  |\n  b: "x\n', '- |\n b: "x\n', '- - k: |\n   b: "x\n', 'k: | # c\n b: "x\n'])
      expect(indentContinuations(`${text}${text.startsWith('-') ? '- c' : 'c'}: "x\ny"\n`)?.text).toBe(
        `${text}${text.startsWith('-') ? '- c' : 'c'}: "x\n ${text.startsWith('-') ? '  ' : ''}y"\n`,
      );
  });

  it.each([
    ['spaces before a key', `${' '.repeat(400_000)}x: 1`],
    ['spaces behind a word', `k${' '.repeat(400_000)}x`],
    ['dashes', `${'- '.repeat(200_000)}x`],
  ])('takes no longer for a long line of %s', (_, line) => {
    const start = performance.now();
    expect(indentContinuations(`a: 1\n${line}\nb: 1\n`)).toBeNull();
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('says nothing where nothing is to be done', () => {
    expect(indentContinuations('a: "x\n  y"\nb: [1,\n  2]\n')).toBeNull();
  });

  it('leads every offset back to the sign that it stood at', () => {
    const line = fc.constantFrom('a: "x', 'y', '  z"', '- k: [1,', '2]', 'b: 1', "c: '", "it''s'", '# "', '');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.join('\n');
        const repaired = indentContinuations(text);
        fc.pre(repaired !== null);
        const signs = Array.from(repaired.text).flatMap((sign, at) =>
          /\S/.test(sign) ? [{ sign, at }] : [],
        );
        expect(signs.map(({ at }) => text[repaired.toGiven(at)])).toEqual(signs.map(({ sign }) => sign));
      }),
      { numRuns: runCount(200) },
    );
  });
});
