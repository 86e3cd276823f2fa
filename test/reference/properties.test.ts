import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalName,
  familiarName,
  formatReference,
  isUnder,
  parseImageReference,
} from '../../src/reference/index.ts';
import { runCount } from '../support/run-count.ts';

const alnum = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const separator = fc.constantFrom('.', '_', '__', '-', '---');
const component = fc
  .tuple(alnum, fc.array(fc.tuple(separator, alnum), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.map(([between, word]) => between + word).join(''));
const host = fc.oneof(
  fc.constantFrom('docker.io', 'localhost', 'localhost:5000', '[2001:db8::1]', '[::1]:5000', '10.0.0.1:443'),
  fc.tuple(alnum, alnum, fc.constantFrom('', ':80')).map(([a, b, port]) => `${a}.${b}${port}`),
);
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
const digest = fc.oneof(
  fc.stringMatching(/^[a-f0-9]{64}$/).map((hex) => `sha256:${hex}`),
  fc.stringMatching(/^[a-f0-9]{128}$/).map((hex) => `sha512:${hex}`),
);
const canonical = fc
  .record({
    host,
    path: fc.array(component, { minLength: 2, maxLength: 4 }),
    tag: fc.option(tag),
    digest: fc.option(digest),
  })
  .map(
    ({ host, path, tag, digest }) =>
      `${host}/${path.join('/')}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`,
  );

describe('names of images', () => {
  it('come back as they were when they are canonical', () => {
    fc.assert(
      fc.property(canonical, (name) => {
        const parsed = parseImageReference(name);
        expect(parsed.ok && formatReference(parsed.value)).toBe(name);
      }),
    );
  });

  it('mean the same in full and in short', () => {
    fc.assert(
      fc.property(canonical, (name) => {
        const parsed = parseImageReference(name);
        if (!parsed.ok) throw new Error(parsed.problem);
        const short = parseImageReference(familiarName(parsed.value));
        expect(short.ok && canonicalName(short.value)).toBe(canonicalName(parsed.value));
      }),
    );
  });

  it('never make the parser throw', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(fc.constantFrom('a', 'A', '/', ':', '@', '.', '-', '_', '[', ']', 'sha256', 'localhost', '0'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (text) => {
        const parsed = parseImageReference(text);
        const again = parsed.ok ? parseImageReference(formatReference(parsed.value)) : null;
        const isRight = parsed.ok
          ? again?.ok === true && formatReference(again.value) === formatReference(parsed.value)
          : parsed.problem !== '';
        expect(isRight).toBe(true);
      }),
      { numRuns: runCount(300) },
    );
  });

  it('are refused in linear time, however hostile', () => {
    const size = 200_000;
    const hostile = ['a-', 'a_', 'a.', '-', 'a/', '[', ':', '@', 'a__', 'a---'].flatMap((part) => {
      const text = part.repeat(size);
      return [text, `x.io/${text}!`, `${text}/x`, `nginx:${text}`, `nginx@sha256:${text}`];
    });
    const start = performance.now();
    for (const text of hostile) expect(parseImageReference(text).ok).toBe(false);
    // 50 texts of up to 800 kB; a quadratic expression would take hours.
    expect(performance.now() - start).toBeLessThan(25_000);
  });
});

describe('a prefix', () => {
  const name = (registry: string, repository: string) => ({ registry, repository });

  it('holds what is below it by whole path segments', () => {
    const backup = name('ghcr.io', 'acme/backup');
    expect(isUnder(name('ghcr.io', 'acme/backup/docker.io/library/nginx'), backup)).toBe(true);
    expect(isUnder(name('ghcr.io', 'acme/backup'), backup)).toBe(true);
    expect(isUnder(name('ghcr.io', 'acme/backup2/nginx'), backup)).toBe(false);
    expect(isUnder(name('ghcr.io', 'other/acme/backup/nginx'), backup)).toBe(false);
    expect(isUnder(name('ghcr.io.evil.com', 'acme/backup/nginx'), backup)).toBe(false);
    expect(isUnder(name('ghcr.io:443', 'acme/backup/nginx'), backup)).toBe(false);
  });

  it('is the whole registry when it has no path', () => {
    expect(isUnder(name('localhost:5000', 'a/b'), name('localhost:5000', ''))).toBe(true);
    expect(isUnder(name('localhost', 'a/b'), name('localhost:5000', ''))).toBe(false);
  });
});
