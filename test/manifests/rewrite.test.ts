import { describe, expect, it } from 'vitest';
import { findImages, rewriteManifest } from '../../src/manifests/index.ts';
import { pod, rewriteAll, rewritten } from './rewrite-all.ts';

const container = (image: string) =>
  pod('  containers:', '  - name: a', `    image: ${image}`, '    tty: true');

describe('an image is replaced inside its own style', () => {
  const scalars: readonly (readonly [title: string, before: string, after: string])[] = [
    ['plain', container('nginx:1'), container('b.io/nginx:1')],
    ['plain before a comment', container('nginx:1   # the web'), container('b.io/nginx:1   # the web')],
    ['plain before a tab and spaces', container('nginx:1 \t  '), container('b.io/nginx:1 \t  ')],
    ['double quoted', container('"nginx:1"'), container('"b.io/nginx:1"')],
    ['single quoted', container("'nginx:1' # c"), container("'b.io/nginx:1' # c")],
    ['double quoted with an escape', container(String.raw`"nginx\u003a1"`), container('"b.io/nginx:1"')],
    ['after a tab', container('\tnginx:1'), container('\tb.io/nginx:1')],
    ['after a YAML tag', container('!!str nginx:1'), container('!!str b.io/nginx:1')],
    ['after an anchor that nobody uses', container('&a nginx:1'), container('&a b.io/nginx:1')],
    ['on the line below its key', container('\n      nginx:1'), container('\n      b.io/nginx:1')],
    ['folded block', container('>-\n      nginx:1'), container('>-\n      b.io/nginx:1')],
    ['literal block', container('|\n        nginx:1\n'), container('|\n        b.io/nginx:1\n')],
    [
      'literal block, kept end',
      container('|+ # c\n      nginx:1\n\n'),
      container('|+ # c\n      b.io/nginx:1\n\n'),
    ],
    ['quotes in a block', container('|-\n      nginx:1'), container('|-\n      b.io/nginx:1')],
    [
      'flow style',
      pod('  containers: [{name: a, image: nginx:1}, {image: "redis:7",},]'),
      pod('  containers: [{name: a, image: b.io/nginx:1}, {image: "b.io/redis:7",},]'),
    ],
    [
      'a quoted key beside its value',
      pod('  containers: [{"image":nginx}]'),
      pod('  containers: [{"image":b.io/nginx}]'),
    ],
    [
      'an explicit key',
      pod('  containers:', '  - ? image', '    : nginx:1'),
      pod('  containers:', '  - ? image', '    : b.io/nginx:1'),
    ],
    [
      'JSON with tabs',
      '{\n\t"apiVersion": "v1", "kind": "Pod",\n\t"spec": {"containers": [\n\t\t{"image": "nginx:1"}]}}',
      '{\n\t"apiVersion": "v1", "kind": "Pod",\n\t"spec": {"containers": [\n\t\t{"image": "b.io/nginx:1"}]}}',
    ],
    [
      'a document without a last line end',
      container('nginx:1').trimEnd().replace('\n    tty: true', ''),
      container('b.io/nginx:1').trimEnd().replace('\n    tty: true', ''),
    ],
    [
      'CRLF and BOM',
      `\uFEFF${container('nginx:1 # é 🐳').replaceAll('\n', '\r\n')}`,
      `\uFEFF${container('b.io/nginx:1 # é 🐳').replaceAll('\n', '\r\n')}`,
    ],
    [
      'a folded block with CRLF',
      container('>-\n      nginx:1').replaceAll('\n', '\r\n'),
      container('>-\n      b.io/nginx:1').replaceAll('\n', '\r\n'),
    ],
    [
      'several documents, one of them empty',
      `# head\n---\n${container('nginx:1')}---\n---\n${container("'redis'")}...\n`,
      `# head\n---\n${container('b.io/nginx:1')}---\n---\n${container("'b.io/redis'")}...\n`,
    ],
  ];
  it.each(scalars)('%s', (_title, before, after) => {
    expect(rewritten(before)).toBe(after);
    expect(rewriteAll(after)).toEqual({ ok: true, text: after, edits: [] });
  });
});

describe('an anchor', () => {
  const shared = pod(
    '  initContainers:',
    '  - image: &img nginx:1',
    '  containers:',
    '  - image: *img',
    '  - {name: b, image: *img}',
  );

  it('is edited once for all its aliases', () => {
    const result = rewriteAll(shared);
    expect(result).toMatchObject({ ok: true, text: shared.replace('nginx:1', 'b.io/nginx:1') });
    expect(result.ok && result.edits).toHaveLength(1);
  });

  it('is edited where a merge key brings its map into a container', () => {
    const before = pod('  containers:', '  - &base', '    image: nginx:1', '  - <<: *base', '    name: b');
    expect(rewritten(before)).toBe(before.replace('nginx:1', 'b.io/nginx:1'));
  });

  it('refuses two names for one text, and names both lines', () => {
    const file = { path: 'a.yaml', text: shared };
    const [first, second] = findImages(file).uses;
    if (!first || !second) throw new Error('the fixture has two uses');
    const images = [
      { use: { ...first, line: 6 }, to: 'b.io/one' },
      { use: { ...second, line: 8 }, to: 'b.io/two' },
    ];
    expect(rewriteManifest(file, { images, pullSecrets: [] })).toEqual({
      ok: false,
      line: 6,
      problem: 'lines 6 and 8 are one text that would become both "b.io/one" and "b.io/two"',
    });
  });
});

describe('a manifest that changed since it was read', () => {
  const text = container('nginx:1');
  const [use] = findImages({ path: 'a.yaml', text }).uses;
  if (!use) throw new Error('the fixture has an image');
  const change = { images: [{ use, to: 'b.io/nginx:1' }], pullSecrets: [] };

  it.each([
    ['another image', text.replace('nginx:1', 'redis:1'), 'says "redis:1" where "nginx:1" was read'],
    ['a line more above', `# new\n${text}`, 'where "nginx:1" was read'],
    ['nothing there', text.slice(0, 20), '"nginx:1" is not there any more'],
  ])('is left alone: %s', (_title, now, problem) => {
    const result = rewriteManifest({ path: 'a.yaml', text: now }, change);
    expect(result).toMatchObject({ ok: false, line: 7, problem: expect.stringContaining(problem) });
  });
});

describe('a name that the style cannot hold is refused', () => {
  it.each([
    ['plain', 'nginx', '[::1]:5000/nginx', 'needs quotes'],
    ['plain', 'nginx', '{x}', 'needs quotes'],
    ['plain', 'nginx', '1.20', 'needs quotes'],
    ['plain', 'nginx', 'b.io/nginx #x', 'needs quotes'],
    ['plain', 'nginx', '', 'needs quotes'],
    ['double quoted', '"nginx"', 'a"b', 'not safe'],
    ['double quoted', '"nginx"', 'a\\b', 'not safe'],
    ['single quoted', "'nginx'", "a'b", 'not safe'],
    ['block', '|-\n      nginx', 'a\nb', 'line end'],
  ])('%s %s to %s', (_style, image, to, problem) => {
    const file = { path: 'a.yaml', text: container(image) };
    const images = findImages(file).uses.map((use) => ({ use, to }));
    expect(images).toHaveLength(1);
    expect(rewriteManifest(file, { images, pullSecrets: [] })).toMatchObject({
      ok: false,
      problem: expect.stringContaining(problem),
    });
  });

  it('but quotes hold a registry with an IPv6 address', () => {
    const file = { path: 'a.yaml', text: container('"nginx"') };
    const images = findImages(file).uses.map((use) => ({ use, to: '[::1]:5000/nginx' }));
    expect(rewriteManifest(file, { images, pullSecrets: [] })).toMatchObject({
      ok: true,
      text: container('"[::1]:5000/nginx"'),
    });
  });
});

describe('the edits for people', () => {
  it('are whole lines with their numbers, and the ranges that were replaced', () => {
    const before = pod('  containers:', '  - image: nginx:1 # c', '  - image: redis').replaceAll(
      '\n',
      '\r\n',
    );
    const result = rewriteAll(before, ['pull'], 'k8s/a.yaml');
    const at = (text: string) => before.indexOf(text);
    expect(result.ok && result.edits).toEqual([
      {
        file: 'k8s/a.yaml',
        range: [at('  containers'), at('  containers')],
        text: '  imagePullSecrets:\r\n  - name: pull\r\n',
        line: 5,
        before: '',
        after: '  imagePullSecrets:\n  - name: pull',
        pullSecret: true,
      },
      {
        file: 'k8s/a.yaml',
        range: [at('nginx'), at(' # c')],
        text: 'b.io/nginx:1',
        line: 6,
        before: '  - image: nginx:1 # c',
        after: '  - image: b.io/nginx:1 # c',
      },
      {
        file: 'k8s/a.yaml',
        range: [at('redis'), at('redis') + 5],
        text: 'b.io/redis',
        line: 7,
        before: '  - image: redis',
        after: '  - image: b.io/redis',
      },
    ]);
  });

  it('stay short in a minified file', () => {
    const items = Array.from({ length: 500 }, (_, i) => `{"image":"nginx:${i}"}`).join(',');
    const result = rewriteAll(`{"apiVersion":"v1","kind":"Pod","spec":{"containers":[${items}]}}`);
    expect(result.ok && result.edits).toHaveLength(500);
    expect(Math.max(...(result.ok ? result.edits.map((edit) => edit.after.length) : []))).toBeLessThan(4100);
  });
});

describe('a document that does not parse', () => {
  it('does not keep the images of the others from being rewritten', () => {
    const bad = 'a: [1\nb: }\n';
    const good = container('nginx:1');
    const file = { path: 'a.yaml', text: `${bad}---\n${good}` };
    const images = findImages(file).uses.map((use) => ({ use, to: 'b.io/nginx:1' }));
    expect(rewriteManifest(file, { images, pullSecrets: [] })).toMatchObject({
      ok: true,
      text: `${bad}---\n${container('b.io/nginx:1')}`,
    });
  });
});

describe('an image inside a block of text', () => {
  const overlay = [
    'kind: Kustomization',
    'patches:',
    '- patch: |-',
    '    # nginx:1 in a comment stays',
    '    - op: replace',
    '      path: /spec/image',
    '      value: nginx:1',
    '',
    '  target: {kind: Pod}',
    '',
  ].join('\n');
  const at = overlay.lastIndexOf('nginx:1');
  const image = (range: readonly [number, number]) => {
    const [use] = findImages({ path: 'a.yaml', text: container('nginx:1') }).uses;
    if (!use) throw new Error('the fixture has an image');
    return {
      images: [{ use: { ...use, range, document: 0, podSpec: null }, to: 'b.io/nginx:1' }],
      pullSecrets: [],
    };
  };

  it.each(['\n', '\r\n'])('is rewritten in place (line end %j)', (eol) => {
    const text = overlay.replaceAll('\n', eol);
    const start = text.lastIndexOf('nginx:1');
    const result = rewriteManifest({ path: 'kustomization.yaml', text }, image([start, start + 7]));
    expect(result).toMatchObject({ ok: true, text: `${text.slice(0, start)}b.io/${text.slice(start)}` });
  });

  it('is refused in a comment of the manifest, where no value stands', () => {
    const text = `${overlay}# nginx:1\n`;
    const start = text.lastIndexOf('nginx:1');
    expect(start).toBeGreaterThan(at);
    expect(rewriteManifest({ path: 'kustomization.yaml', text }, image([start, start + 7]))).toMatchObject({
      ok: false,
      line: 10,
      problem: 'no value stands where the image was found',
    });
  });
});
