import { describe, expect, it } from 'vitest';
import { scanManifests } from '../../src/manifests/index.ts';
import { listKinds } from '../../src/manifests/yaml/list-kinds.ts';
import { OpenFile } from '../../src/manifests/yaml/open-file.ts';

describe('the kinds that a text may say', () => {
  it.each([
    ['kind: Pod\n', ['Pod']],
    ['{"kind": "Pod", "items": [{"kind":"Service"}]}', ['Pod', 'Service']],
    ["'kind' : 'Pod'\n", ['Pod']],
    ['kind: &it Pod\n', ['Pod']],
    ['kind: !!str "Pod"\n', ['Pod']],
    ['kind:\n  Pod\n', ['Pod']],
    ['kind: Pod\n---\nkind: Job\n---\nkind: Pod\n', ['Pod', 'Job']],
    ['mankind is old, and kind\n', []],
  ])('of %j are %j', (text, kinds) => {
    expect([...listKinds(text)]).toEqual(kinds);
  });
});

describe('an open file', () => {
  const text = 'kind: Pod\n---\nkind: Job\nname: a\n';

  it('reads a document once, until it is closed', () => {
    const file = new OpenFile({ path: 'a.yaml', text });
    const read = file.documents[1]?.read;
    expect(read?.root).toMatchObject({ kind: 'map', start: text.indexOf('kind: Job') });
    expect(file.documents[1]?.read).toBe(read);
    file.close();
    expect(file.documents[1]?.read).not.toBe(read);
    expect(file.documents[1]?.read).toEqual(read);
  });

  it('has the kinds of all its documents, and each those of its own', () => {
    const file = new OpenFile({ path: 'a.yaml', text });
    expect([...file.kinds]).toEqual(['Pod', 'Job']);
    expect(file.documents.map(({ kinds }) => [...kinds])).toEqual([['Pod'], ['Job']]);
  });
});

it('follows an object of Flux in a file that speaks of Argo CD, too', () => {
  const flux = [
    '# beside argoproj.io/v1alpha1',
    'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    'kind: Kustomization',
    'metadata: {name: shop}',
    'spec: {path: ./app, images: [{name: nginx, newTag: "2"}]}',
  ].join('\n');
  const pod = 'apiVersion: v1\nkind: Pod\nspec: {containers: [{name: web, image: "nginx:1"}]}\n';
  const { uses } = scanManifests([
    { path: 'app/pod.yaml', text: pod },
    { path: 'flux.yaml', text: flux },
  ]);
  expect(uses.find(({ file }) => file === 'app/pod.yaml')?.hold).toBe('overlay');
});
