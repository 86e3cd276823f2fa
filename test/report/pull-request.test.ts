import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PullRequestFacts, renderPullRequest } from '../../src/report/index.ts';
import { digest, sampleCopy, sampleImage, sampleReport, sampleUse } from './sample.ts';

const changes = [{ path: 'k8s/web.yaml', before: 'a', after: 'b' }];
const plain = {
  group: null,
  pullSecret: null,
  sizes: new Map<string, number>(),
  lockFile: 'holdfast.lock.yaml',
  pin: 'digest',
  waiting: { images: 0, files: 0 },
} as const;

/** A request that moves every candidate of the report that can be edited and was copied. */
function render(facts: Pick<PullRequestFacts, 'report'> & Partial<PullRequestFacts>) {
  const copied = new Set(facts.report.copies.flatMap(({ error, source }) => (error ? [] : [source])));
  const moves = facts.report.images.flatMap(({ canonical, state, editable, use }) =>
    canonical !== null && copied.has(canonical) && state === 'candidate' && editable
      ? [{ source: canonical, use }]
      : [],
  );
  return renderPullRequest({ ...plain, moves, ...facts });
}

describe('the pull request', () => {
  it('has a row of evidence for each image that moves', () => {
    const sizes = new Map([['docker.io/library/nginx:1.25', 54_100_000]]);
    const { title, body } = render({ sizes, report: sampleReport({ changes }) });
    expect(title).toBe('Use the backup of docker.io/library/nginx:1.25');
    expect(body).toContain(
      `| \`docker.io/library/nginx:1.25\` | \`ghcr.io/acme/backup/docker.io/library/nginx:1.25\` | \`${digest}\` | linux/amd64, linux/arm64 | 54.1 MB | \`k8s/web.yaml\` |`,
    );
    expect(body).toContain('"ghcr.io/acme/backup/docker.io": "docker.io"');
    expect(body).not.toContain('### Left alone');
  });

  it('is told from those of other directories, whose names cannot mean anything on GitHub', () => {
    const title = (group: string | null) => render({ group, report: sampleReport({ changes }) }).title;
    const plainTitle = 'Use the backup of docker.io/library/nginx:1.25';
    expect(title('apps')).toBe(`${plainTitle} in apps`);
    expect(title('.')).toBe(`${plainTitle} in the root folder`);
    for (const group of [null, 'fixes #1', '@jane', 'a\nb', 'x'.repeat(200)])
      expect(title(group)).toBe(plainTitle);
  });

  it('warns of nodes that cannot pull, where no pull secret is named', () => {
    const report = sampleReport({ changes });
    const { body } = render({ report });
    expect(body).toContain(
      'nodes must be able to pull there as they are. A new package on `ghcr.io` is private',
    );
    const elsewhere = sampleCopy({ backup: 'registry.corp/backup/docker.io/library/nginx:1.25' });
    const other = render({ report: sampleReport({ changes, copies: [elsewhere] }) }).body;
    expect(other).toContain('nodes must be able to pull there as they are.\n');
    expect(render({ report, pullSecret: 'backup-pull' }).body).not.toContain('as they are');
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
    const { body } = render({ report: sampleReport({ changes, images, copies: [sampleCopy(), failed] }) });
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
    const { body } = render({ pullSecret: 'backup-pull', report: sampleReport({ changes, images, copies }) });
    expect(body).toContain('The secret `backup-pull` must be there before this is merged, in `shop`.');
    expect(body).toContain('from Always to IfNotPresent');
  });

  it('says which namespaces cannot be told from the files, and what a Job and a Pod cannot do by themselves', () => {
    const use = (kind: string, namespace: string | null) =>
      sampleUse({ workload: { apiVersion: 'v1', kind, name: `the-${kind}`, namespace } });
    const images = [use('Job', 'ops'), use('Pod', 'shop'), use('Deployment', null)].map((found) =>
      sampleImage({ use: found }),
    );
    const { body } = render({ pullSecret: 'backup-pull', report: sampleReport({ changes, images }) });
    expect(body).toContain(
      'before this is merged, in `ops`, `shop`, and in each namespace that `k8s/web.yaml` is deployed to.',
    );
    expect(body).toMatch(/The template of a Job cannot change .*: `the-Job`\./);
    expect(body).toMatch(/A Pod gets no pull secret once it is there: .*: `the-Pod`\./);
    expect(body).toContain('Nodes pull these images from `ghcr.io` from now on');
    expect(render({ report: sampleReport({ changes, images }) }).body).not.toContain('gets no pull secret');
  });

  it('says nothing of digests when manifests name tags', () => {
    const images = [sampleImage({ canonical: 'docker.io/library/nginx:latest' })];
    const copies = [sampleCopy({ source: 'docker.io/library/nginx:latest' })];
    const { body } = render({ pin: 'tag', report: sampleReport({ changes, images, copies }) });
    expect(body).toContain('- The tag of a backup never moves, so');
    expect(body).not.toContain('IfNotPresent');
  });

  it('has the evidence, too, when what moves on was a backup before', () => {
    const moves = [{ source: 'docker.io/library/nginx:1.25', use: sampleUse() }];
    const images = [sampleImage({ state: 'backup', canonical: 'ghcr.io/acme/backup/x:1' })];
    const { title, body } = render({ moves, report: sampleReport({ changes, images }) });
    expect(title).toBe('Use the backup of docker.io/library/nginx:1.25');
    expect(body).toContain(digest);
  });

  it('says what waits for the next request', () => {
    const report = sampleReport({ changes });
    expect(render({ report, waiting: { images: 3, files: 1 } }).body).toContain(
      '3 more images and 1 more manifest will be proposed once this one is merged.',
    );
    expect(render({ report }).body).not.toContain('Waiting');
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
    const { title, body } = render({ report: sampleReport({ changes, images, copies }) });
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
    const { body } = render({ report });
    // What is left once every code span is taken out is what Markdown would give a meaning to.
    const live = body
      .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
      .replace(/<\/?(?:details|summary|br)>/g, '');
    expect(live).not.toMatch(/@acme|(?<!&)#1|<!--|<img|\]\(|^::|\*\*/m);
  });

  it('is the same for the same report', () => {
    const again = () => render({ report: sampleReport({ changes }) });
    expect(again()).toEqual(again());
  });
});

describe('the body of a pull request', () => {
  const long = fc
    .tuple(fc.constantFrom('x', '`', '<', '@'), fc.integer({ min: 1, max: 70_000 }))
    .map(([character, length]) => character.repeat(length));

  it('stays below what GitHub takes, however long the names are', () => {
    fc.assert(
      fc.property(long, long, long, fc.constantFrom('Job', 'Pod'), (name, file, note, kind) => {
        const images = Array.from({ length: 25 }, (_, index) =>
          sampleImage({
            use: sampleUse({
              file: `${index}${file}`,
              workload: {
                apiVersion: 'v1',
                kind,
                name: `${index}${name}`,
                namespace: index % 2 ? name : null,
              },
            }),
          }),
        );
        const notes = Array.from({ length: 25 }, () => note);
        const report = sampleReport({ changes, images, notes });
        expect(render({ report, pullSecret: 'backup-pull' }).body.length).toBeLessThan(58_000);
      }),
      { numRuns: 20 },
    );
  });
});
