import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';
import { openShop, type Shop } from './shop.ts';

/**
 * Stands for helm: fills `{a.b}` in the one template from the flat `a.b: text` reading of values files, says what it was
 * given, and refuses where a template says `{fail-unless-quay}`.
 */
const fakeHelm = `#!${process.execPath}
const { existsSync, readFileSync, appendFileSync } = require('node:fs');
const [command, , chart, ...rest] = process.argv.slice(2);
const files = [chart + '/values.yaml', ...rest.filter((word) => word !== '--values')];
const values = new Map();
for (const file of files) {
  let top = '';
  for (const line of readFileSync(file, 'utf8').split('\\n')) {
    const [, indent, key, value] = /^( *)([\\w-]+): *(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    if (indent === '') top = key;
    if (value !== '') values.set(indent === '' ? key : top + '.' + key, value.replaceAll('"', ''));
  }
}
const template = readFileSync(chart + '/templates/web.yaml', 'utf8');
if (command !== 'template' || process.env.SECRET || existsSync(chart + '/link')) process.exit(9);
if (template.includes('{hang}')) setInterval(() => {}, 1000);
else if (template.includes('{quay-only}') && values.get('image.registry') !== 'quay.io') {
  process.stderr.write('Error: execution error at (' + chart + '/templates/web.yaml): unrecognized images\\n');
  process.exit(1);
} else process.stdout.write(template.replace(/{([\\w.]+)}/g, (_, key) => key === 'random' ? String(Math.random()) : values.get(key) ?? ''));
`;

const template = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - image: "{image.registry}/{image.repository}:{image.tag}"
      args: ["--sidecar={image.registry}/{image.repository}:{image.tag}"]
      env: [{ name: PASSWORD, value: "{random}" }]
`;

const chart = (text: string) => ({
  'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'web/templates/web.yaml': text,
  'web/values.yaml': 'image:\n  registry: quay.io\n  repository: team/side\n  tag: "2"\n',
  'bin/helm': fakeHelm,
});

describe('plan --render', () => {
  let shop: Shop;
  const path = () => `${join(shop.folder, 'bin')}${delimiter}${dirname(process.execPath)}`;
  const plan = async (env: Readonly<Record<string, string>>, ...more: readonly string[]) => {
    const run = await runCli(
      ['plan', shop.folder, '--exclude-path=bin/**', '--render', '--output=json', ...more, ...shop.flags],
      { env: { SECRET: 'of this machine', ...env } },
    );
    const { notes, changes } = JSON.parse(run.stdout) as { notes: string[]; changes: { path: string }[] };
    return { exitCode: run.exitCode, notes, changed: changes?.map((change) => change.path) };
  };
  const open = async (files: Readonly<Record<string, string>>) => {
    shop = await openShop(files);
    chmodSync(join(shop.folder, 'bin/helm'), 0o755);
  };

  beforeEach(() => open(chart(template)));
  afterEach(() => shop.close());

  it('says that image references alone differ, whatever the chart makes up', async () => {
    const { exitCode, notes } = await plan({ PATH: path() });
    expect([exitCode, notes]).toEqual([
      0,
      ['the chart web: helm renders the same before and after, but for 2 image references'],
    ]);
    expect(readFileSync(join(shop.folder, 'web/values.yaml'), 'utf8')).toBe(chart('')['web/values.yaml']);
  });

  it('loses nothing without helm, and says so once', async () => {
    const { exitCode, notes } = await plan({ PATH: join(shop.folder, 'nowhere') });
    expect([exitCode, notes]).toEqual([
      0,
      ['--render: there is no helm on the PATH; no chart was rendered.'],
    ]);
  });

  it('asks for a person where something else differs', async () => {
    await shop.close();
    await open(
      chart(`${template}      command: ["{image.registry}", "docker.io/{image.repository}:{image.tag}"]\n`),
    );
    const { exitCode, notes } = await plan({ PATH: path() });
    expect([exitCode, notes]).toEqual([
      1,
      [
        'the chart web: helm renders more than new image references (2): ' +
          'Pod/web.spec.containers.0.command.0, Pod/web.spec.containers.0.command.1',
      ],
    ]);
  });

  it('asks for a person where the chart would render no more', async () => {
    await shop.close();
    await open(chart(`${template}# {quay-only}\n`));
    const { exitCode, notes } = await plan({ PATH: path() });
    expect([exitCode, notes]).toEqual([
      1,
      [
        'the chart web: helm would render it no more: ' +
          'execution error at (chart/templates/web.yaml): unrecognized images',
      ],
    ]);
  });

  it('renders each changed file of values with its chart, and says which have none here', async () => {
    await shop.close();
    const files = chart(template);
    await open({
      ...files,
      'web/values-prod.yaml': files['web/values.yaml'],
      'web/values.yaml': 'replicas: 1\n',
      'other-values.yaml': files['web/values.yaml'],
    });
    const { exitCode, notes } = await plan({ PATH: path() });
    expect([exitCode, notes]).toEqual([
      0,
      [
        'the chart web with web/values-prod.yaml: helm renders the same before and after, but for 2 image references',
        'other-values.yaml: not rendered, as its chart is not in the folders that were read.',
      ],
    ]);
  });

  it('renders a name with the values that say its tags', async () => {
    await shop.close();
    const name = 'image:\n  registry: quay.io\n  repository: team/side\n';
    const tag = 'image:\n  tag: "2"\n';
    await open({ ...chart(template), 'web/values.yaml': name, 'web/values-prod.yaml': tag });
    const prod = await plan({ PATH: path() });
    const same = 'helm renders the same before and after, but for 2 image references';
    expect([prod.exitCode, prod.notes]).toEqual([0, [`the chart web with web/values-prod.yaml: ${same}`]]);
    await shop.close();
    await open({ ...chart(template), 'web/values-prod.yaml': `${tag}replicas: 1\n` });
    const both = await plan({ PATH: path() });
    expect([both.exitCode, both.notes]).toEqual([0, [`the chart web: ${same}`]]);
    await shop.close();
    const application =
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n    repoURL: https://git.example/shop\n    path: web\n' +
      '    helm: {valueFiles: [/envs/prod.yaml]}\n';
    await open({
      ...chart(template),
      'web/values.yaml': name,
      'envs/prod.yaml': tag,
      'app.yaml': application,
    });
    const elsewhere = await plan({ PATH: path() });
    expect([elsewhere.exitCode, elsewhere.notes]).toEqual([
      0,
      ['web/values.yaml: not rendered, as values outside of its chart say the tags.'],
    ]);
  });

  it('renders the values of a HelmRelease and an Application whose chart is in the tree, and says why others are not', async () => {
    await shop.close();
    const values = 'image:\n      registry: quay.io\n      repository: team/side\n      tag: "2"\n';
    const release = (name: string, chart: string, more = '') =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${name}\nspec:\n  chart:\n    spec:\n      chart: ${chart}\n` +
      `      sourceRef: {kind: GitRepository, name: here}\n${more}  values:\n    ${values}`;
    const application = (helm: string) =>
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: side, namespace: argocd}\nspec:\n  source:\n    path: web\n' +
      `    helm:\n${helm}      valuesObject:\n        ${values.replaceAll('\n      ', '\n          ')}`;
    await open({
      ...chart(template),
      'web/values.yaml': 'replicas: 1\n',
      'apps/a.yaml': release('web', './web'),
      'apps/b.yaml': `${release('far', 'away')}---\n${release('more', './web', '  valuesFrom: [{kind: Secret, name: s}]\n')}`,
      'apps/c.yaml': application(''),
      'apps/d.yaml': application('      valueFiles: [../../secrets.yaml]\n'),
      'apps/e.yaml': application('      parameters: [{name: side.image, value: quay.io/team/side:2}]\n'),
    });
    const { exitCode, notes } = await plan({ PATH: path() });
    const same = 'helm renders the same before and after, but for 2 image references';
    expect([exitCode, notes]).toEqual([
      0,
      [
        `the chart web with the values of HelmRelease web in apps/a.yaml: ${same}`,
        `the chart web with the values of Application argocd/side in apps/c.yaml: ${same}`,
        'apps/b.yaml: HelmRelease far: not rendered, as its chart is not in the folders that were read.',
        'apps/b.yaml: HelmRelease more: not rendered, as it takes values from elsewhere, too.',
        'apps/d.yaml: Application argocd/side: not rendered, as it takes values from elsewhere, too.',
        'apps/e.yaml: Application argocd/side: not rendered, as it sets parameters.',
      ],
    ]);
  });
});
