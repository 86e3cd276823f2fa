import { describe, expect, it } from 'vitest';
import { explainFailure, judge, weigh } from '../../../src/faces/action/judge.ts';
import type { Problem } from '../../../src/report/index.ts';
import { sampleCopy, sampleImage, sampleReport, sampleUse } from '../../report/sample.ts';

const backup = 'ghcr.io/acme/backup/docker.io/library/redis:7';

/** An image that was there before, one that is new, a backup that is missing, and a file of each level that is not read. */
const report = sampleReport({
  command: 'check',
  images: [
    sampleImage({ use: sampleUse({ line: 1, written: 'old:1' }) }),
    sampleImage({ use: sampleUse({ line: 2, written: 'new:1' }) }),
    sampleImage({ use: sampleUse({ line: 3, written: backup }), canonical: backup, state: 'backup' }),
  ],
  copies: [sampleCopy({ backup, status: 'failed', error: { code: 'not-found', message: 'not there' } })],
  skipped: [
    { file: 'k8s/a.yaml', line: 4, reason: 'syntax', message: 'broken' },
    { file: 'k8s/b.yaml', line: 5, reason: 'binary', message: 'binary' },
  ],
});
const isAdded = ({ line, subject }: Problem) =>
  line === 2 || subject === 'k8s/a.yaml' || subject === 'k8s/b.yaml';

describe('fail-on', () => {
  it.each([
    ['new', ['k8s/a.yaml', 'new:1']],
    ['any', ['k8s/a.yaml', 'old:1', 'new:1', backup]],
    ['error', [backup]],
    ['none', []],
  ] as const)('%s fails for %j', (failOn, subjects) => {
    const judged = judge({ report, isAdded }, failOn);
    expect(judged).toHaveLength(5);
    expect(judged.filter(({ fails }) => fails).map(({ problem }) => problem.subject)).toEqual(subjects);
    expect(judged.filter(({ added }) => added)).toHaveLength(3);
  });

  it('shows what is new first, and as an error only what fails', () => {
    const shown = weigh(judge({ report, isAdded }, 'new'));
    expect(shown.map(({ level, subject }) => [level, subject])).toEqual([
      ['error', 'k8s/a.yaml'],
      ['warning', 'k8s/b.yaml'],
      ['error', 'new:1'],
      ['warning', 'old:1'],
      ['warning', backup],
    ]);
  });

  it('is explained in one sentence, or not at all', () => {
    const explain = (failOn: 'new' | 'none') => explainFailure(judge({ report, isAdded }, failOn));
    expect(explain('new')).toBe('2 problems to mend: see the annotations and the job summary.');
    expect(explain('none')).toBeNull();
  });
});
