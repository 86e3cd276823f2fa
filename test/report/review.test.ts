import { describe, expect, it } from 'vitest';
import type { TextEdit } from '../../src/manifests/index.ts';
import { findProblems, renderReviewComment, renderSuggestions } from '../../src/report/index.ts';
import { sampleImage, sampleReport, sampleUse } from './sample.ts';

const problemsOf = (...uses: Parameters<typeof sampleUse>[0][]) =>
  findProblems(
    sampleReport({ command: 'check', images: uses.map((use) => sampleImage({ use: sampleUse(use) })) }),
  );

const edit = (change: Partial<TextEdit> = {}): TextEdit => ({
  file: 'k8s/web.yaml',
  range: [100, 110],
  line: 21,
  before: '          image: nginx:1.25 # window',
  after: '          image: backup/nginx:1.25@sha256:0 # window',
  ...change,
});

describe('renderSuggestions', () => {
  it('replaces the whole line, with its indentation and comment', () => {
    expect(renderSuggestions(problemsOf({}), [edit()])).toEqual([
      {
        path: 'k8s/web.yaml',
        line: 21,
        body: expect.stringContaining(
          '```suggestion\n          image: backup/nginx:1.25@sha256:0 # window\n```\n',
        ),
      },
    ]);
  });

  it('leaves out other lines, added lines, and lines with two edits', () => {
    expect(renderSuggestions(problemsOf({ line: 3 }), [edit()])).toEqual([]);
    expect(
      renderSuggestions(problemsOf({}), [edit({ before: '', after: '      imagePullSecrets:' })]),
    ).toEqual([]);
    expect(renderSuggestions(problemsOf({}), [edit({ after: 'a\nb' })])).toEqual([]);
    expect(renderSuggestions(problemsOf({}, { column: 60 }), [edit(), edit({ range: [120, 130] })])).toEqual(
      [],
    );
  });

  it('says that Pods also need the pull secret, where the file gets one', () => {
    const secret = edit({ line: 30, before: '', after: '      imagePullSecrets:' });
    const [alone] = renderSuggestions(problemsOf({}), [edit(), { ...secret, file: 'other.yaml' }]);
    expect(alone?.body).not.toContain('pull secret');
    const [both] = renderSuggestions(problemsOf({}), [edit(), secret]);
    expect(both?.body).toMatch(/also need the pull secret.*\n\n```suggestion\n/);
  });

  it('cannot be left by what the line says', () => {
    const [suggestion] = renderSuggestions(problemsOf({}), [edit({ after: 'image: x # ```` @jane' })]);
    expect(suggestion?.body).toContain('`````suggestion\nimage: x # ```` @jane\n`````\n');
  });
});

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
