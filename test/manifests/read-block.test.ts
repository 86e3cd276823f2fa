import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { splitDocuments } from '../../src/manifests/index.ts';
import { readBlock } from '../../src/manifests/yaml/read-block.ts';
import { readQuick, readWholeYaml } from '../../src/manifests/yaml/read-document.ts';
import type { TreeNode } from '../../src/manifests/yaml/tree.ts';
import { runCount } from '../support/run-count.ts';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** What both readers must agree on: every value, and where it stands. */
function outline(node: TreeNode | null): unknown {
  if (node === null) return null;
  if (node.kind === 'scalar') {
    if (node.style === 'block') return ['block', node.start, node.value];
    return [node.style, node.start, node.end, node.value];
  }
  if (node.kind === 'list') return ['list', node.start, node.items.map(({ value }) => outline(value))];
  return ['map', node.start, node.pairs.map(({ key, at, value }) => [key, at, outline(value)])];
}

/** What each reader says of the documents that the quick one reads. */
function readBoth(text: string): { quick: unknown[]; whole: unknown[] } {
  const both: { quick: unknown[]; whole: unknown[] } = { quick: [], whole: [] };
  for (const part of splitDocuments(text)) {
    const quick = readQuick(part.text, part.offset);
    if (quick === undefined) continue;
    const whole = readWholeYaml(part);
    both.quick.push([outline(quick.root), quick.aliased, null]);
    both.whole.push([outline(whole.root), whole.aliased, whole.problem]);
  }
  return both;
}

describe('the quick reader', () => {
  it('gives the tree of the yaml package for every fixture that it reads, which are most', () => {
    const files = readdirSync(fixtures, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && /\.(?:ya?ml|kyaml|json)$/.test(entry.name) && entry.name !== 'scan.json',
    );
    const results = files.map((entry) => readBoth(readFileSync(join(entry.parentPath, entry.name), 'utf8')));
    expect(results.map(({ quick }) => quick)).toEqual(results.map(({ whole }) => whole));
    expect(results.filter(({ quick }) => quick.length > 0).length).toBeGreaterThan(files.length / 2);
  });

  it('gives the tree of the yaml package for whatever that writes, in any style', () => {
    const key = fc.oneof(
      fc.constantFrom('image', 'a b', 'x/y', '1', 'true', ''),
      fc.string({ maxLength: 6 }),
    );
    const leaf = fc.oneof(
      fc.string({ maxLength: 30, unit: 'binary' }),
      fc.constantFrom(
        'nginx:1',
        'a: b',
        '- x',
        '# c',
        '{{ x }}',
        "it's",
        '"',
        'a\nb',
        ' a',
        '|',
        '&a',
        '*a',
        '@',
      ),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    const style = fc.record({
      indent: fc.integer({ min: 1, max: 4 }),
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 40),
      collectionStyle: fc.constantFrom('any' as const, 'flow' as const),
      defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
      flowCollectionPadding: fc.boolean(),
    });
    fc.assert(
      fc.property(tree, style, fc.boolean(), (value, options, carriage) => {
        const text = stringify(value, options);
        const { quick, whole } = readBoth(carriage ? text.replaceAll('\n', '\r\n') : text);
        expect(quick).toEqual(whole);
      }),
      { numRuns: runCount(200) },
    );
  });

  it('never reads what the yaml package finds an error in, however a manifest is broken', () => {
    const sound =
      'a: {b: [1, "2\n\n   3"], c: d; (e)}\nf: "g\n h"\nt: {{ u }}\nlist:\n- x: "y" # z\n  w: |\n    t\n\n    u\n- - n\nimage: &i a:1\nother: *i\n';
    const sign = fc.constantFrom(
      ' ',
      '\n',
      '\t',
      ':',
      '-',
      '- ',
      '#',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      ',',
      '&',
      '*',
      '|',
      'x',
    );
    fc.assert(
      fc.property(fc.nat(sound.length), fc.nat(3), sign, (at, cut, put) => {
        const { quick, whole } = readBoth(sound.slice(0, at) + put + sound.slice(at + cut));
        expect(quick).toEqual(whole);
      }),
      { numRuns: runCount(400) },
    );
  });

  it.each([
    ['a tab for indentation', 'a:\n\tb: c\n'],
    ['a merge key', 'a:\n  <<: {b: c}\n'],
    ['an anchor on nothing', 'a: &x\nb: c\n'],
    ['an anchor on a map in a list', 'a:\n- &x\n  b: c\n'],
    ['an alias of a map for a key', 'a: &x\n  b: c\n*x : d\n'],
    ['an alias without its anchor', 'a: *x\n'],
    ['a multi-line plain scalar', 'a: b\n  c\n'],
    ['a multi-line quoted scalar that is not deeper than its key', 'a:\n  b: "c\n  d"\n'],
    ['a multi-line quoted scalar with an escaped line end', 'a: "b\\\n  c"\n'],
    ['a block scalar where an image is asked for', 'image: |\n  nginx\n'],
    ['a YAML tag', 'a: !!str b\n'],
    ['a lone carriage return', 'a: b\rc: d\n'],
    ['a wrong indentation', 'a:\n    b: c\n  d: e\n'],
  ])('leaves %s to the yaml package', (_, text) => {
    expect(readBlock(text, 0)).toBeUndefined();
  });

  it.each([
    ['an anchor on a map', 'a: &x\n  b: c\nd: *x\ne:\n- *x\n- f\n'],
    ['an anchor on a list', 'a: &x # note\n- b\n- c\nd: *x\n'],
    ['an anchor in a map with an anchor', 'a: &x\n  b: &y c\n  d: *y\ne: *x\n'],
    [
      'quoted scalars over several lines',
      `a: "b \n\n\n  c\n  d\\n"\ne: 'f\n  it''s\n\n  '\ng: ["\n  h\n  ", i; j]\n`,
    ],
    ['a template', 'a: {{ .b }}\nc:\n- {{d}} # e\nf: [{{g}}, 1]\n'],
    ['an anchor on a path', 'a: &x /b\nc: *x\n'],
    ['an alias for a key', 'a: &x b\nc:\n  *x :\n    d: e\n  *x : f\n'],
  ])('reads %s as the yaml package does', (_, text) => {
    const { quick, whole } = readBoth(text);
    expect(quick).toHaveLength(1);
    expect(quick).toEqual(whole);
  });
});
