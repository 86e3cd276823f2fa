import { expect, it } from 'vitest';
import { findMissing } from '../../src/report/index.ts';
import { sampleCopy, sampleImage, sampleReport, sampleUse } from './sample.ts';

it('counts each image that a check found missing from the backup once, and none that is there', () => {
  const gone = 'ghcr.io/acme/backup/docker.io/library/redis:8';
  const images = [
    sampleImage(),
    sampleImage({ canonical: 'docker.io/library/redis:7', use: sampleUse({ line: 30 }) }),
    sampleImage({ canonical: 'docker.io/library/redis:7', use: sampleUse({ line: 31 }) }),
    sampleImage({ canonical: gone, state: 'backup', use: sampleUse({ line: 32, written: gone }) }),
    sampleImage({ canonical: 'docker.io/library/caddy:2', state: 'excluded', use: sampleUse({ line: 33 }) }),
  ];
  const copies = [
    sampleCopy({ status: 'present' }),
    sampleCopy({ source: 'docker.io/library/redis:7', backup: 'other', status: 'planned' }),
    sampleCopy({
      source: gone,
      backup: gone,
      status: 'failed',
      error: { code: 'not-found', message: 'It is not there.' },
    }),
  ];
  const report = sampleReport({ command: 'check', images, copies });
  expect([...findMissing(report)]).toEqual(['docker.io/library/redis:7', gone]);
});
