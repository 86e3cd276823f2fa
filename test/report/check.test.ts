import { describe, expect, it } from 'vitest';
import {
  escapeText,
  findProblems,
  formatCode,
  prefixPaths,
  type Report,
  renderMarkdown,
  renderSarif,
  renderWorkflowCommands,
} from '../../src/report/index.ts';
import { sampleCopy, sampleImage, sampleReport, sampleUse } from './sample.ts';

const backup = 'ghcr.io/acme/backup/docker.io/library/redis:8';

function checked(change: Partial<Report> = {}): Report {
  return sampleReport({
    command: 'check',
    images: [
      sampleImage(),
      sampleImage({
        use: sampleUse({ file: 'a,b:c.yaml', line: 3, written: backup }),
        canonical: backup,
        state: 'backup',
      }),
      sampleImage({ use: sampleUse({ line: 40, written: '${IMAGE}' }), canonical: null, state: 'unusable' }),
      sampleImage({ use: sampleUse({ line: 41 }), state: 'excluded', reason: 'excluded-image' }),
    ],
    copies: [
      sampleCopy({
        source: 'docker.io/library/redis:8',
        backup,
        status: 'failed',
        error: { code: 'not-found', message: 'no such tag\n::error::injected' },
      }),
    ],
    skipped: [{ file: 'k8s/bad.yaml', line: 0, reason: 'binary', message: '100% binary' }],
    ...change,
  });
}

describe('findProblems', () => {
  it('names what is not backed up, what is missing from the backup, and what could not be read', () => {
    expect(findProblems(checked()).map(({ rule, file, line }) => [rule, file, line])).toEqual([
      ['backup-missing', 'a,b:c.yaml', 3],
      ['not-read', 'k8s/bad.yaml', 1],
      ['not-backed-up', 'k8s/web.yaml', 21],
    ]);
  });

  it('counts what stays upstream for the sake of an overlay, and not what another place decides', () => {
    const held = (hold: 'overlay' | 'tested' | 'not-followed' | 'needs-entry', line: number) =>
      sampleImage({ use: sampleUse({ hold, line }), state: 'unusable', editable: false });
    const images = [held('overlay', 1), held('tested', 2), held('not-followed', 3), held('needs-entry', 4)];
    const found = findProblems(checked({ images, copies: [], skipped: [] }));
    expect(found.map(({ rule, line }) => [rule, line])).toEqual([
      ['not-backed-up', 3],
      ['not-backed-up', 4],
    ]);
  });

  it('tells an image that has no copy from one whose copy is not named', () => {
    const said = (copies: Report['copies']) =>
      findProblems(checked({ copies, skipped: [], images: [sampleImage()] })).map(({ message }) => message);
    expect(said([])).toEqual(['nginx:1.25 is not backed up; run `holdfast rewrite`, or exclude it']);
    expect(said([sampleCopy({ status: 'present' })])).toEqual([
      'nginx:1.25 is in the backup, but is still pulled from its source; run `holdfast rewrite`, or exclude it',
    ]);
  });

  it('says why an image cannot be copied, and names no rewrite that would not help', () => {
    const error = { code: 'not-found', message: 'docker.io/library/nginx:1.25 is not there.' };
    const copies = [sampleCopy({ status: 'failed', digest: null, error })];
    const [problem] = findProblems(checked({ copies, skipped: [], images: [sampleImage()] }));
    expect(problem).toMatchObject({
      rule: 'not-backed-up',
      message: 'nginx:1.25 is not backed up, and cannot be: docker.io/library/nginx:1.25 is not there.',
    });
  });

  it('tells a backup that is not there from one that was not, or could not be, looked up', () => {
    const said = (status: 'failed' | 'unknown', code: string) =>
      findProblems(
        checked({
          copies: [sampleCopy({ backup, status, error: { code, message: 'no answer' } })],
          images: [sampleImage({ use: sampleUse({ written: 'x' }), canonical: backup, state: 'backup' })],
          skipped: [],
        }),
      ).map(({ rule, level, message }) => [rule, level, message]);
    expect(said('failed', 'not-found')).toEqual([['backup-missing', 'error', 'x is not there: no answer']]);
    expect(said('failed', 'denied')).toEqual([
      ['backup-missing', 'error', 'x could not be looked up: no answer'],
    ]);
    expect(said('unknown', 'not-asked')).toEqual([
      ['backup-unknown', 'warning', 'x may not be there: no answer'],
    ]);
  });
});

describe('renderWorkflowCommands', () => {
  it('escapes file names and messages, so that a manifest cannot write a command', () => {
    const lines = renderWorkflowCommands(checked()).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^::error file=a%2Cb%3Ac\.yaml,line=3,col=16,title=holdfast::/);
    expect(lines[0]).toContain('no such tag\\n::error::injected');
    expect(lines[2]).toBe('::warning file=k8s/bad.yaml,line=1,title=holdfast::not read: 100%25 binary');
  });

  it('shows no more warnings than leave room for what the step says of itself', () => {
    const skipped = Array.from({ length: 10 }, (_, i) => ({
      file: `k8s/${i}.png.yaml`,
      line: 0,
      reason: 'binary' as const,
      message: 'binary',
    }));
    const lines = renderWorkflowCommands(checked({ images: [], skipped }))
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[6]).toBe('::warning title=holdfast::4 more problems not shown here');
  });

  it('shows eight errors and counts the rest', () => {
    const images = Array.from({ length: 30 }, (_, i) => sampleImage({ use: sampleUse({ line: i + 1 }) }));
    const lines = renderWorkflowCommands(checked({ images, skipped: [] }))
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(9);
    expect(lines[8]).toBe('::error title=holdfast::22 more problems not shown here');
  });
});

describe('renderSarif', () => {
  it('has a rule for each result, relative percent-encoded URIs and regions that are 1-based', () => {
    const log = JSON.parse(
      renderSarif(checked({ images: [sampleImage({ use: sampleUse({ file: 'a b/c#.yaml' }) })] })),
    );
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run.tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual([
      'backup-missing',
      'backup-unknown',
      'not-backed-up',
      'not-read',
    ]);
    expect(run.results).toHaveLength(2);
    for (const result of run.results) expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(run.results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'a%20b/c%23.yaml' },
      region: { startLine: 21, startColumn: 16 },
    });
    expect(run.results[1].locations[0].physicalLocation.region).toEqual({ startLine: 1 });
  });

  it('keeps the fingerprint when lines above are added', () => {
    const fingerprint = (line: number) =>
      JSON.parse(renderSarif(checked({ images: [sampleImage({ use: sampleUse({ line }) })], skipped: [] })))
        .runs[0].results[0].partialFingerprints;
    expect(fingerprint(21)).toEqual(fingerprint(22));
  });
});

describe('renderMarkdown', () => {
  it('says in one sentence that all is well', () => {
    const text = renderMarkdown(
      checked({ images: [sampleImage({ state: 'backup' })], copies: [], skipped: [] }),
    );
    expect(text).toMatch(/^\*\*holdfast\*\*: every image is backed up\.\n/);
    expect(text).not.toContain('|');
  });

  it('lets no manifest out of its table cell', () => {
    const use = sampleUse({ file: 'a|b.yaml', written: 'x`|<img src=x>`@team' });
    const text = renderMarkdown(checked({ images: [sampleImage({ use })], skipped: [] }));
    const row = text.split('\n').find((line) => line.startsWith('| `a'));
    expect(row).toContain('| ``x`\\|<img src=x>`@team`` |');
    expect(row?.replaceAll('\\|', '').split('|')).toHaveLength(5);
  });
});

describe('text of others in Markdown', () => {
  it('is one code span, whatever ticks it has', () => {
    expect(formatCode('a`b')).toBe('``a`b``');
    expect(formatCode('`a')).toBe('`` `a ``');
    expect(formatCode('a\nb')).toBe('`a\\nb`');
  });

  it('makes no mention, link, HTML or comment', () => {
    const text = escapeText('@acme/team <!-- --> [x](https://evil.example) #12 **b**');
    expect(text).not.toMatch(/@\w|<|\]\(|:\/\/|\*\*| #\d/);
  });
});

describe('prefixPaths', () => {
  it('moves every path of the report, and nothing else', () => {
    const moved = prefixPaths(checked({ changes: [{ path: 'w.yaml', before: 'a', after: 'b' }] }), 'k8s/');
    expect(moved.images[0]?.use.file).toBe('k8s/k8s/web.yaml');
    expect(moved.skipped[0]?.file).toBe('k8s/k8s/bad.yaml');
    expect(moved.changes[0]?.path).toBe('k8s/w.yaml');
    expect(moved.copies).toEqual(checked().copies);
  });
});
