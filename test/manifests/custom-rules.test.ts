import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { builtInRules } from '../../src/manifests/image-rules.ts';
import { type ImageRule, rewriteManifest, scanManifests } from '../../src/manifests/index.ts';

const fixture = fileURLToPath(new URL('../../fixtures/custom-resources/scan.json', import.meta.url));

interface Found {
  readonly kind: string;
  readonly apiVersion: string;
  readonly field: string;
}

describe('the built-in rules', () => {
  const { images } = JSON.parse(readFileSync(fixture, 'utf8')) as { images: readonly Found[] };

  it.each(builtInRules)('have $kind $field ($apiVersion) in their fixture', (rule) => {
    const field = rule.field.replaceAll('[]', '[0]');
    const found = images.filter(
      (image) =>
        image.kind === rule.kind &&
        image.apiVersion.startsWith(rule.apiVersion.slice(0, -1)) &&
        (image.field === field || (rule.format === 'map' && image.field.startsWith(`${field}.`))),
    );
    expect(found).toHaveLength(1);
  });
});

describe("a user's rule", () => {
  const text = [
    'apiVersion: example.com/v2',
    'kind: Widget',
    'metadata:',
    '  name: web',
    '  annotations:',
    '    example.com/image: quay.io/acme/a:1',
    'spec:',
    '  image: {repository: quay.io/acme/map, tag: "2"}',
    '  parts:',
    '  - {picture: quay.io/acme/b, version: "3"}',
    '  args: ["--image=quay.io/acme/c:4", --quiet]',
    '',
  ].join('\n');
  const rule = (field: string, format: ImageRule['format'] = 'reference', apiVersion = 'example.com/v2') => ({
    apiVersion,
    kind: 'Widget',
    field,
    format,
  });
  const scan = (...rules: readonly ImageRule[]) =>
    scanManifests([{ path: 'a.yaml', text }], { rules }).uses.filter(({ layer }) => layer === 'custom');

  it('finds nothing where the kind or the version is another one', () => {
    expect(scan(rule('spec.image', 'map', 'example.com/v1'))).toEqual([]);
    expect(scan({ ...rule('spec.image', 'map'), kind: 'Gadget' })).toEqual([]);
  });

  it('leads to an annotation, a map, a repository with its tag, and an argument', () => {
    const uses = scan(
      rule('metadata.annotations["example.com/image"]', 'reference', 'example.com/*'),
      rule('spec.image', 'map'),
      rule('spec.parts[*].picture', 'repository'),
      rule('spec.parts[*].version', 'tag'),
      rule('spec.args[0]'),
      rule('spec.args[]'),
    );
    expect(uses.map(({ layer, field, written, hold }) => [layer, field, written, hold])).toEqual([
      ['custom', 'metadata.annotations.example.com/image', 'quay.io/acme/a:1', null],
      ['custom', 'spec.image.repository', 'quay.io/acme/map:2', null],
      ['custom', 'spec.parts[0].picture', 'quay.io/acme/b:3', null],
      ['custom', 'spec.args[0]', 'quay.io/acme/c:4', null],
      ['custom', 'spec.args[1]', '--quiet', 'invalid'],
    ]);
    const change = uses
      .filter(({ hold }) => hold === null)
      .map((use) => ({ use, to: use.written.replace('quay.io/', 'b.io/') }));
    const result = rewriteManifest({ path: 'a.yaml', text }, { images: change, pullSecrets: [] });
    expect(result).toMatchObject({ ok: true, text: text.replaceAll('quay.io/', 'b.io/') });
  });

  it('that leads to a map or to nothing invents no image', () => {
    expect(scan(rule('spec.image')).map(({ hold }) => hold)).toEqual(['invalid']);
    expect(scan(rule('spec.none'), rule('spec.parts.picture'), rule('spec.image[]'))).toEqual([]);
  });
});
