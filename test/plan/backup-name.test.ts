import { describe, expect, it } from 'vitest';
import { planBackupName } from '../../src/plan/backup-name.ts';
import { anchorTag, parseBackupPrefix, parseNaming } from '../../src/plan/index.ts';
import { parseName } from '../../src/plan/naming.ts';
import { parseImageReference } from '../../src/reference/index.ts';
import { digestOf, must, policyOf } from './uses.ts';

function nameOf(source: string, naming: string, backup = 'ghcr.io/acme'): string {
  const policy = policyOf(backup, naming);
  const planned = planBackupName(must(parseImageReference(source)), policy.backup, policy.naming);
  return planned.ok ? `${planned.value.registry}/${planned.value.repository}` : planned.problem;
}

describe('the naming of backups', () => {
  const table: readonly (readonly [string, string, string, string, string])[] = [
    // source, {host}/{path}, {path-dashed}, {name}, {tail}
    ['nginx:1', 'docker.io/library/nginx', 'library-nginx', 'nginx', 'nginx'],
    ['datadog/squid', 'docker.io/datadog/squid', 'datadog-squid', 'squid', 'squid'],
    ['quay.io/a/b/c', 'quay.io/a/b/c', 'a-b-c', 'c', 'b/c'],
    ['registry.k8s.io/pause:3.9', 'registry.k8s.io/pause', 'pause', 'pause', 'pause'],
    ['localhost:5000/x/y', 'localhost_5000/x/y', 'x-y', 'y', 'y'],
    ['[2001:db8::1]:5000/x/y', '2001_db8__1__5000/x/y', 'x-y', 'y', 'y'],
    ['[::1]:5000/x', '1__5000/x', 'x', 'x', 'x'],
  ];

  it.each(table)('of %s', (source, full, dashed, name, tail) => {
    expect(nameOf(source, '{host}/{path}')).toBe(`ghcr.io/acme/${full}`);
    expect(nameOf(source, '{path-dashed}')).toBe(`ghcr.io/acme/${dashed}`);
    expect(nameOf(source, '{name}')).toBe(`ghcr.io/acme/${name}`);
    expect(nameOf(source, '{tail}')).toBe(`ghcr.io/acme/${tail}`);
  });

  it('stands directly under a registry without a path', () => {
    expect(nameOf('nginx', '{name}', 'localhost:5000')).toBe('localhost:5000/nginx');
  });

  it('takes text around the placeholders', () => {
    expect(nameOf('nginx', 'mirror/{host}-{path-dashed}')).toBe(
      'ghcr.io/acme/mirror/docker.io-library-nginx',
    );
  });

  it('is refused with the nearest right placeholder', () => {
    expect(parseNaming('{hots}/{path}')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('did you mean {host}?'),
    });
    expect(parseNaming('{constructor}/{path}')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('write one of'),
    });
    expect(parseNaming('')).toMatchObject({ ok: false });
    expect(parseNaming('{host}')).toMatchObject({ ok: false, problem: expect.stringContaining('one name') });
    expect(parseNaming('Backup/{path}')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('upper-case'),
    });
    expect(parseNaming('/{path}')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('empty part'),
    });
    expect(parseNaming('{path')).toMatchObject({ ok: false });
  });

  it('is in small letters, whatever the owner on GitHub is called', () => {
    expect(parseBackupPrefix('GHCR.io/Acme-Corp/Backup')).toEqual({
      ok: true,
      value: { registry: 'ghcr.io', repository: 'acme-corp/backup' },
    });
  });

  it('says when a name in the backup gets too long', () => {
    expect(nameOf(`quay.io/${'a'.repeat(250)}`, '{host}/{path}')).toMatch(/in the backup .* at most 255/);
  });

  it('reads back which source a name stands for, where the template says it', () => {
    const naming = must(parseNaming('{host}/{path}'));
    expect(parseName(naming, 'docker.io/library/nginx')).toEqual({
      registry: 'docker.io',
      repository: 'library/nginx',
    });
    expect(parseName(naming, 'localhost_5000/x')).toMatchObject({
      registry: 'localhost:5000',
      repository: 'x',
    });
    for (const name of ['nginx', 'team/app', 'docker.io/nginx', 'docker.io/', 'quay.io/Acme', 'quay.io/a:1'])
      expect(parseName(naming, name)).toBeNull();
    expect(parseName(must(parseNaming('{path}')), 'library/nginx')).toBeNull();
    expect(parseName(must(parseNaming('m/{host}/{path}')), 'm/quay.io/a')).toMatchObject({
      registry: 'quay.io',
      repository: 'a',
    });
    expect(parseName(must(parseNaming('m/{host}/{path}')), 'n/quay.io/a')).toBeNull();
  });
});

describe('the backup prefix', () => {
  it('is a registry with or without a path', () => {
    expect(parseBackupPrefix('ghcr.io/acme/backup/')).toEqual({
      ok: true,
      value: { registry: 'ghcr.io', repository: 'acme/backup' },
    });
    expect(parseBackupPrefix('localhost:5000')).toEqual({
      ok: true,
      value: { registry: 'localhost:5000', repository: '' },
    });
    expect(parseBackupPrefix('index.docker.io/acme')).toEqual({
      ok: true,
      value: { registry: 'docker.io', repository: 'acme' },
    });
    expect(parseBackupPrefix('[::1]:5000/x')).toEqual({
      ok: true,
      value: { registry: '[::1]:5000', repository: 'x' },
    });
  });

  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /empty: write a registry/],
    ['acme/backup', /write it as in ghcr.io\/acme\/backup, or "docker.io\/acme\/backup"/],
    ['https://ghcr.io/acme', /leave out the scheme/],
    ['ghcr.io/acme:1', /tag or a digest/],
    ['ghcr.io//x', /empty part/],
    ['docker.io', /two levels/],
    ['docker.io/a/b', /two levels/],
  ];

  it.each(bad)('%s is refused', (text, problem) => {
    const parsed = parseBackupPrefix(text);
    expect(parsed.ok ? 'ok' : parsed.problem).toMatch(problem);
  });

  it('on Docker Hub wants a naming of one level, and the error says which', () => {
    expect(nameOf('quay.io/a/b', '{path-dashed}', 'docker.io/acme')).toBe('docker.io/acme/a-b');
    expect(() => nameOf('nginx', '{host}/{path}', 'docker.io/acme')).toThrow(
      /two levels.*--naming '\{path-dashed\}'/,
    );
  });
});

describe('the anchor tag', () => {
  const digest = digestOf('a');

  it('is the tag and the start of the digest', () => {
    expect(anchorTag('1.25', digest)).toBe('1.25-aaaaaaaaaaaa');
    expect(anchorTag(null, digest)).toBe('digest-aaaaaaaaaaaa');
  });

  it('never has more than 128 characters, nor the name of a referrers tag', () => {
    expect(anchorTag('t'.repeat(128), digest)).toBe(`${'t'.repeat(115)}-aaaaaaaaaaaa`);
    expect(anchorTag(`sha256-${'b'.repeat(64)}`, digest)).toBe(`tag-sha256-${'b'.repeat(64)}-aaaaaaaaaaaa`);
    expect(anchorTag(`sha512-${'b'.repeat(121)}`, digest)).toHaveLength(128);
  });
});
