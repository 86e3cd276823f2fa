import { describe, expect, it } from 'vitest';
import { isMap, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { applySplices, orderSplices, type Splice, type Spliced } from '../../src/manifests/edit/splice.ts';
import { openBlockText } from '../../src/manifests/edit/splice-block-text.ts';
import type { Fragment } from '../../src/manifests/edit/splice-fragment.ts';
import { usualFlow } from '../../src/manifests/edit/splice-fragment.ts';
import { appendItems } from '../../src/manifests/edit/splice-item.ts';
import { insertKey } from '../../src/manifests/edit/splice-key.ts';
import { locateNode, pairsOf } from '../../src/manifests/edit/splice-locate.ts';
import { isPlainSafe, replaceScalar } from '../../src/manifests/edit/splice-scalar.ts';
import { parsePart } from '../../src/manifests/yaml/documents.ts';

function parse(text: string) {
  return parsePart({ index: 0, offset: 0, text }).document;
}

function nodeAt(text: string, path: string): Node {
  const found = locateNode(parse(text), path);
  if (!found) throw new Error(`nothing at ${path}`);
  return found.node;
}

function mapAt(text: string, path: string): YAMLMap<Node, Node | null> {
  const node = nodeAt(text, path);
  if (!isMap<Node, Node | null>(node)) throw new Error(`no map at ${path}`);
  return node;
}

function listAt(text: string, path: string): YAMLSeq<Node | null> {
  const node = nodeAt(text, path);
  if (!isSeq<Node | null>(node)) throw new Error(`no list at ${path}`);
  return node;
}

function apply(text: string, ...results: readonly Spliced[]): string {
  const splices: Splice[] = [];
  for (const result of results) {
    if (!result.ok) throw new Error(result.problem);
    splices.push(...result.splices);
  }
  const ordered = orderSplices(splices);
  if (!Array.isArray(ordered)) throw new Error('clash');
  return applySplices(text, ordered);
}

function replaceAt(text: string, path: string, to: string): Spliced {
  const node = nodeAt(text, path);
  const value = 'value' in node && typeof node.value === 'string' ? node.value : '';
  return replaceScalar(text, [node.range?.[0] ?? 0, node.range?.[1] ?? 0], value, to);
}

function insertAt(
  text: string,
  path: string,
  side: 'before' | 'after',
  beside: string,
  key: string,
  value: Fragment,
) {
  const map = mapAt(text, path);
  const pair = pairsOf(map, beside).at(-1);
  if (!pair) throw new Error(`no key ${beside}`);
  return insertKey(text, map, side === 'before' ? { before: pair } : { after: pair }, key, value);
}

describe('splices', () => {
  it('are applied in the order of the text, whatever order they come in', () => {
    const splices = [
      { start: 4, end: 5, text: 'E' },
      { start: 0, end: 1, text: 'AA' },
      { start: 2, end: 2, text: '+' },
    ];
    const ordered = orderSplices(splices);
    expect(Array.isArray(ordered) && applySplices('abcdef', ordered)).toBe('AAb+cdEf');
  });

  it('keep insertions at one point in their order', () => {
    const ordered = orderSplices([
      { start: 1, end: 1, text: '1' },
      { start: 1, end: 1, text: '2' },
      { start: 1, end: 2, text: 'B' },
    ]);
    expect(Array.isArray(ordered) && applySplices('abc', ordered)).toBe('a12Bc');
  });

  it('that say the same become one, those that overlap clash', () => {
    const one = { start: 1, end: 3, text: 'x' };
    expect(orderSplices([one, { ...one }])).toEqual([one]);
    expect(orderSplices([one, { ...one, text: 'y' }])).toEqual({ first: one, second: { ...one, text: 'y' } });
    const other = { start: 2, end: 4, text: 'x' };
    expect(orderSplices([other, one])).toEqual({ first: one, second: other });
  });
});

describe('plain text is safe', () => {
  it.each([
    'nginx',
    'b.io/nginx:1.2@sha256:0a',
    '1.25.3',
    'v1.20',
    'localhost:5000/a',
    'x-y',
    '10.0.0.1:5000/a',
  ])('%s', (text) => {
    expect(isPlainSafe(text)).toBe(true);
    for (const schema of ['core', 'yaml-1.1'] as const)
      expect(parseDocument(`[{a: ${text}}]`, { schema }).toJS()).toEqual([{ a: text }]);
  });

  it.each(
    [
      '',
      '1.20',
      '0123',
      '1e3',
      '0x1F',
      '0b1',
      'true',
      'No',
      'y',
      '~',
      'null',
      '1:30',
      '2024-01-02',
      '.5',
      '.inf',
      '-1',
    ]
      .concat([
        '1_000',
        'a: b',
        'a:',
        'a #b',
        '#a',
        '- a',
        '*a',
        '&a',
        '!a',
        '@a',
        '`a',
        '"a',
        "'a",
        '[a',
        '{a',
        'a,b',
      ])
      .concat(['a]', '|', '>', '%a', 'a b', ' a', 'é', '---', '<<', '=']),
  )('but %j is not', (text) => {
    expect(isPlainSafe(text)).toBe(false);
  });
});

describe('a node is located by its path', () => {
  const text = 'a:\n  b.c: &x [{d: 1}, {d: 2}]\n  e: *x\n  <<: {f: {g: 3}}\n  f.g: 4\na: {z: 5}\n';
  it.each([
    ['a.b.c[1].d', '2', false],
    ['a.e[0].d', '1', true],
    ['a.f.g', '4', false],
    ['a.z', '5', false],
  ])('%s', (path, value, shared) => {
    expect(locateNode(parse(text), path)).toMatchObject({ node: { value }, shared });
  });

  it('through a merge key, which is shared text', () => {
    expect(locateNode(parse('x: &x {f: {g: 3}}\na: {<<: [{}, *x]}\n'), 'a.f.g')).toMatchObject({
      shared: true,
    });
  });

  it.each(['b', 'a.b', 'a.b.c[2]', 'a.b.c[0].d.e', 'a[0]'])('or not at all: %s', (path) => {
    expect(locateNode(parse(text), path)).toBeNull();
  });

  it('at the root by the empty path', () => {
    expect(locateNode(parse(text), '')).toMatchObject({
      shared: false,
      node: { range: [0, text.length, text.length] },
    });
  });

  it('even where an alias stands inside its own anchor', () => {
    expect(locateNode(parse('a: &a {b: *a}\n'), `a${'.b'.repeat(1000)}`)).toBeNull();
  });
});

describe('a scalar', () => {
  it('is replaced at any path, in a split image in as many scalars as it takes', () => {
    const text = 'image:\n  registry: "docker.io" # hub\n  repository: bitnami/redis\n  tag: \'7.2\'\n';
    expect(
      apply(text, replaceAt(text, 'image.registry', 'b.io'), replaceAt(text, 'image.tag', '7.2@sha256:0a')),
    ).toBe('image:\n  registry: "b.io" # hub\n  repository: bitnami/redis\n  tag: \'7.2@sha256:0a\'\n');
  });

  it.each([
    ['a folded text', 'a: >-\n  one\n  two\n', 'several lines'],
    ['quotes over two lines', 'a: "one\n  two"\n', 'several lines'],
    ['plain text over two lines', 'a: one\n  two\n', 'where "one two" was read'],
    ['no value', 'a:\n', 'not there any more'],
  ])('on several lines or on none is refused: %s', (_title, text, problem) => {
    expect(replaceAt(text, 'a', 'x')).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });
});

describe('a key is inserted', () => {
  it.each<[string, string, string, 'before' | 'after', string, string, Fragment, string]>([
    [
      'after one with a comment',
      'images:\n- name: a\n  newTag: "1" # c\n# end\n',
      'images[0]',
      'after',
      'name',
      'newName',
      'b.io/a',
      'images:\n- name: a\n  newName: b.io/a\n  newTag: "1" # c\n# end\n',
    ],
    [
      'after the last one, in a file without a last line end',
      'images:\n  - name: a',
      'images[0]',
      'after',
      'name',
      'digest',
      'sha256:0a',
      'images:\n  - name: a\n    digest: sha256:0a',
    ],
    [
      'after a block of text',
      'a: |\n  text\n\nb: 1\n',
      '',
      'after',
      'a',
      'x',
      ['1'],
      'a: |\n  text\nx:\n  - "1"\n\nb: 1\n',
    ],
    ['after a key without a value', 'a:\nb: 1\n', '', 'after', 'a', 'x', 'v', 'a:\nx: v\nb: 1\n'],
    [
      'after nested lists, with CRLF',
      'a:\r\n- - b\r\n  - c: d # e\r\nz: 1\r\n',
      '',
      'after',
      'a',
      'x',
      { k: ['v'], e: [] },
      'a:\r\n- - b\r\n  - c: d # e\r\nx:\r\n  k:\r\n  - v\r\n  e: []\r\nz: 1\r\n',
    ],
    [
      'before the first',
      'a:\n    # c\n    b: 1\n',
      'a',
      'before',
      'b',
      'x',
      {},
      'a:\n    x: {}\n    # c\n    b: 1\n',
    ],
    ['in flow style', 'a: {b: 1, c: 2}\n', 'a', 'after', 'b', 'x', 'v', 'a: {b: 1, x: v, c: 2}\n'],
    ['in JSON', '{\n  "a": "b"\n}\n', '', 'after', 'a', 'x', ['y'], '{\n  "a": "b",\n  "x": ["y"]\n}\n'],
    [
      'in flow style beside a last comma',
      '{\n  a: b, # c\n}\n',
      '',
      'after',
      'a',
      'x',
      'v',
      '{\n  a: b,\n  x: v, # c\n}\n',
    ],
  ])('%s', (_title, text, path, side, beside, key, value, expected) => {
    expect(apply(text, insertAt(text, path, side, beside, key, value))).toBe(expected);
    expect(parse(expected).errors).toEqual([]);
  });

  it('twice at one place in the order asked for', () => {
    const text = 'images:\n- name: a\n';
    const results = [
      insertAt(text, 'images[0]', 'after', 'name', 'newName', 'b.io/a'),
      insertAt(text, 'images[0]', 'after', 'name', 'digest', 'sha256:0a'),
    ];
    expect(apply(text, ...results)).toBe('images:\n- name: a\n  newName: b.io/a\n  digest: sha256:0a\n');
  });

  it('nowhere beside an explicit key', () => {
    expect(insertAt('? a\n: b\n', '', 'before', 'a', 'x', 'y')).toMatchObject({ ok: false, at: 2 });
  });
});

describe('items are appended', () => {
  it.each<[string, string, Fragment[], string]>([
    [
      'with other keys than the last one has',
      'l:\n  - name: a\n    newTag: 1\nz: 1\n',
      [{ name: 'b', newName: 'c', args: ['d', { e: 'f' }] }],
      'l:\n  - name: a\n    newTag: 1\n  - name: b\n    newName: c\n    args:\n      - d\n      - e: f\nz: 1\n',
    ],
    ['as text in its quotes', "l:\n- 'a'\n", ['b', '1'], "l:\n- 'a'\n- 'b'\n- '1'\n"],
    ['as text without quotes', 'l:\n- a # c', ['b', '1'], 'l:\n- a # c\n- b\n- "1"'],
    ['to a list in a list', 'l:\n- - a\n', ['b'], 'l:\n- - a\n- [b]\n'.replace('[b]', 'b')],
    ['to a flow list', 'l: ["a", "b"]', ['c'], 'l: ["a", "b", "c"]'],
    ['to a compact one', '{"l":["a"]}', ['c'], '{"l":["a","c"]}'],
    ['to an empty one', 'l: [  ]', ['c', { k: 'd' }], 'l: [c, {k: d}]'],
    ['after an empty item', 'l:\n- a\n-\n', ['c'], 'l:\n- a\n-\n- c\n'],
    ['after an anchor', 'l:\n- &a {k: 1}\n', [{ k: 'c' }], 'l:\n- &a {k: 1}\n- k: c\n'],
  ])('%s', (_title, text, items, expected) => {
    const style = text.startsWith('{"') ? ({ ...usualFlow, valueQuote: '"', gap: '' } as const) : usualFlow;
    expect(apply(text, appendItems(text, listAt(text, 'l'), items, style))).toBe(expected);
    expect(parse(expected).errors).toEqual([]);
  });
});

describe('the text in a literal block', () => {
  const outer = (eol: string) =>
    [
      'patches:',
      '- patch: |- # c',
      '    kind: Pod',
      '    spec:',
      '',
      '      image: a',
      '  target: {}',
      '',
    ].join(eol);

  function open(text: string) {
    const node = nodeAt(text, 'patches[0].patch');
    const block = openBlockText(text, [node.range?.[0] ?? 0, node.range?.[1] ?? 0]);
    if (!block.ok) throw new Error(block.problem);
    return block;
  }

  it.each(['\n', '\r\n'])('is edited like any other manifest (line end %j)', (eol) => {
    const text = outer(eol);
    const block = open(text);
    expect(block.text).toBe('kind: Pod\nspec:\n\n  image: a\n');
    const inner = [
      insertAt(block.text, 'spec', 'before', 'image', 'list', ['x']),
      replaceAt(block.text, 'spec.image', 'b.io/a'),
      insertAt(block.text, '', 'after', 'spec', 'end', 'z'),
    ].flatMap((result) => (result.ok ? result.splices : []));
    expect(applySplices(text, block.toOuter(inner))).toBe(
      outer(eol).replace(
        '      image: a',
        ['      list:', '        - x', '      image: b.io/a', '    end: z'].join(eol),
      ),
    );
    expect(parse(applySplices(text, block.toOuter(inner))).errors).toEqual([]);
  });

  it('maps offsets both ways, and knows what is not text', () => {
    const text = outer('\r\n');
    const block = open(text);
    for (const word of ['kind', 'Pod', 'image', ': a'])
      expect(block.toInner(text.indexOf(word, text.indexOf('kind')))).toBe(block.text.indexOf(word));
    expect(block.toInner(text.indexOf('|-'))).toBeNull();
  });

  it('takes lines at its end and on an empty line', () => {
    const text = outer('\n');
    const block = open(text);
    const end = { start: block.text.length, end: block.text.length, text: 'z: 1\ny: 2\n' };
    const empty = block.text.indexOf('\n\n') + 1;
    expect(applySplices(text, block.toOuter([{ start: empty, end: empty, text: '  a: 1' }, end]))).toBe(
      text.replace('\n\n', '\n      a: 1\n').replace('image: a\n', 'image: a\n    z: 1\n    y: 2\n'),
    );
  });

  it.each(['a: >-\n  x\n', 'a: "x"\n', 'a: |2\n   x\n'])('is refused where it is not literal: %j', (text) => {
    const node = nodeAt(text, 'a');
    expect(openBlockText(text, [node.range?.[0] ?? 0, node.range?.[1] ?? 0])).toMatchObject({ ok: false });
  });
});
