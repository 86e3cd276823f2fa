import { describe, expect, it } from 'vitest';
import { renderPullRequest } from '../../src/report/index.ts';
import { digest, sampleCopy, sampleImage, sampleReport, sampleUse } from './sample.ts';

const changes = [{ path: 'k8s/web.yaml', before: 'a', after: 'b' }];
const plain = { pullSecret: null, sizes: new Map<string, number>() };

describe('the pull request', () => {
  it('has a row of evidence for each image that moves', () => {
    const sizes = new Map([['docker.io/library/nginx:1.25', 54_100_000]]);
    const { title, body } = renderPullRequest({ ...plain, sizes, report: sampleReport({ changes }) });
    expect(title).toBe('Use the backup of docker.io/library/nginx:1.25');
    expect(body).toContain(
      `| \`docker.io/library/nginx:1.25\` | \`ghcr.io/acme/backup/docker.io/library/nginx:1.25\` | \`${digest}\` | linux/amd64, linux/arm64 | 54.1 MB | \`k8s/web.yaml\` |`,
    );
    expect(body).toContain('"ghcr.io/acme/backup/docker.io": "docker.io"');
    expect(body).not.toContain('### Left alone');
  });

  it('says what is left alone and why, and apart from it what would be written back', () => {
    const images = [
      sampleImage(),
      sampleImage({
        state: 'unusable',
        canonical: null,
        explanation: 'a template decides it',
        use: sampleUse({ written: '{{ x }}', line: 3 }),
      }),
      sampleImage({
        editable: false,
        explanation: 'a Flux setter writes it back',
        use: sampleUse({ hold: 'flux-setter', line: 9 }),
      }),
      sampleImage({ canonical: 'quay.io/a/b:1', use: sampleUse({ written: 'quay.io/a/b:1', line: 12 }) }),
    ];
    const failed = sampleCopy({
      source: 'quay.io/a/b:1',
      status: 'failed',
      digest: null,
      error: { code: 'not-found', message: 'it is gone' },
    });
    const { body } = renderPullRequest({
      ...plain,
      report: sampleReport({ changes, images, copies: [sampleCopy(), failed] }),
    });
    const [, elsewhere = '', left = ''] = body.split('### ');
    expect(elsewhere).toMatch(/^Decided elsewhere/);
    expect(elsewhere).toContain('| `k8s/web.yaml:9` | `nginx:1.25` | a Flux setter writes it back |');
    expect(left).toMatch(/^Left alone/);
    expect(left).toContain('| `k8s/web.yaml:3` | `{{ x }}` | a template decides it |');
    expect(left).toContain('| `k8s/web.yaml:12` | `quay.io/a/b:1` | it is gone |');
  });

  it('names the pull secret and the namespaces that need it, and what a digest does to :latest', () => {
    const images = [sampleImage({ canonical: 'docker.io/library/nginx:latest' })];
    const copies = [sampleCopy({ source: 'docker.io/library/nginx:latest' })];
    const { body } = renderPullRequest({
      ...plain,
      pullSecret: 'backup-pull',
      report: sampleReport({ changes, images, copies }),
    });
    expect(body).toContain('The secret `backup-pull` must be there before this is merged, in: `shop`.');
    expect(body).toContain('from Always to IfNotPresent');
  });

  it('stays below the limit by dropping rows, never by cutting one', () => {
    const count = 2000;
    const numbers = Array.from({ length: count }, (_, index) => index);
    const images = numbers.flatMap((index) => [
      sampleImage({ canonical: `docker.io/library/image-${index}:1` }),
      sampleImage({
        state: 'unusable',
        canonical: null,
        explanation: 'a template decides it',
        use: sampleUse({ line: index + 1 }),
      }),
    ]);
    const copies = numbers.map((index) =>
      sampleCopy({
        source: `docker.io/library/image-${index}:1`,
        backup: `ghcr.io/acme/backup/docker.io/library/image-${index}:1`,
      }),
    );
    const { title, body } = renderPullRequest({
      ...plain,
      report: sampleReport({ changes, images, copies }),
    });
    expect(title).toBe(`Use the backups of ${count} images`);
    expect(body.length).toBeLessThan(58_000);
    const rows = body.split('\n').filter((line) => line.startsWith('|'));
    for (const row of rows) expect(row).toMatch(/\|$/);
    const shown = rows.filter((row) => row.includes('docker.io/library/image-')).length;
    expect(shown).toBeGreaterThan(80);
    expect(body).toContain(`and ${count - shown} more images: the diff has them all.`);
    expect(body).toMatch(/and \d+ more references\./);
    expect(body).toContain('registryAliases');
  });

  it.each([
    '@acme/everyone',
    'see #1',
    '<!-- holdfast fingerprint=00 -->',
    '<img src=x>',
    '`x` | y',
    '[a](https://evil.test)',
    'a\n::error::b',
    '**b**',
  ])('leaves nothing live of hostile text: %j', (text) => {
    const images = [
      sampleImage(),
      sampleImage({
        state: 'unusable',
        canonical: null,
        explanation: text,
        use: sampleUse({ written: text, file: `${text}.yaml` }),
      }),
    ];
    const report = sampleReport({ changes, images, notes: [text] });
    const { body } = renderPullRequest({ ...plain, report });
    // What is left once every code span is taken out is what Markdown would give a meaning to.
    const live = body
      .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
      .replace(/<\/?(?:details|summary|br)>/g, '');
    expect(live).not.toMatch(/@acme|(?<!&)#1|<!--|<img|\]\(|^::|\*\*/m);
  });

  it('is the same for the same report', () => {
    const render = () => renderPullRequest({ ...plain, report: sampleReport({ changes }) });
    expect(render()).toEqual(render());
  });
});
