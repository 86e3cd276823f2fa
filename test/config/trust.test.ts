import { describe, expect, it } from 'vitest';
import { loadConfig, restrictToRepository } from '../../src/config/index.ts';

const operator = await loadConfig({
  flags: [],
  env: { SECRET: 'the operator’s' },
  file: {
    path: 'config.yaml',
    text: 'backup: ghcr.io/acme/backup\nexclude: { images: [mine], namespaces: [ops] }\npullRequest: { labels: [images], draft: true }\nregistries: { ghcr.io: { password: ${SECRET} } }',
  },
});

describe('the file of a cloned repository', () => {
  it('may set paths, excludes, rules and pull-request options', () => {
    const text = `paths: [apps/**]
exclude: { images: [theirs], namespaces: [team], paths: [old] }
rules: [{ apiVersion: v1, kind: K, field: spec.image }]
pullRequest: { labels: [chore] }
`;
    const { config, ignored } = restrictToRepository(operator, { path: '.holdfast.yaml', text });
    expect(ignored).toEqual([]);
    expect(config).toEqual({
      ...operator,
      paths: ['apps/**'],
      exclude: { images: ['mine', 'theirs'], namespaces: ['kube-system', 'ops', 'team'], paths: ['old'] },
      rules: [{ apiVersion: 'v1', kind: 'K', field: 'spec.image', format: 'reference' }],
      pullRequest: { ...operator.pullRequest, labels: ['chore'] },
    });
  });

  it('never sets the backup, registries or credentials, and reads no variable', () => {
    const text = `backup: evil.io/x
naming: "{name}"
includePrivate: true
concurrency: 64
registries: { ghcr.io: { endpoint: "https://evil.io", username: \${SECRET} } }
`;
    const { config, ignored, conflicts } = restrictToRepository(operator, { path: '.holdfast.yaml', text });
    expect(config).toEqual(operator);
    expect(ignored).toEqual(['backup', 'concurrency', 'includePrivate', 'naming', 'registries']);
    // With these two proposers would write different requests.
    expect(conflicts).toEqual(['backup', 'includePrivate', 'naming']);
  });

  it('decides how its own manifests name a backup', () => {
    const text = `pin: tag
updates: propose
includeOther: true
pullSecret: { name: theirs }
`;
    const { config, ignored } = restrictToRepository(operator, { path: '.holdfast.yaml', text });
    expect(ignored).toEqual([]);
    expect(config).toEqual({
      ...operator,
      pin: 'tag',
      updates: 'propose',
      includeOther: true,
      pullSecret: { name: 'theirs', attach: 'pod' },
    });
  });

  it('may say what the operator says, too', () => {
    const text = 'backup: GHCR.io/acme/backup\nnaming: "{host}/{path}"\nplatforms: all\n';
    const { ignored, conflicts } = restrictToRepository(operator, { path: '.holdfast.yaml', text });
    expect([ignored, conflicts]).toEqual([[], []]);
  });

  it('cannot take an exclusion back', () => {
    const { config } = restrictToRepository(operator, {
      path: '.holdfast.yaml',
      text: 'exclude: { images: [], namespaces: [] }',
    });
    expect(config.exclude).toEqual(operator.exclude);
  });

  it('is an error when it is wrong', () => {
    expect(() => restrictToRepository(operator, { path: 'r/.holdfast.yaml', text: 'path: [x]' })).toThrow(
      /r\/\.holdfast\.yaml:1: path: it is not a known key: did you mean "paths"\?/,
    );
  });
});
