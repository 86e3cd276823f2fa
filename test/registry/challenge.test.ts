import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/registry/challenge.ts';
import {
  formatScopes,
  includesScopes,
  mergeScopes,
  parseScopes,
  scopeOf,
} from '../../src/registry/scopes.ts';

describe('parseChallenges', () => {
  it.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:a/b:pull,push',
          },
        },
      ],
    ],
    ['BASIC Realm="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
    ['Basic', [{ scheme: 'basic', parameters: {} }]],
    ['bearer realm = token', [{ scheme: 'bearer', parameters: { realm: 'token' } }]],
    [
      'Basic realm="a, \\"b\\"", Bearer realm="https://t",error="invalid_token"',
      [
        { scheme: 'basic', parameters: { realm: 'a, "b"' } },
        { scheme: 'bearer', parameters: { realm: 'https://t', error: 'invalid_token' } },
      ],
    ],
    [
      'Negotiate, Bearer realm="https://t"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'bearer', parameters: { realm: 'https://t' } },
      ],
    ],
    ['Bearer realm="a",realm="b"', [{ scheme: 'bearer', parameters: { realm: 'a' } }]],
    ['', []],
  ])('reads %s', (header, challenges) => {
    const read = parseChallenges(header).map(({ scheme, parameters }) => ({
      scheme,
      parameters: { ...parameters },
    }));
    expect(read).toEqual(challenges);
  });

  it('comes to an end whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 500, unit: fc.constantFrom(...Array.from('Bearer ="\\,;/ \t=a')) }),
        (header) => {
          for (const { scheme } of parseChallenges(header)) expect(scheme).toMatch(/^[^\s",]+$/);
        },
      ),
    );
  });

  it('is quick on what is made to be slow', () => {
    const start = performance.now();
    parseChallenges(`Bearer ${'a="\\'.repeat(100_000)}`);
    parseChallenges(' ,'.repeat(100_000));
    parseChallenges(`Bearer x="${'\\'.repeat(100_000)}`);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('scopes', () => {
  it('are merged, and written in one order', () => {
    const merged = mergeScopes(scopeOf('b', 'push'), scopeOf('a', 'pull'), scopeOf('b', 'pull'));
    expect(formatScopes(merged)).toEqual(['repository:a:pull', 'repository:b:pull,push']);
    expect(includesScopes(merged, scopeOf('b', 'pull'))).toBe(true);
    expect(includesScopes(merged, scopeOf('b', 'delete'))).toBe(false);
    expect(includesScopes(merged, scopeOf('c', 'pull'))).toBe(false);
  });

  it('are read back as they were written', () => {
    expect(
      formatScopes(parseScopes('repository:localhost:5000/a:push,pull registry:catalog:* rubbish')),
    ).toEqual(['registry:catalog:*', 'repository:localhost:5000/a:pull,push']);
  });
});
