import { describe, expect, it } from 'vitest';
import { renderJson } from '../../src/report/index.ts';
import { digest, sampleImage, sampleReport, sampleUse } from './sample.ts';

describe('renderJson', () => {
  it('gives a scan the shape of the contract', () => {
    const report = sampleReport({
      command: 'scan',
      images: [
        sampleImage(),
        sampleImage({
          use: sampleUse({ written: '${IMAGE}', line: 30 }),
          canonical: null,
          state: 'unusable',
          reason: 'variable',
          explanation: 'a variable decides it',
          editable: false,
        }),
      ],
      skipped: [{ file: 'k8s/bad.yaml', line: 7, reason: 'syntax', message: 'a tab where a space must be' }],
    });
    expect(JSON.parse(renderJson(report))).toEqual({
      images: [
        {
          image: 'nginx:1.25',
          canonical: 'docker.io/library/nginx:1.25',
          state: 'candidate',
          reason: null,
          layer: 'pod',
          file: 'k8s/web.yaml',
          line: 21,
          column: 16,
          field: 'spec.template.spec.containers[0].image',
          kind: 'Deployment',
          name: 'web',
          namespace: 'shop',
          editable: true,
        },
        expect.objectContaining({
          image: '${IMAGE}',
          canonical: null,
          state: 'unusable',
          reason: 'variable',
          line: 30,
          editable: false,
        }),
      ],
      skipped: [{ file: 'k8s/bad.yaml', line: 7, reason: 'syntax', message: 'a tab where a space must be' }],
    });
  });

  it('gives copies and edits to every other command', () => {
    const report = sampleReport({
      edits: [
        {
          file: 'k8s/web.yaml',
          range: [100, 110],
          text: 'b',
          line: 21,
          before: 'image: a',
          after: 'image: b',
        },
      ],
    });
    const json = JSON.parse(renderJson(report));
    expect(Object.keys(json)).toEqual(['images', 'copies', 'edits', 'skipped', 'notes']);
    expect(json.copies).toEqual([
      {
        source: 'docker.io/library/nginx:1.25',
        backup: 'ghcr.io/acme/backup/docker.io/library/nginx:1.25',
        digest,
        status: 'copied',
        platforms: ['linux/amd64', 'linux/arm64'],
        bytes: 54_100_000,
        blobs: { copied: 7, mounted: 1, present: 0 },
        error: null,
        problems: [],
        warnings: [],
      },
    ]);
    expect(json.edits).toEqual([{ file: 'k8s/web.yaml', line: 21, before: 'image: a', after: 'image: b' }]);
  });
});
