import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findImages, rewriteManifest } from '../../src/manifests/index.ts';
import { moved, rewriteAll } from './rewrite-all.ts';

const image = fc.constantFrom(
  'nginx',
  'nginx:1.25',
  'quay.io/a/b',
  'ghcr.io/x-y/z_1:v1.2-rc.1',
  `a/b@sha256:${'0a'.repeat(32)}`,
);
const blanks = fc.constantFrom('', ' ', '   ', '\t', ' # note', '  # image: nginx', ' # é🐳 [{"');
const lineAbove = fc.constantFrom('', '', '# a comment', '# image: nginx', '\u0000blank');

/** An image in one of the styles of a block map, given the column of its key. */
const value = fc
  .record({ image, style: fc.nat(8), after: blanks })
  .map(({ image, style, after }) => (column: number, name: string): string => {
    const inner = ' '.repeat(column + 2);
    return [
      `${image}${after}`,
      `"${image}"${after}`,
      `'${image}'${after}`,
      `&${name} ${image}${after}`,
      `!!str "${image}"${after}`,
      `>-\n${inner}${image}`,
      `|\n${inner}  ${image}\n`,
      `|+ # c\n${inner}${image}\n`,
      `\n${inner}${image}${after}`,
    ][style] as string;
  });

const secrets = fc.constantFrom<(indent: string, dash: string) => string[]>(
  () => [],
  () => [],
  (at, dash) => [`${at}imagePullSecrets:`, `${dash}- name: old # mine`],
  (at, dash) => [`${at}imagePullSecrets: # c`, `${dash}-   name: "old"`, '', `${dash}-   name: more`],
  (at) => [`${at}imagePullSecrets: [{name: old}, { "name": pull }] # c`],
  (at) => [`${at}imagePullSecrets: [{name: old},]`],
  (at) => [`${at}imagePullSecrets: [ ] # c`],
  (at) => [`${at}imagePullSecrets: # c`],
  (at) => [`${at}"imagePullSecrets": null`],
  (at) => [`${at}imagePullSecrets: [`, `${at}  {name: old} # c`, `${at}  ]`],
);

const blockPod = fc
  .record({
    values: fc.array(value, { minLength: 1, maxLength: 4 }),
    step: fc.constantFrom(1, 2, 4, 7),
    dash: fc.constantFrom(0, 2, 3),
    gap: fc.constantFrom(' ', '   '),
    secrets,
    secretsFirst: fc.boolean(),
    above: fc.array(lineAbove, { maxLength: 3 }),
    alias: fc.boolean(),
    text: fc.boolean(),
  })
  .map((shape) => {
    const at = ' '.repeat(shape.step);
    const dash = ' '.repeat(shape.step + shape.dash);
    const column = dash.length + 1 + shape.gap.length;
    const list = shape.secrets(at, dash);
    const above = shape.above.map((line) => (line === '\u0000blank' ? '' : at + line));
    const first = shape.values[0]?.(column, 'i0') ?? '';
    return [
      'apiVersion: v1',
      'kind: Pod',
      'spec:',
      ...(shape.text ? [`${at}note: |`, `${at}  # image: nginx`, ''] : []),
      ...(shape.secretsFirst ? list : []),
      ...above,
      `${at}containers:${shape.alias ? ' # all' : ''}`,
      ...shape.values.map((value, i) => `${dash}-${shape.gap}image: ${value(column, `i${i}`)}`),
      ...(shape.alias && first.startsWith('&')
        ? [`${dash}-${shape.gap}image: *i0`, `${dash}- {image: *i0}`]
        : []),
      ...(shape.secretsFirst ? [] : list),
    ].join('\n');
  });

const flowPod = fc
  .record({
    images: fc.array(image, { minLength: 1, maxLength: 3 }),
    space: fc.constantFrom(undefined, 1, '\t'),
    secrets: fc.constantFrom(undefined, null, [], [{ name: 'old' }], [{ name: 'pull' }]),
    first: fc.boolean(),
  })
  .map(({ images, space, secrets, first }) => {
    const list = secrets === undefined ? {} : { imagePullSecrets: secrets };
    const containers = images.map((image) => ({ image, args: ['{', '# "', '\\'] }));
    const spec = first ? { ...list, containers } : { containers, ...list };
    return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec }, null, space);
  });

const kyamlPod = fc
  .record({ images: fc.array(image, { minLength: 1, maxLength: 3 }), comment: fc.boolean() })
  .map(
    ({ images, comment }) =>
      `{\n  apiVersion: "v1",\n  kind: "Pod",\n  spec: {\n${comment ? '    # all\n' : ''}    containers: [${images
        .map((image) => `{\n      image: "${image}", # c\n    }`)
        .join(', ')}],\n  },\n}`,
  );

const other = fc.constantFrom(
  'kind: ConfigMap\ndata:\n  image: |\n    image: nginx',
  '# nothing',
  'a: [1, 2]',
  '',
);

const manifest = fc
  .record({
    documents: fc.array(fc.oneof({ weight: 4, arbitrary: blockPod }, flowPod, kyamlPod, other), {
      minLength: 1,
      maxLength: 4,
    }),
    eol: fc.constantFrom('\n', '\r\n'),
    bom: fc.constantFrom('', '\uFEFF'),
    opened: fc.boolean(),
    closed: fc.constantFrom('\n', '\n\n', '\n...\n', ''),
  })
  .map(({ documents, eol, bom, opened, closed }) => {
    const text = (opened ? '---\n' : '') + documents.join('\n---\n') + closed;
    return bom + text.replaceAll('\n', eol);
  });

type Plain = {
  spec?: { containers?: { image: string }[]; imagePullSecrets?: { name: string }[] | null };
} | null;

/** What the documents say, as the `yaml` package reads them with its own defaults. */
function read(text: string): Plain[] {
  return parseAllDocuments(text, { schema: 'failsafe', merge: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Plain;
  });
}

/** The same change, made on the values. */
function change(documents: readonly Plain[], names: readonly string[]): Plain[] {
  return documents.map((document) => {
    const spec = document?.spec;
    if (!spec?.containers) return document;
    const containers = spec.containers.map((container) => ({
      ...container,
      image: container.image.replace(/^[^\n]+/, (image) => moved(image)),
    }));
    const old = Array.isArray(spec.imagePullSecrets) ? spec.imagePullSecrets : [];
    const added = names.filter((name) => !old.some((item) => item.name === name)).map((name) => ({ name }));
    const key = added.length === 0 ? {} : { imagePullSecrets: [...old, ...added] };
    return { ...document, spec: { ...spec, containers, ...key } };
  });
}

/** Whether every character of one text stands in the other, in order. */
function isWithin(text: string, longer: string): boolean {
  let at = 0;
  for (const sign of longer) if (text.startsWith(sign, at)) at += sign.length;
  return at === text.length;
}

describe('whatever the manifest looks like', () => {
  it('only the images change, each by its new prefix, and a second run changes nothing', () => {
    fc.assert(
      fc.property(manifest, (text) => {
        const result = rewriteAll(text);
        expect(result).toMatchObject({ ok: true });
        if (!result.ok) return;
        expect(result.text.replaceAll('b.io/', '')).toBe(text);
        expect(read(result.text)).toEqual(change(read(text), []));
        expect(rewriteAll(result.text)).toEqual({ ok: true, text: result.text, edits: [] });
      }),
      { numRuns: 150 },
    );
  });

  it('with pull secrets nothing is lost, the names are last in their lists, and a second run changes nothing', () => {
    fc.assert(
      fc.property(manifest, (text) => {
        const result = rewriteAll(text, ['carried', 'pull']);
        expect(result).toMatchObject({ ok: true });
        if (!result.ok) return;
        expect(isWithin(text.replaceAll(/\bnull\b/g, ''), result.text)).toBe(true);
        expect(result.text.includes('\r\n')).toBe(text.includes('\r\n'));
        expect(/(?<!\r)\n/.test(result.text) && text.includes('\r\n')).toBe(false);
        expect(read(result.text)).toEqual(change(read(text), ['carried', 'pull']));
        expect(rewriteAll(result.text, ['carried', 'pull'])).toEqual({
          ok: true,
          text: result.text,
          edits: [],
        });
      }),
      { numRuns: 150 },
    );
  });

  it('a manifest with a hole in it is rewritten as planned or refused, never half', () => {
    const scar = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(6),
      put: fc.constantFrom('', '"', '{', '- ', '\n', '&a ', '*i0', '|', '#', ' : ', '\t', '<<: ', '---\n'),
    });
    fc.assert(
      fc.property(manifest, fc.array(scar, { minLength: 1, maxLength: 3 }), (whole, scars) => {
        let text = whole;
        for (const { at, cut, put } of scars) {
          const offset = Math.floor(at * text.length);
          text = text.slice(0, offset) + put + text.slice(offset + cut);
        }
        const file = { path: 'a.yaml', text };
        const uses = findImages(file).uses.filter((use) => use.hold === null);
        const result = rewriteManifest(file, {
          images: uses.map((use) => ({ use, to: moved(use.written) })),
          pullSecrets: uses.flatMap(({ document, podSpec }) =>
            podSpec === null ? [] : [{ document, podSpec, names: ['pull'] }],
          ),
        });
        const found = findImages({ path: 'a.yaml', text: result.ok ? result.text : text }).uses;
        const names = found.filter((use) => use.hold === null).map((use) => `${use.field} ${use.written}`);
        const wanted = uses.map((use) => `${use.field} ${result.ok ? moved(use.written) : use.written}`);
        expect(names).toEqual(wanted);
        expect(result.ok || result.problem.length > 10).toBe(true);
      }),
      { numRuns: 250 },
    );
  });
});
