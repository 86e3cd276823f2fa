import { describe, expect, it } from 'vitest';
import {
  canonicalName,
  familiarName,
  formatReference,
  type ImageReference,
  parseDigest,
  parseImageReference,
  parseRegistryHost,
} from '../../src/reference/index.ts';

const sha256 = `sha256:${'0123456789abcdef'.repeat(4)}`;
const sha512 = `sha512:${'0123456789abcdef'.repeat(8)}`;

function parse(text: string): ImageReference {
  const parsed = parseImageReference(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

function problemOf(text: string): string {
  const parsed = parseImageReference(text);
  return parsed.ok ? `was read as ${formatReference(parsed.value)}` : parsed.problem;
}

describe('a good name', () => {
  // Written, canonical, familiar. After the tables of distribution/reference and of Docker's short names.
  const table: readonly (readonly [string, string, string])[] = [
    ['nginx', 'docker.io/library/nginx:latest', 'nginx'],
    ['nginx:1.25', 'docker.io/library/nginx:1.25', 'nginx:1.25'],
    ['library/nginx', 'docker.io/library/nginx:latest', 'nginx'],
    ['docker.io/nginx:1', 'docker.io/library/nginx:1', 'nginx:1'],
    ['index.docker.io/nginx:1', 'docker.io/library/nginx:1', 'nginx:1'],
    ['index.docker.io/grafana/grafana', 'docker.io/grafana/grafana:latest', 'grafana/grafana'],
    ['docker.io/a/b/c:1', 'docker.io/a/b/c:1', 'a/b/c:1'],
    ['library/a/b:1', 'docker.io/library/a/b:1', 'library/a/b:1'],
    ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
    ['localhost/app', 'localhost/app:latest', 'localhost/app'],
    ['localhost:5000/app:1', 'localhost:5000/app:1', 'localhost:5000/app:1'],
    ['docker.io/localhost/app:1', 'docker.io/localhost/app:1', 'docker.io/localhost/app:1'],
    ['test.com/foo', 'test.com/foo:latest', 'test.com/foo'],
    ['test:8080/foo', 'test:8080/foo:latest', 'test:8080/foo'],
    ['GHCR.io/acme/app:V1', 'ghcr.io/acme/app:V1', 'ghcr.io/acme/app:V1'],
    ['Team/app:1', 'Team/app:1', 'Team/app:1'],
    ['192.168.0.1/foo:1', '192.168.0.1/foo:1', '192.168.0.1/foo:1'],
    ['[2001:db8::1]/foo:1', '[2001:db8::1]/foo:1', '[2001:db8::1]/foo:1'],
    ['[2001:DB8::1]:5000/foo', '[2001:db8::1]:5000/foo:latest', '[2001:db8::1]:5000/foo'],
    ['xn--n3h.com/myimage:xn--n3h.com', 'xn--n3h.com/myimage:xn--n3h.com', 'xn--n3h.com/myimage:xn--n3h.com'],
    ['foo_bar.com:8080', 'docker.io/library/foo_bar.com:8080', 'foo_bar.com:8080'],
    ['foo/foo_bar.com:8080', 'docker.io/foo/foo_bar.com:8080', 'foo/foo_bar.com:8080'],
    ['a__b/c--d.e_f', 'docker.io/a__b/c--d.e_f:latest', 'a__b/c--d.e_f'],
    ['a/b:_', 'docker.io/a/b:_', 'a/b:_'],
    [`nginx@${sha256}`, `docker.io/library/nginx@${sha256}`, `nginx@${sha256}`],
    [`nginx:1.25@${sha512}`, `docker.io/library/nginx:1.25@${sha512}`, `nginx:1.25@${sha512}`],
    [`q.io/${'a'.repeat(255)}`, `q.io/${'a'.repeat(255)}:latest`, `q.io/${'a'.repeat(255)}`],
    [`nginx:${'t'.repeat(128)}`, `docker.io/library/nginx:${'t'.repeat(128)}`, `nginx:${'t'.repeat(128)}`],
  ];

  it.each(table)('%s is %s', (written, canonical, familiar) => {
    const reference = parse(written);
    expect(canonicalName(reference)).toBe(canonical);
    expect(familiarName(reference)).toBe(familiar);
    expect(reference.written).toBe(written);
  });

  it('keeps apart what was written and what applies by default', () => {
    expect(parse('nginx').tag).toBeNull();
    expect(formatReference(parse('nginx'))).toBe('docker.io/library/nginx');
    expect(parse(`nginx@${sha256}`)).toMatchObject({ tag: null, digest: sha256 });
    expect(parse('quay.io/a/b:1')).toMatchObject({ registry: 'quay.io', repository: 'a/b', tag: '1' });
  });
});

describe('a bad name says what is wrong with it', () => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['', /is empty/],
    [' nginx', /white space/],
    ['nginx\n', /white space/],
    ['https://ghcr.io/a/b', /starts with a scheme/],
    ['ko://example.com/cmd', /starts with a scheme/],
    ['a'.repeat(64), /ID of an image/],
    ['Nginx', /"Nginx" has upper-case letters: write "nginx"/],
    ['GHCR.io/Acme', /upper-case letters: write "acme"/],
    ['quay.io/Foo/bar:1', /upper-case letters: write "foo\/bar"/],
    ['a//b', /empty part/],
    ['a/', /empty part/],
    ['docker.io/', /is empty/],
    ['/a', /registry before the first "\/" is empty/],
    ['-foo/bar', /"-foo" .* must start and end/],
    ['foo-/bar', /"foo-" .* must start and end/],
    ['a___b', /one or two "_"/],
    ['a..b', /one "."/],
    ['foo_bar.com/x', /registry "foo_bar.com" may only have letters/],
    ['-foo.com/x', /registry "-foo.com"/],
    ['foo..com/x', /registry "foo..com" has an empty part/],
    ['foo.com:port/x', /port .* must be a number/],
    ['[::1/x', /IPv6/],
    ['[fe80::1%eth0]:5000/x', /IPv6/],
    ['nginx:', /tag after ":" is empty/],
    ['nginx:.1', /not start with "." or "-"/],
    ['nginx:1 2', /white space/],
    ['a:b:c', /tag "b:c"/],
    [`nginx:${'t'.repeat(129)}`, /129 characters, at most 128/],
    [`q.io/${'a'.repeat(256)}`, /256 characters, at most 255/],
    ['a'.repeat(250), /258 characters, at most 255/],
    ['nginx@', /must start with sha256: or sha512:/],
    ['nginx@md5:abc', /must start with sha256: or sha512:/],
    ['nginx@sha256:abc', /3 characters after sha256:, it must have 64/],
    [`nginx@${sha256.toUpperCase().replace('SHA', 'sha')}`, /lower-case/],
    [`nginx@${sha256}@${sha256}`, /it must have 64/],
    ['naïve', /"ï"/],
    ['${REGISTRY}/app', /"\$\{REGISTRY\}"|"\$"/],
  ];

  it.each(table)('%s', (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });

  it('shows foreign text on one short line, without control characters', () => {
    const problem = problemOf(`a\u001b[31m\u202e${'x'.repeat(200)}`);
    expect(problem).toContain('\\u{1b}');
    expect(problem).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(problem.length).toBeLessThan(400);
  });
});

describe('a digest', () => {
  it('is sha256 or sha512 with all its hex digits', () => {
    expect(parseDigest(sha256)).toEqual({ ok: true, value: sha256 });
    expect(parseDigest(sha512)).toEqual({ ok: true, value: sha512 });
    for (const bad of [
      '',
      'sha256',
      'sha384:00',
      `${sha256}0`,
      `SHA256:${sha256.slice(7)}`,
      `constructor:${'0'.repeat(64)}`,
    ])
      expect(parseDigest(bad).ok).toBe(false);
  });
});

describe('the host of a registry', () => {
  it('is canonical, and has no scheme', () => {
    expect(parseRegistryHost('Index.Docker.io')).toEqual({ ok: true, value: 'docker.io' });
    expect(parseRegistryHost('[::1]:5000')).toEqual({ ok: true, value: '[::1]:5000' });
    expect(parseRegistryHost('https://ghcr.io')).toMatchObject({ ok: false });
    expect(parseRegistryHost('ghcr.io/acme')).toMatchObject({ ok: false });
  });
});
