import { describe, expect, it } from 'vitest';
import { scanManifests } from '../../src/manifests/index.ts';

/** Each image of some files, with what holds it and where that is decided. */
function scan(files: Readonly<Record<string, string>>): string[] {
  const { uses } = scanManifests(Object.entries(files).map(([path, text]) => ({ path, text })));
  return uses.map(({ file, line, written, hold, heldBy }) =>
    [`${file}:${line}`, written, hold, heldBy && `${heldBy.file}:${heldBy.line}`].filter(Boolean).join(' '),
  );
}

const chart = {
  'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'charts/web/values.yaml': 'image:\n  repository: nginx\n  tag: "1.25"\n',
};

function setOf(helm: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
spec:
  generators: [{list: {elements: [{name: web}]}}]
  template:
    spec:
      source:
        repoURL: https://git.example/shop.git
        path: charts/web
        helm:
${helm}`;
}

describe('values that templates fill in', () => {
  it.each([
    ['one template', "          values: '{{ .values }}'\n"],
    [
      'a condition',
      '          values: |\n            {{- if .tag }}\n            image:\n              tag: {{ .tag }}\n            {{- end }}\n',
    ],
    ['a map made by a template', '          values: |\n            {{ toYaml .values | nindent 12 }}\n'],
    ['a key without quotes', '          values: |\n            image:\n              tag: {{ .tag }}\n'],
    ['an object of one template', "          valuesObject: '{{ .values }}'\n"],
  ])('hold the images of the chart: %s', (_, helm) => {
    const [held] = scan({ ...chart, 'set.yaml': setOf(helm) });
    expect(held).toMatch(/^charts\/web\/values\.yaml:2 nginx:1\.25 composed set\.yaml:1[123]$/);
  });

  it('leave them alone where a template is a value that says no name', () => {
    const helm =
      '          values: |\n            domain: "{{ .domain }}"\n            host: web-{{ .name }}\n';
    expect(scan({ ...chart, 'set.yaml': setOf(helm) })).toEqual(['charts/web/values.yaml:2 nginx:1.25']);
  });
});

describe('files of values that are not called so', () => {
  const image = 'image:\n  repository: ghcr.io/acme/web\n  tag: "1.25"\n';
  const application = (file: string) => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  sources:
    - repoURL: https://charts.example
      chart: web
      helm: {valueFiles: ["${file}"]}
`;

  it.each([
    ['from the root', '$values/envs/prod.yaml', 'envs/prod.yaml'],
    ['by steps', '../../envs/prod.yaml', 'envs/prod.yaml'],
    ['by a template', '$values/envs/{{name}}.yaml', 'envs/prod.yaml'],
  ])('are read where an Application names them %s', (_, named, path) => {
    const found = scan({ 'apps/web/app.yaml': application(named), [path]: image });
    expect(found).toEqual([`${path}:2 ghcr.io/acme/web:1.25`]);
  });

  it('are read where a ConfigMap that is generated from them gives values', () => {
    const files = {
      'release.yaml':
        'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n' +
        '  chartRef: {kind: OCIRepository, name: web}\n  valuesFrom: [{kind: ConfigMap, name: web-values}]\n',
      'kustomization.yaml':
        'resources: [release.yaml]\nconfigMapGenerator:\n  - name: web-values\n    files: [values.yaml=web.yaml]\n',
      'web.yaml': image,
    };
    expect(scan(files)).toEqual(['web.yaml:2 ghcr.io/acme/web:1.25']);
  });

  it('are none where only templates name them, or where they are objects', () => {
    const pod =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\nimage: {repository: acme/web, tag: "1"}\n';
    expect(scan({ 'app.yaml': application('{{file}}'), 'envs/prod.yaml': image })).toEqual([]);
    expect(scan({ 'app.yaml': application('/envs/prod.yaml'), 'envs/prod.yaml': pod })).toEqual([]);
  });
});

describe('values elsewhere for a chart in the tree', () => {
  it('are edited: of a dependency, and of a file that an Application of it names', () => {
    const umbrella = {
      'umbrella/Chart.yaml':
        'name: shop\ndependencies: [{name: web, version: 1.0.0, repository: "file://../charts/web"}]\n',
      'umbrella/values.yaml': 'web:\n  image: {repository: acme/web, tag: "2"}\n',
    };
    expect(scan({ ...chart, ...umbrella })).toContain('umbrella/values.yaml:2 acme/web:2');
    const files = {
      'set.yaml': setOf('          valueFiles: [/envs/prod/values.yaml]\n'),
      'envs/prod/values.yaml': 'image: {repository: acme/web, tag: "2"}\n',
    };
    expect(scan({ ...chart, ...files })).toContain('envs/prod/values.yaml:1 acme/web:2');
  });
});

describe('a chart in the tree that puts a name together', () => {
  const deployment = (image: string) => ({ 'charts/web/templates/deployment.yaml': `spec:\n  ${image}\n` });
  const helper = (text: string) => ({
    'charts/web/templates/_helpers.tpl': `{{- define "web.image" -}}\n${text}\n{{- end -}}\n`,
  });
  const name = '{{ .Values.image.repository }}:{{ .Values.image.tag }}';
  const hold = ['charts/web/values.yaml:2 nginx:1.25 composed'];

  it.each([
    [
      'printf in a helper',
      helper('{{- printf "quay.io/%s:%s" .Values.image.repository .Values.image.tag -}}'),
    ],
    [
      'printf in a template',
      deployment('image: {{ printf "quay.io/%s:%s" .Values.image.repository .Values.image.tag | quote }}'),
    ],
    ['another value before it', deployment(`image: "{{ .Values.domain }}/${name}"`)],
    [
      'a registry where the values have none',
      deployment(`image: "{{ .Values.image.registry | default "docker.io" }}/${name}"`),
    ],
    [
      'text behind the tag, inside with',
      deployment('{{- with .Values.image }}\n  image: "{{ .repository }}:{{ .tag }}-alpine"\n  {{- end }}'),
    ],
    [
      'names over several lines that the templates join',
      helper('{{- .Values.domain -}}\n/\n{{- .Values.image.repository -}}\n:\n{{- .Values.image.tag -}}'),
    ],
    ['text on the line above', helper('quay.io/\n  {{- .Values.image.repository }}:{{ .Values.image.tag }}')],
    [
      'a variable that has more than the name',
      helper('{{- $name := printf "quay.io/%s" .Values.image.repository -}}\n{{- $name -}}'),
    ],
    ['another value behind the tag', deployment(`image: "${name}{{ .Values.image.arch }}"`)],
  ])('is not edited: %s', (_, templates) => {
    expect(scan({ ...chart, ...templates })).toEqual(hold);
  });

  it.each([
    ['plainly', deployment(`image: "${name}"`)],
    [
      'by printf',
      helper('{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default "1") -}}'),
    ],
    [
      'with what nobody sets',
      deployment(`image: {{ if .Values.global.registry }}{{ .Values.global.registry }}/{{ end }}${name}`),
    ],
    ['with a digest', deployment(`image: ${name}{{ with .Values.image.digest }}@{{ . }}{{ end }}`)],
    [
      'over several lines',
      helper(
        '{{- $tag := .Values.image.tag -}}\n{{- $other := include "web.other" . -}}\n{{- if .Values.image.registry -}}\n{{ .Values.image.registry }}/\n{{- end -}}\n' +
          '{{ .Values.image.repository }}:{{ $tag }}\n{{- end -}}\n\n{{- define "web.more" -}}\nmore\n',
      ),
    ],
    [
      'before lines that other templates make',
      deployment(
        `image: ${name}\n  {{- include "web.labels" . | nindent 2 }}\n  {{- if .Values.more }}\n  more: true\n  {{- end }}`,
      ),
    ],
    ['in an argument', deployment(`args: ["--image=${name}"]`)],
    [
      'inside with',
      deployment('{{- with .Values.image }}\n  image: "{{ .repository }}:{{ .tag }}"\n  {{- end }}'),
    ],
  ])('is edited where it joins the parts alone: %s', (_, templates) => {
    expect(scan({ ...chart, ...templates })).toEqual(['charts/web/values.yaml:2 nginx:1.25']);
  });

  it('is not edited in an Application of it, nor where the image is one string', () => {
    const set = setOf('          valuesObject: {image: {repository: acme/web, tag: "2"}}\n');
    const files = { ...chart, ...deployment(`image: quay.io/${name}`), 'set.yaml': set };
    expect(scan(files)).toEqual([...hold, 'set.yaml:12 acme/web:2 composed']);
    const images = { ...chart, 'charts/web/values.yaml': 'images:\n  web: acme/web:1\n' };
    expect(scan({ ...images, ...deployment('image: "quay.io/{{ .Values.images.web }}"') })).toEqual([
      'charts/web/values.yaml:2 acme/web:1 composed',
    ]);
    expect(scan({ ...images, ...deployment('image: "{{ .Values.images.web }}"') })).toEqual([
      'charts/web/values.yaml:2 acme/web:1',
    ]);
  });
});
