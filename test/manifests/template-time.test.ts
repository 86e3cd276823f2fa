import { describe, expect, it } from 'vitest';
import { scanManifests } from '../../src/manifests/index.ts';

const chart = [
  { path: 'web/Chart.yaml', text: 'apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: "2"\n' },
  { path: 'web/values.yaml', text: 'image:\n  repository: ghcr.io/a/web\n  tag: ""\n' },
];
const image = 'image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"\n';

describe('templates of charts', () => {
  it.each([
    ['behind a key', `a: ${' '.repeat(100_000)}x\n`],
    ['behind a variable', `{{- $a := ${' '.repeat(100_000)}\n`],
  ])('take no longer with a long run of spaces %s', (_, line) => {
    const start = performance.now();
    const { uses } = scanManifests([...chart, { path: 'web/templates/pod.yaml', text: line + image }]);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(uses[0]?.written).toBe('ghcr.io/a/web:2');
  });
});
