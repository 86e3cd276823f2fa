import { describe, expect, it } from 'vitest';
import {
  type ManifestChange,
  rewriteManifest,
  scanManifests,
  type TextEdit,
} from '../../src/manifests/index.ts';
import { findProblems, renderReviewComment, renderSuggestions } from '../../src/report/index.ts';
import { sampleImage, sampleReport, sampleUse } from './sample.ts';

const reportOf = (uses: readonly Parameters<typeof sampleUse>[0][], edits: readonly TextEdit[] = []) =>
  sampleReport({
    command: 'check',
    images: uses.map((use) => sampleImage({ use: sampleUse(use) })),
    edits,
  });
const problemsOf = (...uses: Parameters<typeof sampleUse>[0][]) => findProblems(reportOf(uses));
const suggest = (use: Parameters<typeof sampleUse>[0], ...edits: TextEdit[]) => {
  const report = reportOf([use], edits);
  return renderSuggestions(findProblems(report), report);
};

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
    expect(suggest({}, edit())).toEqual([
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
    expect(suggest({ line: 3 }, edit())).toEqual([]);
    expect(suggest({}, edit({ before: '', after: '      imagePullSecrets:' }))).toEqual([]);
    expect(suggest({}, edit({ after: 'a\nb' }))).toEqual([]);
    expect(suggest({ column: 60 }, edit(), edit({ range: [120, 130] }))).toEqual([]);
  });

  it('says that Pods also need the pull secret, where the file gets one', () => {
    const added = edit({ line: 30, range: [150, 150], before: '', after: '      imagePullSecrets:' });
    const secret = { ...added, pullSecret: true } as const;
    for (const other of [{ ...secret, file: 'other.yaml' }, added])
      expect(suggest({}, edit(), other).map(({ body }) => body)).toEqual([
        expect.not.stringContaining('pull secret'),
      ]);
    const [both] = suggest({}, edit(), secret);
    expect(both?.body).toMatch(/also need the pull secret.*\n\n```suggestion\n/);
  });

  it('cannot be left by what the line says', () => {
    const [suggestion] = suggest({}, edit({ after: 'image: x # ```` @jane' }));
    expect(suggestion?.body).toContain('`````suggestion\nimage: x # ```` @jane\n`````\n');
  });
});

/** The text with all suggestions for its images applied, beside what a rewrite makes of it. */
function apply(path: string, lines: readonly string[], to: string, secret?: string) {
  const text = `${lines.join('\n')}\n`;
  const { uses } = scanManifests([{ path, text }]);
  const change: ManifestChange = {
    images: uses.map((use) => ({ use, to })),
    pullSecrets:
      secret === undefined
        ? []
        : uses.map(({ document, podSpec }) => ({ document, podSpec: podSpec ?? '', names: [secret] })),
  };
  const rewritten = rewriteManifest({ path, text }, change);
  if (!rewritten.ok) throw new Error(rewritten.problem);
  const report = reportOf(uses, rewritten.edits);
  const suggestions = renderSuggestions(findProblems(report), report);
  const after = text.split('\n');
  for (const { line, body } of suggestions)
    after[line - 1] = /```suggestion\n([^\n]*)\n```/.exec(body)?.[1] ?? '';
  return { text, after: after.join('\n'), rewritten: rewritten.text, suggestions };
}

describe('an image in several keys', () => {
  const copy = 'ghcr.io/acme/backup/docker.io/library/nginx';
  const values = (...keys: string[]) => ['image:', ...keys.map((key) => `  ${key}`)];

  it('is suggested where one edit says all of it', () => {
    const done = apply('shop/values.yaml', values('repository: nginx', 'tag: "1.25"'), `${copy}:1.25`);
    expect(done.after).toBe(done.rewritten);
    expect(done.after).not.toBe(done.text);
  });

  it.each([
    {
      title: 'registry and repository change',
      path: 'shop/values.yaml',
      lines: values('registry: docker.io', 'repository: library/nginx', 'tag: "1.25"'),
      to: `${copy}:1.25`,
    },
    {
      title: 'repository and tag change',
      path: 'shop/values.yaml',
      lines: values('repository: nginx', 'tag: "1.25"'),
      to: `${copy}:sha256-0123`,
    },
    {
      title: 'a digest is added',
      path: 'kustomization.yaml',
      lines: ['images:', '  - name: app', '    newName: nginx', '    newTag: "1.25" # window'],
      to: `${copy}:1.25@sha256:${'0'.repeat(64)}`,
    },
    {
      title: 'a digest is added, and nothing follows',
      path: 'kustomization.yaml',
      lines: ['images:', '  - name: app', '    newTag: "1.25"', '    newName: nginx'],
      to: `${copy}:1.25@sha256:${'0'.repeat(64)}`,
    },
  ])('is not suggested by halves: $title', ({ path, lines, to }) => {
    const done = apply(path, lines, to);
    expect(done.rewritten).not.toBe(done.text);
    expect(done.suggestions).toEqual([]);
  });

  it('is told from the pull secret that its Pods need', () => {
    const lines = [
      'apiVersion: v1',
      'kind: Pod',
      'metadata: {name: web}',
      'spec:',
      '  containers:',
      '    - name: web',
      '      image: nginx:1.25',
    ];
    const { suggestions } = apply('pod.yaml', lines, `${copy}:1.25`, 'backup');
    expect(suggestions).toHaveLength(1);
    expect(suggestions[0]?.body).toContain('Pods of this file also need the pull secret');
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
