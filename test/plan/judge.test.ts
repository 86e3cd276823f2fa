import { describe, expect, it } from 'vitest';
import { compileJudge, type Verdict } from '../../src/plan/index.ts';
import { policyOf, useOf } from './uses.ts';

const policy = policyOf('ghcr.io/acme/backup', '{host}/{path}', {
  images: ['*.dkr.ecr.*.amazonaws.com/**', 'redis', 'docker.io/bitnami/*:1.*'],
  namespaces: ['kube-system', 'team-*'],
  paths: ['test', 'apps/*/local/**', './old/'],
});
const judge = compileJudge(policy);

function stateOf(written: string, parts: Parameters<typeof useOf>[1] = {}): string {
  const verdict = judge(useOf(written, parts));
  return 'reason' in verdict ? `${verdict.state} ${verdict.reason}` : verdict.state;
}

function explanationOf(verdict: Verdict): string {
  return 'explanation' in verdict ? verdict.explanation : '';
}

const inNamespace = (namespace: string | null) => ({
  workload: { apiVersion: 'v1', kind: 'Pod', name: 'x', namespace },
});

describe('a use', () => {
  it('is a candidate when nothing speaks against it', () => {
    expect(stateOf('nginx:1.25')).toBe('candidate');
    expect(stateOf('ghcr.io/acme/backup2/nginx')).toBe('candidate');
    expect(stateOf('redis/redis-stack')).toBe('candidate');
  });

  it('is a backup when it is under the prefix by host and whole segments', () => {
    expect(stateOf('ghcr.io/acme/backup/docker.io/library/nginx:1.25')).toBe('backup');
    expect(stateOf('GHCR.io/acme/backup/x')).toBe('backup');
    expect(stateOf('evil.io/ghcr.io/acme/backup/x')).toBe('candidate');
  });

  it('is a backup also where it must not be edited, so that nobody deletes what it uses', () => {
    expect(stateOf('ghcr.io/acme/backup/x:1', { hold: 'flux-setter' })).toBe('backup');
    expect(stateOf('ghcr.io/acme/backup/x:1', { hold: 'ignored' })).toBe('backup');
  });

  it('is no backup while no backup is configured', () => {
    const free = compileJudge({ backup: null, exclude: policy.exclude });
    expect(free(useOf('ghcr.io/acme/backup/x:1')).state).toBe('candidate');
  });

  it('is excluded by its image in full or in short, with or without tag', () => {
    expect(stateOf('123.dkr.ecr.eu-west-1.amazonaws.com/team/app:1')).toBe('excluded excluded-image');
    expect(stateOf('redis')).toBe('excluded excluded-image');
    expect(stateOf('redis:7')).toBe('excluded excluded-image');
    expect(stateOf(`docker.io/library/redis@sha256:${'a'.repeat(64)}`)).toBe('excluded excluded-image');
    expect(stateOf('bitnami/kafka:1.2')).toBe('excluded excluded-image');
    expect(stateOf('bitnami/kafka:2.1')).toBe('candidate');
  });

  it('is excluded by its namespace, exactly or by a glob', () => {
    expect(stateOf('nginx', inNamespace('kube-system'))).toBe('excluded excluded-namespace');
    expect(stateOf('nginx', inNamespace('team-a'))).toBe('excluded excluded-namespace');
    expect(stateOf('nginx', inNamespace('kube'))).toBe('candidate');
    expect(stateOf('nginx', inNamespace('kube-system-2'))).toBe('candidate');
    expect(stateOf('nginx', inNamespace(null))).toBe('candidate');
  });

  it('is excluded by its path, a folder with all that is in it', () => {
    expect(stateOf('nginx', { file: 'test/a/b.yaml' })).toBe('excluded excluded-path');
    expect(stateOf('nginx', { file: 'old/b.yaml' })).toBe('excluded excluded-path');
    expect(stateOf('nginx', { file: 'apps/x/local/b.yaml' })).toBe('excluded excluded-path');
    expect(stateOf('nginx', { file: 'testing/b.yaml' })).toBe('candidate');
    expect(stateOf('nginx', { file: 'apps/test/b.yaml' })).toBe('candidate');
  });

  it("is left alone when it is holdfast itself, or a person's wish", () => {
    expect(stateOf('ghcr.io/someone/holdfast:1.0')).toBe('excluded own-image');
    expect(stateOf('ghcr.io/someone/holdfast-ui:1.0')).toBe('candidate');
    expect(stateOf('nginx', { hold: 'ignored' })).toBe('excluded ignored');
  });

  it('is unusable when it names no image, and the sentence says what is wrong', () => {
    expect(stateOf('{{ .Values.image }}', { hold: 'template' })).toBe('unusable template');
    expect(stateOf('', { hold: 'empty' })).toBe('unusable empty');
    const verdict = judge(useOf('Nginx:1', { hold: 'invalid' }));
    expect(verdict).toMatchObject({ state: 'unusable', reference: null, reason: 'invalid' });
    expect(explanationOf(verdict)).toBe('The repository name "Nginx" has upper-case letters: write "nginx".');
  });

  it('is unusable where another file decides it, and the sentence names the place', () => {
    const verdict = judge(
      useOf('nginx', { hold: 'overlay', heldBy: { file: 'prod/kustomization.yaml', line: 7 } }),
    );
    expect(verdict).toMatchObject({
      state: 'unusable',
      reason: 'overlay',
      reference: { repository: 'library/nginx' },
    });
    expect(explanationOf(verdict)).toMatch(/\. See prod\/kustomization\.yaml:7\.$/);
  });

  it('gets a whole sentence for every reason', () => {
    const left = [
      judge(useOf('redis')),
      judge(useOf('nginx', inNamespace('team-a'))),
      judge(useOf('nginx', { file: 'test/a.yaml' })),
      judge(useOf('x/holdfast')),
      judge(useOf('nginx', { hold: 'generated' })),
    ];
    for (const verdict of left) expect(explanationOf(verdict)).toMatch(/^[A-Z].*\.$/);
  });
});

describe('a reference that only looks like an image', () => {
  const other = useOf('quay.io/acme/tool:1', { hold: 'reported-only', layer: 'other' });

  it('is left alone, and with includeOther a candidate that nobody edits', () => {
    const policy = { backup: null, exclude: { images: [], namespaces: [], paths: [] } };
    expect(compileJudge(policy)(other)).toMatchObject({ state: 'unusable', reason: 'reported-only' });
    expect(compileJudge({ ...policy, includeOther: true })(other)).toMatchObject({ state: 'candidate' });
  });
});
