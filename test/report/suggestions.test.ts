import { describe, expect, it } from 'vitest';
import {
  type ImageUse,
  type ManifestChange,
  rewriteManifest,
  type SwitchPlace,
  scanManifests,
} from '../../src/manifests/index.ts';
import {
  findProblems,
  renderSuggestions,
  type SuggestedLines,
  type SuggestionOptions,
} from '../../src/report/index.ts';
import { sampleImage, sampleReport } from './sample.ts';

type FitsDiff = SuggestionOptions['fits'];

const copies = 'ghcr.io/acme/backup/docker.io/library';
const copy = `${copies}/nginx`;
const digest = `sha256:${'0'.repeat(64)}`;

interface Case {
  readonly path?: string;
  readonly lines: readonly string[];
  readonly eol?: string;
  /** What an image becomes; null leaves it alone. */
  readonly to: (use: ImageUse) => string | null;
  readonly fits?: FitsDiff;
  readonly secret?: string;
  readonly switches?: readonly SwitchPlace[];
  /** Images that the change adds; all when absent. */
  readonly added?: (use: ImageUse) => boolean;
}

/** The text with all suggestions for its images applied, beside what a rewrite makes of it. */
function apply(asked: Case) {
  const { path = 'k8s/web.yaml', lines, eol = '\n', to, secret, switches = [] } = asked;
  const { fits = () => true, added = () => true } = asked;
  const text = lines.map((line) => line + eol).join('');
  const { uses } = scanManifests([{ path, text }]);
  const change: ManifestChange = {
    images: uses.flatMap((use) => {
      const name = to(use);
      return name === null ? [] : [{ use, to: name }];
    }),
    switches,
    pullSecrets:
      secret === undefined
        ? []
        : uses.map(({ document, podSpec }) => ({ document, podSpec: podSpec ?? '', names: [secret] })),
  };
  const rewritten = rewriteManifest({ path, text }, change);
  if (!rewritten.ok) throw new Error(rewritten.problem);
  const report = sampleReport({
    command: 'check',
    images: uses.map((use) => sampleImage({ use })),
    edits: rewritten.edits,
    changes: [{ path, before: text, after: rewritten.text }],
  });
  const problems = findProblems(report).filter(({ use }) => use !== null && added(use));
  const suggestions = renderSuggestions(problems, report, { fits, needsSecret: secret !== undefined });
  const after = text.split('\n');
  for (const { startLine, line, body } of suggestions.toReversed())
    after.splice((startLine ?? line) - 1, line - (startLine ?? line) + 1, ...readLines(body, eol));
  return { text, after: after.join('\n'), rewritten: rewritten.text, edits: rewritten.edits, suggestions };
}

/** As GitHub does: the line ends of the file stay. */
function readLines(body: string, eol: string): string[] {
  const lines = /^(`{3,})suggestion\n([\s\S]*?)\n\1$/m.exec(body)?.[2] ?? '';
  return lines.split('\n').map((line) => line + eol.replace('\n', ''));
}

const placesOf = (suggestions: readonly SuggestedLines[]) =>
  suggestions.map(({ startLine, line }) => [startLine, line]);

const pod = (...images: readonly string[]) => [
  'apiVersion: v1',
  'kind: Pod',
  'metadata: {name: web}',
  'spec:',
  '  containers:',
  ...images.flatMap((image, index) => [`    - name: c${index}`, `      image: ${image}`]),
];
const toCopy = ({ written }: ImageUse) => `${copies}/${written}@${digest}`;

describe('an image in one line', () => {
  it('is suggested with indentation and comment, once for each line', () => {
    const done = apply({ lines: pod('nginx:1.25 # window', 'redis:7'), to: toCopy });
    expect(done.suggestions[0]).toEqual({
      path: 'k8s/web.yaml',
      startLine: null,
      line: 7,
      body: `holdfast: the backup of this image is there, proven by digest.\n\n\`\`\`suggestion\n      image: ${copy}:1.25@${digest} # window\n\`\`\`\n`,
    });
    expect(placesOf(done.suggestions)).toEqual([
      [null, 7],
      [null, 9],
    ]);
    expect(done.after).toBe(done.rewritten);
  });

  it('is suggested where the change adds it, and where its line is in the diff', () => {
    const lines = pod('nginx:1.25', 'redis:7');
    const added = apply({ lines, to: toCopy, added: ({ written }) => written === 'redis:7' });
    expect(placesOf(added.suggestions)).toEqual([[null, 9]]);
    const fits: FitsDiff = (path, from, to) => path === 'k8s/web.yaml' && from === 7 && to === 7;
    expect(placesOf(apply({ lines, to: toCopy, fits }).suggestions)).toEqual([[null, 7]]);
  });

  it('comes with the other images of its line', () => {
    const lines = [
      ...pod().slice(0, 4),
      '  containers: [{name: a, image: "nginx:1.25"}, {name: b, image: "redis:7"}]',
    ];
    const done = apply({ lines, to: toCopy, added: ({ written }) => written === 'redis:7' });
    expect(done.after).toBe(done.rewritten);
    expect(done.suggestions[0]?.body).toContain('the backups of these images are there, proven by digest');
  });

  it('is suggested whole, however long its line is, up to what GitHub takes', () => {
    const lines = (length: number) => [
      ...pod().slice(0, 4),
      `  containers: [{name: a, image: "nginx:1.25", args: ["${'x'.repeat(length)}"]}]`,
    ];
    const done = apply({ lines: lines(5000), to: toCopy });
    expect(done.after).toBe(done.rewritten);
    expect(apply({ lines: lines(70_000), to: toCopy }).suggestions).toEqual([]);
  });

  it('keeps the line ends of the file to GitHub, which does', () => {
    const done = apply({ lines: pod('nginx:1.25'), eol: '\r\n', to: toCopy });
    expect(done.suggestions[0]?.body).not.toContain('\r');
    expect(done.after).toBe(done.rewritten);
  });

  it('says that Pods also need the pull secret, where they do', () => {
    const [with_] = apply({ lines: pod('nginx:1.25'), to: toCopy, secret: 'backup' }).suggestions;
    expect(with_?.body).toMatch(/Pods that run it also need the pull secret.*\n\n```suggestion\n/);
    const [without] = apply({ lines: pod('nginx:1.25'), to: toCopy }).suggestions;
    expect(without?.body).not.toContain('pull secret');
  });

  it('cannot be left by what the line says', () => {
    const done = apply({ lines: pod('nginx:1.25 # ```` @jane'), to: toCopy });
    expect(done.suggestions[0]?.body).toContain(`\`\`\`\`\`suggestion\n      image: ${copy}`);
    expect(done.after).toBe(done.rewritten);
  });
});

const values = (...keys: readonly string[]) => ['image:', ...keys.map((key) => `  ${key}`)];

describe('an image in several keys', () => {
  it.each([
    {
      title: 'one edit says all of it',
      path: 'shop/values.yaml',
      lines: values('repository: nginx', 'tag: "1.25"'),
      name: `${copy}:1.25`,
      place: [null, 2],
    },
    {
      title: 'registry and repository change',
      path: 'shop/values.yaml',
      lines: values('registry: docker.io', 'repository: library/nginx', 'tag: "1.25"'),
      name: `${copy}:1.25`,
      place: [2, 3],
    },
    {
      title: 'repository and tag change, with a line between',
      path: 'shop/values.yaml',
      lines: values('repository: nginx', 'pullPolicy: Always # why?', 'tag: "1.25"'),
      name: `${copy}:sha256-0123`,
      place: [2, 4],
    },
    {
      title: 'a digest is added below',
      path: 'kustomization.yaml',
      lines: ['images:', '  - name: app', '    newName: nginx', '    newTag: "1.25" # window'],
      name: `${copy}:1.25@${digest}`,
      place: [3, 4],
    },
    {
      title: 'a digest is added, and nothing follows',
      path: 'kustomization.yaml',
      lines: ['images:', '  - name: app', '    newTag: "1.25"', '    newName: nginx'],
      name: `${copy}:1.25@${digest}`,
      place: [3, 4],
    },
    {
      title: 'all of it stands in one line',
      path: 'shop/values.yaml',
      lines: ['image: {registry: docker.io, repository: library/nginx, tag: "1.25"}'],
      name: `${copy}:1.25`,
      place: [null, 1],
    },
  ])('is suggested as one: $title', ({ path, lines, name, place }) => {
    for (const eol of ['\n', '\r\n']) {
      const done = apply({ path, lines, eol, to: () => name });
      expect(done.rewritten).not.toBe(done.text);
      expect(done.after).toBe(done.rewritten);
      expect(placesOf(done.suggestions)).toEqual([place]);
    }
  });

  it('is not suggested by halves where its lines do not lie in one hunk, and others are', () => {
    const lines = [
      'web:',
      ...values('registry: docker.io', 'sidecar: {image: "redis:7"}', 'repository: library/nginx').map(
        (line) => `  ${line}`,
      ),
      '    tag: "1.25"',
      'job:',
      ...values('repository: busybox', 'tag: "1.36"').map((line) => `  ${line}`),
    ];
    const to = ({ written }: ImageUse) => `${copies}/${written.replace(/^docker\.io\/library\//, '')}`;
    const fits: FitsDiff = (_, from, last) => from === last;
    const done = apply({ path: 'shop/values.yaml', lines, to, fits });
    expect(done.suggestions.length).toBeGreaterThan(0);
    expect(done.after).toContain('registry: docker.io');
    expect(done.after).toContain('repository: library/nginx');
    expect(done.after).toContain(`repository: ${copies}/busybox`);
  });

  it('takes the digest of its own entry with it, and of no other', () => {
    const lines = [
      'images:',
      '  - name: app',
      '    newName: nginx',
      '    newTag: "1.25"',
      '  - name: cache',
      '    newName: redis',
      '    newTag: "7"',
    ];
    const done = apply({ path: 'kustomization.yaml', lines, to: toCopy });
    expect(done.after).toBe(done.rewritten);
    expect(placesOf(done.suggestions)).toEqual([
      [3, 4],
      [6, 7],
    ]);
  });

  it('comes with the switch without which its chart would refuse it, or not at all', () => {
    const lines = ['global: {allow: false}', ...values('registry: docker.io', 'repository: library/nginx')];
    const at = lines[0]?.indexOf('false') ?? 0;
    const place = { document: 0, range: [at, at + 5], written: 'false', line: 1 } as const;
    const asked = { path: 'shop/values.yaml', lines, to: () => `${copy}:latest`, switches: [place] };
    const done = apply(asked);
    expect(done.after).toBe(done.rewritten);
    expect(placesOf(done.suggestions)).toEqual([[1, 4]]);
    expect(apply({ ...asked, fits: (_, from) => from > 1 }).suggestions).toEqual([]);
  });

  it('is suggested at the name where a change adds a tag that stands apart', () => {
    const name: ImageUse = {
      file: 'k8s/web.yaml',
      line: 7,
      column: 14,
      range: [0, 0],
      written: 'nginx:1.25',
      layer: 'helm-values',
      field: 'image.repository',
      workload: { apiVersion: '', kind: '', name: null, namespace: null },
      document: 0,
      podSpec: null,
      hold: null,
      heldBy: null,
    };
    const done = apply({ lines: pod('nginx:1.25'), to: toCopy });
    const [edit] = done.edits;
    if (edit === undefined) throw new Error('no edit');
    const range = [edit.range[0], edit.range[1]] as const;
    const tag = { ...name, file: 'k8s/tag.yaml', nameAt: { file: name.file, line: 7, range } };
    const report = sampleReport({
      command: 'check',
      images: [sampleImage({ use: { ...name, range } }), sampleImage({ use: tag })],
      edits: done.edits,
      changes: [{ path: name.file, before: done.text, after: done.rewritten }],
    });
    const problems = findProblems(report).filter(({ file }) => file === tag.file);
    const suggestions = renderSuggestions(problems, report, { fits: () => true, needsSecret: false });
    expect(suggestions).toMatchObject([{ path: name.file, line: 7 }]);
  });

  it('is found among thousands without comparing each edit with each image', () => {
    const line = 'image: nginx:1\n';
    const [template] = scanManifests([{ path: 'k8s/web.yaml', text: pod('nginx:1').join('\n') }]).uses;
    if (template === undefined) throw new Error('no image');
    const places = Array.from({ length: 4000 }, (_, index) => index * line.length + 7);
    const edits = places.map((start, index) => ({
      file: template.file,
      range: [start, start + 7] as const,
      text: 'copy:1',
      line: index + 1,
      before: 'image: nginx:1',
      after: 'image: copy:1',
    }));
    const images = edits.map(({ range, line: at }) => sampleImage({ use: { ...template, range, line: at } }));
    const changes = [{ path: template.file, before: line.repeat(4000), after: '' }];
    const report = sampleReport({ command: 'check', images, edits, changes });
    const problems = findProblems(report);
    const start = performance.now();
    const suggestions = renderSuggestions(problems, report, { fits: () => true, needsSecret: false });
    expect(performance.now() - start).toBeLessThan(2000);
    expect(suggestions).toHaveLength(4000);
  });
});
