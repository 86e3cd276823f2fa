import { execFileSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addImage } from '../../src/embedded/index.ts';
import { corpusArchive, readCorpusTree } from '../manifests/rewrite-corpus.ts';
import { runCli } from './run-cli.ts';
import { openShop, type Shop } from './shop.ts';

const path = process.env['PATH'] ?? '';
const helm = hasHelm();
const corpus = corpusArchive;

function hasHelm(): boolean {
  try {
    execFileSync('helm', ['template', 'x', '/nowhere'], { stdio: 'pipe' });
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
  return true;
}

async function plan(shop: Shop, ...more: readonly string[]) {
  const env = { PATH: `${path}${delimiter}${dirname(process.execPath)}` };
  const words = ['plan', shop.folder, '--render', '--output=json', ...shop.flags, ...more];
  const run = await runCli(words, { env });
  const { notes } = JSON.parse(run.stdout) as { notes: readonly string[] };
  return { exitCode: run.exitCode, notes: notes.filter((note) => /helm|render/.test(note)) };
}

const chart = {
  'apps/web.yaml': [
    'apiVersion: helm.toolkit.fluxcd.io/v2',
    'kind: HelmRelease',
    'metadata: {name: web}',
    'spec:',
    '  chart: {spec: {chart: ./web, sourceRef: {kind: GitRepository, name: here}}}',
    '  values:',
    '    replicas: 3',
    '    image: {repository: nginx, tag: "1.25"}',
    '',
  ].join('\n'),
  'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: "1.25"\n',
  'web/values.yaml': [
    'image:',
    '  repository: nginx',
    '  tag: ""',
    'side: {registry: quay.io, repository: team/side, tag: "2"}',
    'imagePullSecrets: [{name: ours}]',
    '',
  ].join('\n'),
  'web/templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  annotations: { made: {{ randAlphaNum 8 | quote }} }
spec:
  replicas: {{ .Values.replicas | add 1 }}
  template:
    spec:
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
        - name: side
          image: "{{ .Values.side.registry }}/{{ .Values.side.repository }}:{{ .Values.side.tag }}"
`,
};

describe.skipIf(!helm)('plan --render with the real helm (skipped where the PATH has none)', () => {
  it('shows that image references and the pull secret alone differ, whatever the chart makes up', async () => {
    const shop = await openShop(chart);
    try {
      expect(await plan(shop, '--pull-secret=backup-pull')).toEqual({
        exitCode: 0,
        notes: [
          'the chart web: helm renders the same before and after, but for 2 image references and 1 pull secret',
          'the chart web with the values of HelmRelease web in apps/web.yaml: helm renders the same before and after, but for 2 image references and 1 pull secret',
        ],
      });
    } finally {
      await shop.close();
    }
  });

  describe.skipIf(corpus === null)(
    'on the charts of the corpus (skipped where HOLDFAST_SHARED has none)',
    () => {
      let shop: Shop;
      beforeAll(async () => {
        const files = [...readCorpusTree(corpus ?? '')];
        const folders = files
          .filter((file) => file.path.endsWith('/Chart.yaml'))
          .map((file) => dirname(file.path));
        const inCharts = files.filter((file) => folders.some((folder) => file.path.startsWith(`${folder}/`)));
        shop = await openShop(Object.fromEntries(inCharts.map((file) => [file.path, file.text])));
      });
      afterAll(() => shop.close());

      it('differs in image references alone, but for the chart that leaves its own registry key unused', async () => {
        const scan = await runCli(['scan', shop.folder, '--output=json'], {});
        const { images } = JSON.parse(scan.stdout) as { images: { state: string; canonical: string }[] };
        const names = new Set(
          images.flatMap((image) => (image.state === 'candidate' ? image.canonical : [])),
        );
        const hosts = new Set<string>();
        for (const name of names) {
          const [, host = '', repository = '', tag] = /^([^/]+)\/([^:@]+)(?::([^@]+))?$/.exec(name) ?? [];
          hosts.add(host);
          if (tag !== undefined) await addImage(shop.upstream, repository, tag, { layerBytes: 100 });
        }
        const { notes } = await plan(
          shop,
          ...[...hosts].map((host) => `--endpoint=${host}=${shop.upstream.url}`),
        );
        const others = notes.filter((note) => !/ but for \d+ image references?$/.test(note));
        expect(others.map((note) => note.replace(/^the chart [^:]*\//, ''))).toEqual([
          'charts: helm renders more than new image references (0): ' +
            'StatefulSet/skaffold-helm.spec.template.spec.containers.0.image',
        ]);
        expect(notes.length).toBeGreaterThan(15);
      }, 60_000);
    },
  );
});
