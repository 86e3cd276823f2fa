import { gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { type Report, renderSarif } from '../../src/report/index.ts';
import { sarifSchema } from '../support/sarif-schema.ts';
import { sampleImage, sampleReport, sampleUse } from './sample.ts';

const validate = new Ajv({ strict: false, allErrors: true }).compile(sarifSchema);
const faultsOf = (text: string) => {
  validate(JSON.parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

function checked(change: Partial<Report>): Report {
  return sampleReport({ command: 'check', images: [], copies: [], ...change });
}

describe('renderSarif, by its schema', () => {
  it('is right with and without findings, whatever files are called', () => {
    const names = ['k8s/web.yaml', 'a b#%?/ü "x".yaml', "it's [1] {2}\\3:4.yaml", 'emoji-🐳.yaml'];
    const images = names.map((file) => sampleImage({ use: sampleUse({ file }) }));
    const skipped = [{ file: 'bad.yaml', line: 0, reason: 'binary' as const, message: 'a\nb' }];
    expect(faultsOf(renderSarif(checked({})))).toEqual([]);
    expect(faultsOf(renderSarif(checked({ images, skipped })))).toEqual([]);
  });

  it('would be caught with a line 0, an absolute path, or a result without a rule', () => {
    const good = renderSarif(checked({ images: [sampleImage()] }));
    expect(faultsOf(good)).toEqual([]);
    expect(faultsOf(good.replace('"startLine": 21', '"startLine": 0'))).toHaveLength(1);
    expect(faultsOf(good.replace('k8s/web.yaml', '/srv/web.yaml'))).toHaveLength(1);
    expect(faultsOf(good.replace('"ruleId": "not-backed-up",', ''))).toHaveLength(1);
  });

  it('stays within the 5,000 results and 10 MB that GitHub keeps, each with a fingerprint of its own', () => {
    const images = Array.from({ length: 6000 }, (_, index) =>
      sampleImage({
        use: sampleUse({ file: `apps/${index}/deployment.yaml`, written: `registry.test/image-${index}:1` }),
      }),
    );
    const text = renderSarif(checked({ images }));
    expect(faultsOf(text)).toEqual([]);
    expect(gzipSync(text).length).toBeLessThan(10_000_000);
    const [{ results }] = JSON.parse(text).runs as [{ results: { partialFingerprints: object }[] }];
    expect(new Set(results.map((result) => JSON.stringify(result.partialFingerprints))).size).toBe(5000);
  });
});
