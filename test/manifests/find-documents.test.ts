import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { splitDocuments } from '../../src/manifests/index.ts';
import { runCount } from '../support/run-count.ts';

describe('splitting a file into documents', () => {
  it.each([
    ['one document without a marker', 'a: 1\n', 1],
    ['comments and directives before a marker', '# c\n%YAML 1.2\n---\na: 1\n', 1],
    ['an empty document between two markers', '---\n---\na: 1\n', 2],
    ['a marker at the end', 'a: 1\n---\n', 2],
    ['an end marker', 'a: 1\n...\n', 1],
    ['an end marker and a bare document', 'a: 1\n...\nb: 2\n', 2],
    ['an end marker and then a marker', 'a: 1\n...\n# c\n---\nb: 2\n', 2],
    ['a marker with a comment', 'a: 1\n--- # c\nb: 2\n', 2],
    ['dashes that are no marker', '----\n', 1],
    ['a BOM before a marker', '\ufeff---\na: 1\n', 1],
    ['CRLF', 'a: 1\r\n---\r\nb: 2\r\n', 2],
    ['nothing at all', '', 1],
    ['a marker inside a block scalar, where it ends the document', 'a: |\n  x\n---\nb: 2\n', 2],
  ])('counts %s', (_, text, count) => {
    const parts = splitDocuments(text);
    expect(parts).toHaveLength(count);
    for (const part of parts) expect(text.slice(part.offset, part.offset + part.text.length)).toBe(part.text);
  });

  // Without `...`: the package counts a document before each of two in a row, libyaml none.
  it('counts like the yaml package, whatever the order of markers, comments and values', () => {
    const line = fc.constantFrom('---\n', '# c\n', '\n', 'a: 1\n', '--- # c\n', '  b\n');
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
        const text = lines.join('');
        const documents = parseAllDocuments(text, { logLevel: 'silent' });
        fc.pre('length' in documents && documents.length > 0);
        fc.pre(documents.every((document) => document.errors.length === 0));
        expect(splitDocuments(text)).toHaveLength(documents.length);
      }),
      { numRuns: runCount(300) },
    );
  });
});
