import { describe, expect, it } from 'vitest';
import { rewriteManifest } from '../../src/manifests/index.ts';
import { pod, rewriteAll, rewritten } from './rewrite-all.ts';

/** Images that are on the backup already: only the pull secret is missing. */
const c = ['  containers:', '  - image: b.io/nginx'] as const;

describe('a pull secret is added as the neighbours are written', () => {
  const insertions: readonly (readonly [title: string, before: string, after: string])[] = [
    ['above containers', pod(...c), pod('  imagePullSecrets:', '  - name: pull', ...c)],
    [
      'above the comments of containers, and not above those of others',
      pod('  hostPID: true', '    # of hostPID', '  # one', '  # two', ...c),
      pod(
        '  hostPID: true',
        '    # of hostPID',
        '  imagePullSecrets:',
        '  - name: pull',
        '  # one',
        '  # two',
        ...c,
      ),
    ],
    [
      'not into a block of text that looks like comments',
      pod('  x: |', '  # text', ...c).replace('  # text', '    # text'),
      pod('  x: |', '    # text', '  imagePullSecrets:', '  - name: pull', ...c),
    ],
    [
      'with indented dashes',
      pod('    hostPID: true', '    containers:', '      -   image: b.io/nginx'),
      pod(
        '    hostPID: true',
        '    imagePullSecrets:',
        '      -   name: pull',
        '    containers:',
        '      -   image: b.io/nginx',
      ),
    ],
    [
      'with CRLF',
      pod(...c).replaceAll('\n', '\r\n'),
      pod('  imagePullSecrets:', '  - name: pull', ...c).replaceAll('\n', '\r\n'),
    ],
    [
      'to a list',
      pod('  imagePullSecrets:', '  - name: old # mine', '  # end', ...c),
      pod('  imagePullSecrets:', '  - name: old # mine', '  - name: pull', '  # end', ...c),
    ],
    [
      'to a list with quotes and wide dashes',
      pod(...c, '  imagePullSecrets:', '    -  \'name\': "old"'),
      pod(...c, '  imagePullSecrets:', '    -  \'name\': "old"', '    -  \'name\': "pull"'),
    ],
    [
      'to a list at the end of a file without a last line end',
      pod(...c, '  imagePullSecrets:', '  - name: old').trimEnd(),
      pod(...c, '  imagePullSecrets:', '  - name: old', '  - name: pull').trimEnd(),
    ],
    [
      'to a list of flow maps',
      pod('  imagePullSecrets:', '  - { name: old }', ...c),
      pod('  imagePullSecrets:', '  - { name: old }', '  - { name: pull }', ...c),
    ],
    [
      'to a list whose last item is an alias',
      pod('  imagePullSecrets:', '  - &o', '    name: old', '  - *o', ...c),
      pod('  imagePullSecrets:', '  - &o', '    name: old', '  - *o', '  - name: pull', ...c),
    ],
    [
      'to a flow list',
      pod('  imagePullSecrets: [{name: old}] # c', ...c),
      pod('  imagePullSecrets: [{name: old}, {name: pull}] # c', ...c),
    ],
    [
      'to a flow list on several lines with a last comma',
      pod('  imagePullSecrets: [', '    { name: "old" }, # c', '    ]', ...c),
      pod('  imagePullSecrets: [', '    { name: "old" },', '    { name: "pull" }, # c', '    ]', ...c),
    ],
    [
      'to an empty list',
      pod('  imagePullSecrets: []', ...c),
      pod('  imagePullSecrets: [{name: pull}]', ...c),
    ],
    [
      'to an empty list with a comment in it',
      pod('  imagePullSecrets: [ # none', '    ]', ...c),
      pod('  imagePullSecrets: [ # none', '    {name: pull}]', ...c),
    ],
    [
      'to a key with no value',
      pod('  imagePullSecrets: # todo', ...c),
      pod('  imagePullSecrets: # todo', '  - name: pull', ...c),
    ],
    ['to null', pod('  imagePullSecrets: null', ...c), pod('  imagePullSecrets: [{name: pull}]', ...c)],
    ['to ~', pod(...c, '  imagePullSecrets: ~'), pod(...c, '  imagePullSecrets: [{name: pull}]')],
    [
      'above initContainers where a merge key brings the containers',
      'apiVersion: v1\nkind: Pod\nx: &x\n  containers:\n  - image: b.io/a\nspec:\n  <<: *x\n  initContainers:\n  - image: b.io/b\n',
      'apiVersion: v1\nkind: Pod\nx: &x\n  containers:\n  - image: b.io/a\nspec:\n  <<: *x\n  imagePullSecrets:\n  - name: pull\n  initContainers:\n  - image: b.io/b\n',
    ],
    [
      'into compact JSON',
      '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"b.io/nginx"}]}}',
      '{"apiVersion":"v1","kind":"Pod","spec":{"imagePullSecrets":[{"name":"pull"}],"containers":[{"image":"b.io/nginx"}]}}',
    ],
    [
      'into JSON with tabs',
      '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"spec": {\n\t\t"containers": [\n\t\t\t{"image": "b.io/nginx"}\n\t\t]\n\t}\n}',
      '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"spec": {\n\t\t"imagePullSecrets": [{"name": "pull"}],\n\t\t"containers": [\n\t\t\t{"image": "b.io/nginx"}\n\t\t]\n\t}\n}',
    ],
    [
      'to a list in JSON on several lines',
      '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "b.io/n"}], "imagePullSecrets": [\n    {\n      "name": "old"\n    }\n  ]}}',
      '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "b.io/n"}], "imagePullSecrets": [\n    {\n      "name": "old"\n    },\n    {\n      "name": "pull"\n    }\n  ]}}',
    ],
    [
      'to null in JSON',
      '{"apiVersion": "v1", "kind": "Pod", "spec": {"imagePullSecrets": null, "containers": [{"image": "b.io/n"}]}}',
      '{"apiVersion": "v1", "kind": "Pod", "spec": {"imagePullSecrets": [{"name": "pull"}], "containers": [{"image": "b.io/n"}]}}',
    ],
    [
      'into KYAML, above its comment',
      '---\n{\n  apiVersion: "v1",\n  kind: "Pod",\n  spec: {\n    hostPID: true,\n    # all\n    containers: [{\n      image: "b.io/n",\n    }],\n  },\n}\n',
      '---\n{\n  apiVersion: "v1",\n  kind: "Pod",\n  spec: {\n    hostPID: true,\n    imagePullSecrets: [{name: "pull"}],\n    # all\n    containers: [{\n      image: "b.io/n",\n    }],\n  },\n}\n',
    ],
    [
      'into a flow map in block style',
      'apiVersion: v1\nkind: Pod\nspec: { containers: [ { image: b.io/n } ] }\n',
      'apiVersion: v1\nkind: Pod\nspec: { imagePullSecrets: [{ name: pull }], containers: [ { image: b.io/n } ] }\n',
    ],
    [
      'to an empty value in flow style',
      'apiVersion: v1\nkind: Pod\nspec: {imagePullSecrets:, containers: [{image: b.io/n}]}\n',
      'apiVersion: v1\nkind: Pod\nspec: {imagePullSecrets: [{name: pull}], containers: [{image: b.io/n}]}\n',
    ],
    [
      'at the root of a file with a BOM',
      '\uFEFFcontainers:\n- image: b.io/n\n',
      '\uFEFFimagePullSecrets:\n- name: pull\ncontainers:\n- image: b.io/n\n',
    ],
  ];
  it.each(insertions)('%s', (_title, before, after) => {
    const rootSpec = before.startsWith('\uFEFFcontainers');
    const change = (podSpec: string) => ({
      images: [],
      pullSecrets: [{ document: 0, podSpec, names: ['pull'] }],
    });
    const path = rootSpec ? '' : 'spec';
    const result = rewriteManifest({ path: 'a.yaml', text: before }, change(path));
    expect(result.ok ? result.text : result.problem).toBe(after);
    const again = rewriteManifest({ path: 'a.yaml', text: after }, change(path));
    expect(again).toEqual({ ok: true, text: after, edits: [] });
  });

  it('before a pod spec that begins on the line of its dash', () => {
    const before = 'pods:\n  - containers:\n    - image: b.io/n\n  -   # c\n    containers: []\n';
    const pullSecrets = ['pods[0]', 'pods[1]'].map((podSpec) => ({ document: 0, podSpec, names: ['pull'] }));
    expect(rewriteManifest({ path: 'a.yaml', text: before }, { images: [], pullSecrets })).toMatchObject({
      ok: true,
      text: 'pods:\n  - imagePullSecrets:\n    - name: pull\n    containers:\n    - image: b.io/n\n  -   # c\n    imagePullSecrets:\n      - name: pull\n    containers: []\n',
    });
  });

  it('to a ServiceAccount below its last key', () => {
    const before = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web # c\n# end\n';
    const pullSecrets = [{ document: 0, podSpec: '', names: ['pull'] }];
    expect(rewriteManifest({ path: 'a.yaml', text: before }, { images: [], pullSecrets })).toMatchObject({
      ok: true,
      text: 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web # c\nimagePullSecrets:\n  - name: pull\n# end\n',
    });
  });
});

describe('several names', () => {
  it('are added in order, each only where it is missing', () => {
    const before = pod('  imagePullSecrets:', '  - name: two', ...c);
    expect(rewritten(before, ['one', 'two', 'three', 'one'])).toBe(
      pod('  imagePullSecrets:', '  - name: two', '  - name: one', '  - name: three', ...c),
    );
  });

  it('are quoted where YAML would read something else', () => {
    expect(rewritten(pod(...c), ['123', 'true', 'a'])).toBe(
      pod('  imagePullSecrets:', '  - name: "123"', '  - name: "true"', '  - name: a', ...c),
    );
  });

  it('are found through an alias and are not added again', () => {
    const text = pod('  nodeName: &n pull', '  imagePullSecrets:', '  - name: *n', ...c);
    expect(rewriteAll(text, ['pull'])).toEqual({ ok: true, text, edits: [] });
  });
});

describe('pod specs that share text', () => {
  const list = (...items: readonly string[]) =>
    ['apiVersion: v1', 'kind: List', 'items:', ...items, ''].join('\n');
  const first = [
    '- apiVersion: v1',
    '  kind: Pod',
    '  spec:',
    '    imagePullSecrets: &ips',
    '    - name: old',
  ];
  const second = ['- apiVersion: v1', '  kind: Pod', '  spec:', '    imagePullSecrets: *ips'];
  const one = ['    containers:', '    - image: b.io/n'];

  it('get one entry in the list they share', () => {
    expect(rewritten(list(...first, ...one, ...second, ...one), ['pull'])).toBe(
      list(...first, '    - name: pull', ...one, ...second, ...one),
    );
  });

  it('are refused where the list is used for something else, too', () => {
    const text = list(...first, ...one, '- apiVersion: v1', '  kind: ServiceAccount', '  secrets: *ips');
    expect(rewriteAll(text, ['pull'])).toMatchObject({
      ok: false,
      line: 8,
      problem: '&ips is used for more than imagePullSecrets',
    });
  });

  it('are refused where only an alias leads to the spec', () => {
    const text = 'apiVersion: v1\nkind: Pod\nx: &s\n  containers:\n  - image: b.io/n\nspec: *s\n';
    const pullSecrets = [{ document: 0, podSpec: 'spec', names: ['pull'] }];
    expect(rewriteManifest({ path: 'a.yaml', text }, { images: [], pullSecrets })).toMatchObject({
      ok: false,
      line: 4,
      problem: 'the pod spec at spec comes from an alias or a merge key (<<)',
    });
  });

  it('get one list where the anchor itself is a pod spec that is asked for', () => {
    const text = list('- spec: &s', ...one, '- spec: *s');
    const pullSecrets = [1, 0].map((i) => ({ document: 0, podSpec: `items[${i}].spec`, names: ['pull'] }));
    expect(rewriteManifest({ path: 'a.yaml', text }, { images: [], pullSecrets })).toMatchObject({
      ok: true,
      text: list('- spec: &s', '    imagePullSecrets:', '    - name: pull', ...one, '- spec: *s'),
    });
  });

  it('are refused where a merge key brings the list, which a new one would hide', () => {
    const text = pod('  <<: &m', '    imagePullSecrets: [{name: old}]', ...c);
    expect(rewriteAll(text, ['pull'])).toMatchObject({
      ok: false,
      problem: expect.stringContaining('merge key'),
    });
    expect(rewriteAll(text, ['old'])).toMatchObject({ ok: true, text });
  });
});

describe('what is not a list of pull secrets is left alone', () => {
  it.each([
    [
      'a template',
      pod('  imagePullSecrets: {{ .Values.secrets }}', ...c),
      5,
      'imagePullSecrets is not a list',
    ],
    ['a text', pod('  imagePullSecrets: pull', ...c), 5, 'imagePullSecrets is not a list'],
    ['an empty text', pod('  imagePullSecrets: ""', ...c), 5, 'imagePullSecrets is not a list'],
    [
      'a key that is written twice',
      pod('  imagePullSecrets: []', '  imagePullSecrets: []', ...c),
      5,
      'imagePullSecrets is written twice',
    ],
  ])('%s', (_title, text, line, problem) => {
    expect(rewriteAll(text, ['pull'])).toEqual({ ok: false, line, problem });
  });

  it('says so when the pod spec is not there', () => {
    const pullSecrets = [{ document: 0, podSpec: 'spec.template.spec', names: ['pull'] }];
    expect(rewriteManifest({ path: 'a.yaml', text: pod(...c) }, { images: [], pullSecrets })).toEqual({
      ok: false,
      line: 1,
      problem: 'no pod spec at spec.template.spec',
    });
  });
});
