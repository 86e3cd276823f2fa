import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findIdleRules, type ImageRule, rewriteManifest, scanManifests } from '../../src/manifests/index.ts';
import { builtInRules } from '../../src/manifests/rules/image-rules.ts';

const fixture = fileURLToPath(new URL('../../fixtures/custom-resources/scan.json', import.meta.url));
const layers = fileURLToPath(new URL('../../docs/layers.md', import.meta.url));

interface Found {
  readonly kind: string;
  readonly apiVersion: string;
  readonly field: string;
}

describe('the built-in rules', () => {
  const { images } = JSON.parse(readFileSync(fixture, 'utf8')) as { images: readonly Found[] };

  it.each(builtInRules.filter(({ format }) => format !== 'tag'))(
    'have $kind $field ($apiVersion) in their fixture',
    (rule) => {
      const version = rule.apiVersion.replace('*', '');
      const field = rule.field.replaceAll(/\[.*?\]/g, '[0]').replace('*', 'name');
      const own =
        rule.format === 'map' ? ['image', 'repository', 'hub'].map((key) => `${field}.${key}`) : [field];
      const found = images.filter(
        (image) =>
          image.kind === rule.kind && image.apiVersion.startsWith(version) && own.includes(image.field),
      );
      expect(found.length).toBeGreaterThan(0);
    },
  );

  it('each say where the field is written down, in a file of a public repository', () => {
    const address = /^https:\/\/(?:github|gitlab)\.com\/[^ ]+\/blob\/[^ ]+\.(?:go|java|yaml)$/;
    expect(builtInRules.filter(({ source }) => !address.test(source))).toEqual([]);
  });

  it('are as many as the documentation says', () => {
    const custom = builtInRules.filter(({ apiVersion }) => !apiVersion.startsWith('apps/'));
    const groups = new Set(custom.map(({ apiVersion }) => apiVersion.split('/')[0]));
    const kinds = new Set(custom.map(({ apiVersion, kind }) => `${apiVersion.split('/')[0]}/${kind}`));
    expect(readFileSync(layers, 'utf8')).toContain(`${kinds.size} kinds of ${groups.size} API groups`);
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
      rule('spec.args[]'),
    );
    expect(uses.map(({ layer, field, written, hold }) => [layer, field, written, hold])).toEqual([
      ['custom', 'metadata.annotations.example.com/image', 'quay.io/acme/a:1', null],
      ['custom', 'spec.image.repository', 'quay.io/acme/map:2', null],
      ['custom', 'spec.parts[0].picture', 'quay.io/acme/b:3', null],
      ['custom', 'spec.args[0]', 'quay.io/acme/c:4', null],
    ]);
    const change = uses
      .filter(({ hold }) => hold === null)
      .map((use) => ({ use, to: use.written.replace('quay.io/', 'b.io/') }));
    const result = rewriteManifest({ path: 'a.yaml', text }, { images: change, pullSecrets: [] });
    expect(result).toMatchObject({ ok: true, text: text.replaceAll('quay.io/', 'b.io/') });
  });

  it('leads to each value of a map, and to the items of a list that begin as it says', () => {
    const uses = scan(rule('spec.parts[].*'), rule('spec.args["--image="]'), rule('spec.args["--none="]'));
    expect(uses.map(({ field, written }) => [field, written])).toEqual([
      ['spec.parts[0].picture', 'quay.io/acme/b'],
      ['spec.parts[0].version', '3'],
      ['spec.args[0]', 'quay.io/acme/c:4'],
    ]);
  });

  it('that leads to a map or to nothing invents no image', () => {
    expect(scan(rule('spec.image')).map(({ hold }) => hold)).toEqual(['invalid']);
    expect(scan(rule('spec.none'), rule('spec.parts.picture'), rule('spec.image[]'))).toEqual([]);
  });

  it('that found nothing is told, whatever way it would lead', () => {
    const found = [
      rule('metadata.annotations["example.com/image"]', 'reference', 'example.com/*'),
      rule('spec.image', 'map'),
      rule('spec.parts[*].picture', 'repository'),
      rule('spec.parts[].*'),
      rule('spec.args["--image="]'),
      rule('spec.args[]'),
    ];
    const idle = [rule('spec.parts[].image'), rule('args[]'), rule('spec.imag')];
    const rules = [...found, rule('spec.parts[*].version', 'tag'), ...idle];
    const { uses } = scanManifests([{ path: 'a.yaml', text }], { rules });
    expect(findIdleRules(rules, uses)).toEqual(idle);
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${text.trimEnd().replaceAll('\n', '\n  ')}\n`;
    const inList = scanManifests([{ path: 'a.yaml', text: list }], { rules });
    expect(findIdleRules(rules, inList.uses)).toEqual(idle);
  });
});

describe('a rule for arguments, environment or text', () => {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: operator}
spec:
  template:
    spec:
      containers:
      - image: quay.io/acme/controller:1
        command: [/manager, run]
        args: [controller, "--v=2", "--leader-elect=true", redis, "--listen=db.example.com:5432", redis:7, --x=quay.io/a/b:1]
        env:
        - {name: MODE, value: controller}
        - {name: SIDECAR, value: quay.io/acme/sidecar:2}
`;
  const container = 'spec.template.spec.containers[]';
  const rules = ['args[]', 'command[*]', 'env[].value'].map(
    (field): ImageRule => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      field: `${container}.${field}`,
      format: 'reference',
    }),
  );

  it('takes what says a tag or a digest, and no word, number or address', () => {
    const { uses } = scanManifests([{ path: 'a.yaml', text: deployment }], { rules });
    expect(uses.filter(({ layer }) => layer === 'custom').map(({ written }) => written)).toEqual([
      'redis:7',
      'quay.io/a/b:1',
      'quay.io/acme/sidecar:2',
    ]);
    expect(uses.filter(({ layer }) => layer === 'other')).toEqual([]);
  });

  const takes = (args: readonly string[], env: string) => {
    const text = deployment
      .replace(/args: .*/, `args: ${JSON.stringify(args)}`)
      .replace(/- \{name: MODE.*/, `- ${env}`);
    const { uses } = scanManifests([{ path: 'a.yaml', text }], { rules });
    const found = uses.filter(({ layer }) => layer === 'custom').map(({ written }) => written);
    return found.filter((written) => written !== 'quay.io/acme/sidecar:2');
  };
  const none = '{name: MODE, value: controller}';

  it.each([
    '--tz=12:30',
    '12:30',
    '--upstream=redis:6379',
    'redis:6379',
    'web:8080',
    '--backend=api/v1:8080',
    '--user=root:secret',
    'root:secret',
    '1000:1000',
    '--weight=web:10',
    '--set=app:v2',
    '--level=info',
    '--taint=node.cilium.io/agent-not-ready:NoExecute',
  ])('does not take %s', (arg) => {
    expect(takes([arg], none)).toEqual([]);
  });

  it.each([
    ['--sidecar-image=redis:6379', 'redis:6379'],
    ['--image=nginx:stable', 'nginx:stable'],
    ['--base=acme/tool:16', 'acme/tool:16'],
    ['--base=localhost:5000/tool:8080', 'localhost:5000/tool:8080'],
    ['nginx:1.25-alpine', 'nginx:1.25-alpine'],
    ['busybox:latest', 'busybox:latest'],
    [`--x=redis@sha256:${'a'.repeat(64)}`, `redis@sha256:${'a'.repeat(64)}`],
  ])('takes %s', (arg, image) => {
    expect(takes([arg], none)).toEqual([image]);
  });

  it('knows an image by the flag before it, and by the name of its variable', () => {
    expect(takes(['--image', 'nginx:stable', '--tz', '12:30'], none)).toEqual(['nginx:stable']);
    expect(takes([], '{name: AGENT_IMAGE, value: "agent:stable"}')).toEqual(['agent:stable']);
    expect(takes([], '{name: AGENT, value: "agent:stable"}')).toEqual([]);
  });

  it('takes every reference in text, each where it stands', () => {
    const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: images}
data:
  lines: |
    worker: quay.io/acme/worker:3 # the worker
    again: quay.io/acme/worker:3
    ours: quay.io/acme/other:3 # holdfast: ignore
    template: "{{ .Values.x }}"
  line: "--a=quay.io/acme/a:1 --b=quay.io/acme/b:2"
  list: quay.io/acme/c:1,quay.io/acme/d:2
  one: redis:7
  prose: |
    nothing here
    to see
`;
    const data: ImageRule = { apiVersion: 'v1', kind: 'ConfigMap', field: 'data.*', format: 'reference' };
    const { uses } = scanManifests([{ path: 'a.yaml', text }], { rules: [data] });
    expect(uses.map(({ layer, line, written, hold }) => [layer, line, written, hold])).toEqual([
      ['custom', 6, 'quay.io/acme/worker:3', null],
      ['custom', 7, 'quay.io/acme/worker:3', null],
      ['custom', 8, 'quay.io/acme/other:3', 'ignored'],
      ['custom', 10, 'quay.io/acme/a:1', null],
      ['custom', 10, 'quay.io/acme/b:2', null],
      ['custom', 11, 'quay.io/acme/c:1', null],
      ['custom', 11, 'quay.io/acme/d:2', null],
      ['custom', 12, 'redis:7', null],
    ]);
    const images = uses
      .filter(({ hold }) => hold === null)
      .map((use) => ({ use, to: `b.io/${use.written.replace('quay.io/', '')}` }));
    const expected = text
      .replaceAll(/quay\.io\/(?!acme\/other)/g, 'b.io/')
      .replace('redis:7', 'b.io/redis:7');
    expect(rewriteManifest({ path: 'a.yaml', text }, { images, pullSecrets: [] })).toMatchObject({
      ok: true,
      text: expected,
    });
  });

  it('leaves a reference with escapes as it is', () => {
    const text =
      '{"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "quay.io\\/acme/e:1 quay.io/acme/f:1"}}';
    const data: ImageRule = { apiVersion: 'v1', kind: 'ConfigMap', field: 'data.x', format: 'reference' };
    const { uses } = scanManifests([{ path: 'a.json', text }], { rules: [data] });
    expect(uses.map(({ written, hold }) => [written, hold])).toEqual([
      ['quay.io/acme/e:1', 'quoted-text'],
      ['quay.io/acme/f:1', null],
    ]);
  });
});
