import { describe, expect, it } from 'vitest';
import type { ImageUse } from '../../src/manifests/index.ts';
import { findAddedUses } from '../../src/plan/index.ts';
import { sampleUse } from '../report/sample.ts';

const added = (head: readonly ImageUse[], base: readonly ImageUse[]) => [...findAddedUses(head, base)];

describe('findAddedUses', () => {
  it('finds what is new, and nothing that only moved to another line, field or file', () => {
    const base = [sampleUse({ line: 9 }), sampleUse({ file: 'old.yaml', written: 'redis:7' })];
    const head = [
      sampleUse({ line: 30 }),
      sampleUse({ file: 'new.yaml', written: 'redis:7' }),
      sampleUse({ written: 'nginx:1.26' }),
    ];
    expect(added(head, base)).toEqual([head[2]]);
  });

  it('counts a second use of an image that is there as new', () => {
    const base = [sampleUse()];
    const head = [sampleUse({ field: 'spec.other' }), sampleUse()];
    expect(added(head, base)).toEqual([head[0]]);
  });

  it('lets one use of the base account for one use only, the nearest first', () => {
    const base = [sampleUse({ file: 'b.yaml' })];
    const head = [sampleUse({ file: 'a.yaml' }), sampleUse({ file: 'b.yaml', field: 'spec.x' })];
    expect(added(head, base)).toEqual([head[0]]);
  });

  it('takes what a change put before a use of the same text for new, not the line that it left alone', () => {
    const base = [sampleUse({ field: 'spec.containers[0].image', line: 9 })];
    const neu = sampleUse({ field: 'spec.containers[0].image', line: 9 });
    const old = sampleUse({ field: 'spec.containers[1].image', line: 11 });
    expect([...findAddedUses([neu, old], base, ({ line }) => line === 9)]).toEqual([neu]);
    expect([...findAddedUses([neu], base, () => true)]).toEqual([]);
  });

  it('takes everything for new without a base, and nothing for new without a head', () => {
    expect(added([sampleUse()], [])).toHaveLength(1);
    expect(added([], [sampleUse()])).toEqual([]);
  });
});
