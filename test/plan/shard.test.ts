import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseShard, shardOf } from '../../src/plan/index.ts';

const at = (repository: string) => ({ registry: 'backup.example', repository });

test('every repository is in exactly one part, and in the same one each time', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 256 }), (name, count) => {
      const part = shardOf(at(name), count);
      expect(part).toBeGreaterThanOrEqual(0);
      expect(part).toBeLessThan(count);
      expect(shardOf(at(name), count)).toBe(part);
    }),
  );
});

test('ten thousand repositories are spread evenly over eight parts', () => {
  const sizes = Array.from({ length: 8 }, () => 0);
  for (let index = 0; index < 10_000; index += 1) {
    const part = shardOf(at(`docker.io/acme/service-${index}`), 8);
    sizes[part] = (sizes[part] ?? 0) + 1;
  }
  expect(Math.min(...sizes)).toBeGreaterThan(1100);
  expect(Math.max(...sizes)).toBeLessThan(1400);
});

test('the part of a repository is part of the contract: machines of two releases agree', () => {
  expect([0, 1, 2, 3].map((n) => shardOf(at(`docker.io/library/n${n}`), 4))).toMatchInlineSnapshot(`
    [
      3,
      3,
      0,
      0,
    ]
  `);
});

test.each([
  ['0/4', { index: 0, count: 4 }],
  ['3/4', { index: 3, count: 4 }],
  ['0/1', { index: 0, count: 1 }],
])('reads %s', (text, value) => {
  expect(parseShard(text)).toEqual({ ok: true, value });
});

test.each([
  ['4/4', 'parts count from 0: those of 4 are 0/4 to 3/4'],
  ['1', 'write it as I/N'],
  ['-1/4', 'write it as I/N'],
  ['0/0', 'there can be 1 to 256 parts'],
  ['$(JOB_COMPLETION_INDEX)/4', 'write it as I/N'],
])('refuses %s with the cure', (text, problem) => {
  const parsed = parseShard(text);
  expect(parsed.ok ? '' : parsed.problem).toContain(problem);
});
