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
