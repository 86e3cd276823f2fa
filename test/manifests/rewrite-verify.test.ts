import { describe, expect, it } from 'vitest';
import type { PullSecretEdit } from '../../src/manifests/edit/pull-secret.ts';
import { planPullSecrets } from '../../src/manifests/edit/rewrite-pull-secrets.ts';
import { readEditable } from '../../src/manifests/edit/rewrite-read.ts';
import { verifyRewrite } from '../../src/manifests/edit/rewrite-verify.ts';
import { applySplices, orderSplices, type Splice } from '../../src/manifests/edit/splice.ts';
import { splitDocuments } from '../../src/manifests/yaml/documents.ts';
import { pod } from './rewrite-all.ts';

const text = pod('  containers:', '  - image: nginx # c', '  note: |', '    nginx', '  more: nginx');

/** Verifies these splices of the first document as the plan that says the first `nginx` becomes `b.io/nginx`. */
function verify(splices: readonly Splice[], secrets: readonly string[] = [], before = text) {
  const [part] = splitDocuments(before);
  if (!part) throw new Error('a text has a document');
  const read = readEditable(part);
  const requests = secrets.length > 0 ? [{ path: 'spec', names: secrets }] : [];
  const pullSecrets = planPullSecrets(read.source, read.document, requests);
  if ('problem' in pullSecrets) throw new Error(pullSecrets.problem);
  const start = before.indexOf('nginx');
  const images = [{ start, end: start + 5, text: 'b.io/nginx', written: 'nginx' }];
  const ordered = orderSplices([...splices, ...pullSecrets.flatMap((edit: PullSecretEdit) => edit.splices)]);
  if (!Array.isArray(ordered)) throw new Error('clash');
  const plan = {
    part,
    read,
    images,
    additions: { splices: [], added: [], filled: [] },
    pullSecrets,
    requests,
    splices: ordered,
  };
  return verifyRewrite(before, applySplices(before, ordered), [plan]);
}

/** Replaces the nth `from` of the text. */
function swap(from: string, to: string, nth = 0, before = text): Splice {
  let start = before.indexOf(from);
  for (let i = 0; i < nth; i++) start = before.indexOf(from, start + 1);
  return { start, end: start + from.length, text: to };
}

const planned = swap('nginx', 'b.io/nginx');

describe('the check before anything is written', () => {
  it('passes what was planned, with pull secrets and without', () => {
    expect(verify([planned])).toBeNull();
    expect(verify([planned], ['one', 'two'])).toBeNull();
  });

  it.each<[string, Splice[], string]>([
    ['nothing happened', [], 'more than was planned: /spec/containers/0/image'],
    ['another name', [swap('nginx', 'b.io/nginy')], 'more than was planned: /spec/containers/0/image'],
    [
      'another value in its place',
      [swap('nginx', 'b.io/nginx', 1)],
      'more than was planned: /spec/containers/0/image',
    ],
    ['another value besides', [planned, swap('more: nginx', 'more: x')], 'more than was planned: /spec/more'],
    ['text in a block', [planned, swap('    nginx', '    b.io/nginx')], 'more than was planned: /spec/note'],
    ['a key more', [planned, swap('  more', '  extra: 1\n  more')], 'more than was planned: /spec/extra'],
    ['a key less', [planned, swap('  more: nginx\n', '')], 'more than was planned: /spec/more'],
    ['a key that moved', [planned, swap('  more', 'more')], 'more than was planned: /more'],
    [
      'the rest in a comment',
      [swap('nginx', '# b.io/nginx')],
      'more than was planned: /spec/containers/0/image',
    ],
    ['an anchor', [planned, swap('more: nginx', 'more: &x nginx')], 'more than was planned: /spec/more'],
    ['quotes that do not close', [swap('nginx', '"b.io/nginx')], 'would not parse as it did'],
    ['a new document', [planned, swap('  more', '---\n  more')], 'how many documents'],
  ])('stops %s', (_title, splices, problem) => {
    expect(verify(splices)?.problem).toContain(problem);
  });

  it('stops a pull secret that went elsewhere, and does not print values', () => {
    const mismatch = verify([planned, swap('more: nginx', 'more: s3cret')], ['one']);
    expect(mismatch?.problem).toBe('the edit would change more than was planned: /spec/more');
  });

  it('stops a text that differs from the plan in another document', () => {
    const before = `${text}---\na: 1\n`;
    expect(verifyRewrite(before, before.replace('a: 1', 'a: 2'), [])).toEqual({
      offset: text.length,
      problem: 'the edit would reach into another document',
    });
  });

  it('lets a comment be, whatever is inserted beside it', () => {
    expect(verify([planned, swap('# c', '# d')])).toBeNull();
  });
});
