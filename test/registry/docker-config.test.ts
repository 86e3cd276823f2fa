import { describe, expect, it } from 'vitest';
import { findDockerCredentials, parseDockerConfig } from '../../src/registry/docker-config.ts';
import { quirks } from '../../src/registry/quirks.ts';
import { parseRetryAfter } from '../../src/registry/retry-policy.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function find(config: unknown, host: string, repository = '') {
  const parsed = parseDockerConfig(JSON.stringify(config));
  if (parsed === null) throw new Error('not parsed');
  return findDockerCredentials(parsed, host, repository);
}

const password = (username: string, secret: string) => ({
  kind: 'credentials',
  credentials: { kind: 'password', username, password: secret },
});

describe("Docker's config.json", () => {
  it.each([
    ['https://index.docker.io/v1/', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['index.docker.io', 'docker.io'],
    ['https://ghcr.io/v2/', 'ghcr.io'],
    ['GHCR.io', 'ghcr.io'],
    ['http://localhost:5000', 'localhost:5000'],
    ['https://harbor.test/some/page', 'harbor.test'],
    ['index.docker.io/v1/', 'docker.io'],
  ])('gives what it has under %s to %s', (key, host) => {
    expect(find({ auths: { [key]: { auth: base64('ci:p:w') } } }, host)).toEqual([password('ci', 'p:w')]);
  });

  it('gives nothing to a host that only begins or ends like another', () => {
    const config = { auths: { 'ghcr.io': { auth: base64('ci:pw') } } };
    for (const host of ['ghcr.io.evil.test', 'evil-ghcr.io', 'sub.ghcr.io', 'ghcr.io:444'])
      expect(find(config, host)).toEqual([]);
  });

  it('gives what podman has of a namespace to what is in it, the nearest first', () => {
    const config = {
      auths: {
        'quay.io': { auth: base64('ci:host') },
        'quay.io/team': { auth: base64('ci:team') },
        'quay.io/team/app': { auth: base64('ci:app') },
        'https://quay.io/v2/': {},
      },
    };
    const auths = { auths: { 'quay.io/team': config.auths['quay.io/team'] } };
    expect(find(config, 'quay.io', 'team/app')[0]).toEqual(password('ci', 'app'));
    expect(find(config, 'quay.io', 'team/app-2')[0]).toEqual(password('ci', 'team'));
    expect(find(auths, 'quay.io', 'teams/app')).toEqual([]);
    expect(find(auths, 'quay.io')).toEqual([]);
    expect(find({ auths: { 'quay.io': config.auths['quay.io'] } }, 'quay.io', 'other/app')).toEqual([
      password('ci', 'host'),
    ]);
  });

  it('knows identity tokens, of its own and of helpers', () => {
    const config = { auths: { 'acr.test': { auth: base64('00000000:'), identitytoken: 'idt' } } };
    const token = { kind: 'credentials', credentials: { kind: 'identity-token', token: 'idt' } };
    expect(find(config, 'acr.test')).toEqual([token]);
    expect(find({ auths: { 'acr.test': { username: '<token>', password: 'idt' } } }, 'acr.test')).toEqual([
      token,
    ]);
  });

  it('asks the helper of the host before the store, and never starts a path', () => {
    const config = {
      credsStore: 'desktop',
      credHelpers: { 'a.test': 'ecr-login', 'b.test': '../../bin/evil', 'docker.io': 'hub' },
    };
    const helper = (name: string, serverAddress: string) => ({ kind: 'helper', helper: name, serverAddress });
    expect(find(config, 'a.test')).toEqual([helper('ecr-login', 'a.test')]);
    expect(find(config, 'b.test')).toEqual([helper('desktop', 'b.test')]);
    expect(find(config, 'docker.io')).toEqual([helper('hub', 'https://index.docker.io/v1/')]);
  });

  it.each(['', '[]', 'null', '{'])('is not %j', (text) => {
    expect(parseDockerConfig(text)).toBe(null);
  });

  it.each([
    {},
    { auths: null },
    { auths: { 'a.test': null } },
    { auths: { 'a.test': { auth: 'no colon' } } },
  ])('may say nothing: %j', (config) => {
    expect(find(config, 'a.test')).toEqual([]);
  });
});

it.each([
  ['5', 5000],
  ['0', 0],
  ['1.5', 1500],
  ['Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
  ['Fri, 20 Nov 2020 12:00:30 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['1e9', null],
  [undefined, null],
])('reads Retry-After %s as %s ms', (header, milliseconds) => {
  expect(parseRetryAfter(header, Date.parse('2026-11-20T12:00:00Z'))).toBe(milliseconds);
});

it('has a name of its own and a source for every quirk', () => {
  expect(new Set(quirks.map(({ name }) => name)).size).toBe(quirks.length);
  expect(quirks.filter(({ source }) => source.length < 20)).toEqual([]);
});
