import { describe, expect, it } from 'vitest';
import { scanManifests } from '../../src/manifests/index.ts';

/** Each image of some files, with what holds it and where that is decided. */
function scan(files: Readonly<Record<string, string>>, listed = Object.keys(files)): string[] {
  const read = Object.entries(files).map(([path, text]) => ({ path, text }));
  const { uses } = scanManifests(read, { listed: new Set(listed) });
  return uses.map(({ file, line, written, hold, heldBy }) =>
    [`${file}:${line}`, written, hold, heldBy && `${heldBy.file}:${heldBy.line}`].filter(Boolean).join(' '),
  );
}

function image(keys: Readonly<Record<string, string>>): string {
  const lines = Object.entries(keys).map(([key, value]) => `  ${key}: "${value}"`);
  return ['image:', ...lines, ''].join('\n');
}

describe('values of several sources', () => {
  it('name the backup that runs, where a tag stands in another file', () => {
    const files = {
      'values.yaml': image({ repository: 'backup.example/ghcr.io/acme/web', tag: '1.25' }),
      'values-prod.yaml': image({ tag: '1.26' }),
    };
    expect(scan(files)).toEqual([
      'values-prod.yaml:2 backup.example/ghcr.io/acme/web:1.26',
      'values.yaml:2 backup.example/ghcr.io/acme/web:1.25',
    ]);
  });

  it('are edited in both files where each says the whole name', () => {
    const files = {
      'values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1' }),
      'values-prod.yaml': image({ repository: 'ghcr.io/acme/web', tag: '2', digest: '' }),
    };
    expect(scan(files)).toEqual([
      'values-prod.yaml:2 ghcr.io/acme/web:2',
      'values.yaml:2 ghcr.io/acme/web:1',
    ]);
  });

  it('hold each other where a digest that is filled in would stay under another tag', () => {
    const files = {
      'values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1', digest: '' }),
      'values-prod.yaml': image({ repository: 'ghcr.io/acme/web', tag: '2' }),
    };
    expect(scan(files)).toEqual([
      'values-prod.yaml:2 ghcr.io/acme/web:2 composed values.yaml:4',
      'values.yaml:2 ghcr.io/acme/web:1 composed values-prod.yaml:3',
    ]);
  });

  it('are edited in a chart and over it where each says its registry', () => {
    const files = {
      'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'values.yaml': image({ registry: 'docker.io', repository: 'acme/web', tag: '1' }),
      'values-prod.yaml': image({ registry: 'docker.io', repository: 'acme/web', tag: '2' }),
    };
    expect(scan(files)).toEqual([
      'values-prod.yaml:3 docker.io/acme/web:2',
      'values.yaml:3 docker.io/acme/web:1',
    ]);
  });

  const name = image({ repository: 'ghcr.io/acme/web' });

  it('hold a name where the line of a tag, or of the name, says to leave it alone', () => {
    const ignored = { 'values.yaml': name, 'values-prod.yaml': 'image:\n  tag: "1" # holdfast: ignore\n' };
    expect(scan(ignored)).toEqual([
      'values-prod.yaml:2 ghcr.io/acme/web:1 composed values.yaml:2',
      'values.yaml:2 ghcr.io/acme/web unknown-tag values-prod.yaml:2',
    ]);
    const setter = 'image:\n  repository: ghcr.io/acme/web # {"$imagepolicy": "flux-system:web:name"}\n';
    expect(scan({ 'values.yaml': setter, 'values-prod.yaml': image({ tag: '1' }) })).toContain(
      'values.yaml:2 ghcr.io/acme/web unknown-tag values-prod.yaml:2',
    );
  });

  it('hold a name whose tag an image updater writes beside its chart, for an Application or not', () => {
    const files = {
      'web/values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1' }),
      'web/.argocd-source-web.yaml': 'helm:\n  parameters:\n    - {name: image.tag, value: "2"}\n',
      'app.yaml':
        'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n    repoURL: https://git.example/x\n    path: web\n    helm:\n      valuesObject: {side: {image: {repository: ghcr.io/acme/side, tag: "1"}}}\n',
    };
    const held = 'web/values.yaml:2 ghcr.io/acme/web:1 composed web/.argocd-source-web.yaml:3';
    expect(scan(files)).toEqual(['app.yaml:9 ghcr.io/acme/side:1', held]);
    const { 'app.yaml': _app, ...alone } = files;
    expect(scan(alone)).toEqual([held]);
  });

  it.each([
    ['fleet.yaml', 'helm:\n  values:\n    image: {tag: "2"}\n', 3],
    ['fleet.yaml', 'targetCustomizations:\n  - helm:\n      values:\n        image: {tag: "2"}\n', 4],
    ['helmfile.yaml', 'releases:\n  - values:\n      - values.yaml\n      - image: {tag: "2"}\n', 4],
    ['helmfile.yaml', 'releases:\n  - set:\n      - {name: image.tag, value: "2"}\n', 3],
    ['helmfile.yaml', '{{ if .prod }}\nreleases:\n{{ end }}\n  tag: 2\n', 1],
  ])('hold a name whose tag %s says', (path, text, line) => {
    const files = { 'values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1' }) };
    const held = `values.yaml:2 ghcr.io/acme/web:1 composed ${path}:${line}`;
    expect(scan({ ...files, [path]: text })).toContain(held);
    const other = text.replaceAll('image', 'side').replaceAll('tag', 'size');
    expect(scan({ ...files, [path]: other })).toContain('values.yaml:2 ghcr.io/acme/web:1');
  });

  it('of folders in a chart count for its names, and those of a chart in it do not', () => {
    const own = {
      'Chart.yaml': 'name: web\n',
      'values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1' }),
    };
    expect(scan({ ...own, 'env/prod/values.yaml': image({ tag: '2' }) })).toEqual([
      'env/prod/values.yaml:2 ghcr.io/acme/web:2',
      'values.yaml:2 ghcr.io/acme/web:1',
    ]);
    const inner = { 'other/Chart.yaml': 'name: other\n', 'other/values.yaml': image({ tag: '2' }) };
    expect(scan({ ...own, ...inner })).toEqual(['values.yaml:2 ghcr.io/acme/web:1']);
  });

  it('hold a name beside values that cannot be read, as they may say any tag', () => {
    const own = { 'values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1' }) };
    const held = ['values.yaml:2 ghcr.io/acme/web:1 composed values-prod.yaml:1'];
    expect(scan({ ...own, 'values-prod.yaml': '{{ if .prod }}\nimage:\n  tag: "2"\n{{ end }}\n' })).toEqual(
      held,
    );
    // Too large, or no text.
    expect(scan(own, ['values.yaml', 'values-prod.yaml'])).toEqual(held);
    expect(scan(own, ['values.yaml', 'prod.yaml'])).toEqual(['values.yaml:2 ghcr.io/acme/web:1']);
  });

  it.each(['1.20', '3.0', '012', '0x1f', '0o17', '1e3', '12_3'])(
    'hold a name whose tag %s is a number that Helm writes in another way',
    (tag) => {
      const plain = `image:\n  tag: ${tag}\n`;
      expect(scan({ 'values.yaml': `${plain}  repository: ghcr.io/acme/web\n` })).toEqual([
        `values.yaml:3 ghcr.io/acme/web:${tag} number`,
      ]);
      expect(scan({ 'values.yaml': name, 'values-prod.yaml': plain })).toEqual([
        'values.yaml:2 ghcr.io/acme/web unknown-tag values-prod.yaml:2',
      ]);
      expect(scan({ 'values.yaml': name, 'values-prod.yaml': image({ tag }) })).toHaveLength(2);
    },
  );

  it.each(['1.25', '20240101', '0', '1.20.0', '1.20-alpine', 'v1'])('move a name with the tag %s', (tag) => {
    const files = { 'values.yaml': name, 'values-prod.yaml': `image:\n  tag: ${tag}\n` };
    expect(scan(files)).toContain(`values.yaml:2 ghcr.io/acme/web:${tag}`);
  });

  it('hold a name whose tag is filled in, and one that has another tag where its own is empty', () => {
    const filled = { 'values.yaml': name, 'values-prod.yaml': image({ tag: '{{ .tag }}' }) };
    expect(scan(filled)[1]).toBe('values.yaml:2 ghcr.io/acme/web unknown-tag values-prod.yaml:2');
    const below = {
      'Chart.yaml': 'name: web\ndependencies: [{name: web, repository: "file://../sub"}]\n',
      'values.yaml': `web:\n  ${image({ repository: 'ghcr.io/acme/web', tag: '' }).replaceAll('\n  ', '\n    ')}`,
      'charts/web/values.yaml': image({ tag: '1' }),
    };
    expect(scan(below)).toEqual(['values.yaml:3 ghcr.io/acme/web unknown-tag']);
  });

  it('hold a name without a tag where the chart may have one, or only a patch says it', () => {
    const chart = {
      'Chart.yaml': 'name: web\n',
      'templates/_helpers.tpl': '{{ .image.repository }}:{{ .image.tag | default "latest" }}\n',
    };
    const files = { 'values.yaml': name, 'values-prod.yaml': image({ tag: '1' }) };
    expect(scan(files)).toEqual([
      'values-prod.yaml:2 ghcr.io/acme/web:1',
      'values.yaml:2 ghcr.io/acme/web:1',
    ]);
    expect(scan({ ...files, ...chart })).toContain(
      'values.yaml:2 ghcr.io/acme/web unknown-tag values-prod.yaml:2',
    );
    const release = (values: string) =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n  values: {image: {${values}}}\n`;
    const patched = {
      'base/release.yaml': `${release('repository: ghcr.io/acme/web')}  chartRef: {kind: OCIRepository, name: web}\n`,
      'base/kustomization.yaml': 'resources: [release.yaml]\n',
      'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: web.yaml}]\n',
      'prod/web.yaml': release('tag: "1"'),
    };
    expect(scan(patched)).toContain('base/release.yaml:5 ghcr.io/acme/web unknown-tag prod/web.yaml:5');
  });

  it('hold a name without a tag where the other file is of another chart, or a chart around it says none', () => {
    const other = { 'web-values.yaml': name, 'api-values.yaml': image({ tag: '1' }) };
    expect(scan(other)).toContain('web-values.yaml:2 ghcr.io/acme/web unknown-tag api-values.yaml:2');
    const overlay = { 'web-values.yaml': name, 'web-values-prod.yaml': image({ tag: '1' }) };
    expect(scan(overlay)).toContain('web-values.yaml:2 ghcr.io/acme/web:1');
    const application =
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n    repoURL: https://git.example/shop\n    path: web\n    helm: {parameters: [{name: image.tag, value: "1"}]}\n';
    const named = { 'app.yaml': application, 'web/Chart.yaml': 'name: web\n', 'web/values.yaml': name };
    expect(scan(named)).toContain('web/values.yaml:2 ghcr.io/acme/web:1');
    const shop = 'name: shop\ndependencies: [{name: web, repository: "file://../web"}]\n';
    const around = { ...named, 'shop/Chart.yaml': shop, 'shop/values.yaml': 'registry: none\n' };
    expect(scan(around)).toContain('web/values.yaml:2 ghcr.io/acme/web unknown-tag app.yaml:8');
    const tagged = { ...around, 'shop/values.yaml': 'web: {image: {tag: "2"}}\n' };
    expect(scan(tagged)).toContain('shop/values.yaml:1 ghcr.io/acme/web:2');
  });

  it('hold a name without a tag where a file that a template names may say none', () => {
    const set = (file: string) =>
      `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      source:\n        repoURL: https://git.example/shop\n        path: web\n        helm: {valueFiles: ['${file}']}\n`;
    const files = { 'web/values.yaml': name, 'web/envs/prod.yaml': image({ tag: '1' }) };
    expect(scan({ ...files, 'set.yaml': set('envs/{{env}}.yaml') })).toContain(
      'web/values.yaml:2 ghcr.io/acme/web unknown-tag web/envs/prod.yaml:2',
    );
    expect(scan({ ...files, 'set.yaml': set('envs/prod.yaml') })).toContain(
      'web/values.yaml:2 ghcr.io/acme/web:1',
    );
  });

  it('are those of one chart each, where files beside each other say whole names', () => {
    const files = {
      'web-values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1' }),
      'api-values.yaml': image({ registry: 'ghcr.io', repository: 'acme/api', tag: '2' }),
    };
    expect(scan(files)).toEqual([
      'api-values.yaml:3 ghcr.io/acme/api:2',
      'web-values.yaml:2 ghcr.io/acme/web:1',
    ]);
  });
});
