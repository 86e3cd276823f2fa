import { describe, expect, it } from 'vitest';
import { findProblems, renderReviewComment } from '../../src/report/index.ts';
import { sampleImage, sampleReport, sampleUse } from './sample.ts';

const problemsOf = (...uses: Parameters<typeof sampleUse>[0][]) =>
  findProblems(
    sampleReport({ command: 'check', images: uses.map((use) => sampleImage({ use: sampleUse(use) })) }),
  );

describe('renderReviewComment', () => {
  it('stays below the limit of GitHub by dropping rows, and says how many', () => {
    const uses = Array.from({ length: 2000 }, (_, index) => ({
      line: index + 1,
      written: `image-${index}:1`,
    }));
    const { body } = renderReviewComment(problemsOf(...uses));
    expect(body.length).toBeLessThan(60_000);
    const rows = body.match(/^\| `k8s/gm)?.length ?? 0;
    expect(rows).toBeGreaterThan(300);
    expect(body).toContain(`and ${2000 - rows} more problems`);
    expect(body.trimEnd().split('\n').at(-1)).toMatch(
      /^Until a manifest names a copy in the backup registry/,
    );
  });

  it('says nothing that a mention, a reference or a comment comes of', () => {
    const { body } = renderReviewComment(problemsOf({ file: 'k8s/@jane|<!--`#1.yaml', written: 'x`@jane' }));
    const outside = body.replace(/(`+)[^`](?:.*?[^`])?\1(?!`)/g, '');
    expect(outside).not.toMatch(/@jane|<!--|#1/);
  });
});
