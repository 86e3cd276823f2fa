import { describe, expect, it } from 'vitest';
import { renderSummary } from '../../src/report/index.ts';
import { sampleCopy, sampleImage, sampleReport, sampleUse } from './sample.ts';

const limit = 1_000_000;
const change = (path: string, image = 'backup/nginx:1') => ({
  path,
  before: 'image: nginx:1\n',
  after: `image: ${image}\n`,
});

describe('renderSummary', () => {
  it('has the request, the table of images, what was left alone and the diff', () => {
    const text = renderSummary(
      sampleReport({
        command: 'pr',
        proposals: [
          {
            group: null,
            operation: 'created',
            branch: 'holdfast/main',
            commit: 'a'.repeat(40),
            verified: true,
            number: 12,
            url: 'https://github.com/acme/gitops/pull/12',
            explanation: null,
            warnings: [],
            title: null,
            body: null,
          },
        ],
        images: [sampleImage({ state: 'unusable', explanation: 'It is a *template*.' })],
        changes: [change('k8s/web.yaml')],
      }),
      { limit, dryRun: false },
    );
    expect(text).toContain('**Pull request** [#12](https://github.com/acme/gitops/pull/12): created.');
    expect(text).toContain(
      '| `docker.io/library/nginx:1.25` | `ghcr.io/acme/backup/docker.io/library/nginx:1.25` |',
    );
    expect(text).toContain('| `k8s/web.yaml:21` | `nginx:1.25` | It is a &#42;template&#42;. |');
    expect(text).toContain(
      '```diff\n--- a/k8s/web.yaml\n+++ b/k8s/web.yaml\n@@ -1,1 +1,1 @@\n-image: nginx:1\n',
    );
  });

  it('stays below the limit in bytes, drops whole rows and files, and says how many', () => {
    const copies = Array.from({ length: 9000 }, (_, index) =>
      sampleCopy({ source: `docker.io/größe/${index}` }),
    );
    const changes = Array.from({ length: 9000 }, (_, index) => change(`k8s/${index}.yaml`));
    const text = renderSummary(sampleReport({ command: 'pr', copies, changes }), { limit, dryRun: false });
    expect(Buffer.byteLength(text)).toBeLessThan(limit);
    expect(Buffer.byteLength(text)).toBeGreaterThan(limit * 0.9);
    expect(text).toMatch(/^and [\d,]+ more rows: report\.json has them all\.$/m);
    expect(text).toMatch(/^and [\d,]+ more files\.$/m);
    expect(text.match(/^```/gm)?.length).toBe((text.match(/^```diff$/gm)?.length ?? 0) * 2);
  });

  it('shows a diff that no line of a manifest can break out of', () => {
    const text = renderSummary(sampleReport({ changes: [change('a.yaml', '"x" # ```` <!-- @jane')] }), {
      limit,
      dryRun: true,
    });
    expect(text).toContain('`````diff\n');
    expect(text.trimEnd().split('\n').at(-1)).toBe('`````');
  });

  it('has what a check found, with the change that would mend it', () => {
    const images = [sampleImage(), sampleImage({ use: sampleUse({ line: 40, written: 'redis:7' }) })];
    const text = renderSummary(
      sampleReport({
        command: 'check',
        images,
        copies: [sampleCopy({ status: 'planned' })],
        changes: [change('k8s/web.yaml')],
      }),
      {
        limit,
        dryRun: false,
      },
    );
    expect(text).toContain('| `k8s/web.yaml:40` | `redis:7` | error | redis:7 is not backed up');
    expect(text).toMatch(/\| `docker\.io\/library\/nginx:1\.25` \|.*\| not copied/);
    expect(text).toContain('### What `holdfast rewrite` would change');
  });
});
