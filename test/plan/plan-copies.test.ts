import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyLock, type LockFile, mergeSteps, planCopies } from '../../src/plan/index.ts';
import { digestOf, entryOf, policyOf, useOf } from './uses.ts';

const policy = policyOf();
const prefix = 'ghcr.io/acme/backup';
const a = digestOf('a');
const b = digestOf('b');
const lock: LockFile = {
  entries: [
    entryOf('docker.io/library/nginx:1.25', a, `${prefix}/docker.io/library/nginx:1.25`),
    entryOf('docker.io/library/redis:7', b, `${prefix}/cache/redis:7`),
  ],
};

describe('planning copies', () => {
  it('makes one step for each canonical source, with every use that needs it', () => {
    const uses = ['nginx:1.25', 'docker.io/library/nginx:1.25', 'nginx', 'nginx:latest'].map((text) =>
      useOf(text),
    );
    const { steps } = planCopies(uses, policy, emptyLock);
    expect(steps.map((step) => [step.canonical, step.uses.length])).toEqual([
      ['docker.io/library/nginx:1.25', 2],
      ['docker.io/library/nginx:latest', 2],
    ]);
    expect(steps[1]).toMatchObject({
      source: { registry: 'docker.io', repository: 'library/nginx', tag: 'latest' },
      backup: { registry: 'ghcr.io', repository: 'acme/backup/docker.io/library/nginx' },
      locked: null,
    });
  });

  it('does not depend on the order of the uses', () => {
    const uses = ['b.yaml', 'a.yaml', 'c.yaml'].flatMap((file) =>
      ['nginx', 'quay.io/x/y:1', 'redis:7', `${prefix}/docker.io/library/nginx:1.25`, '{{ x }}'].map((text) =>
        useOf(text, { file, hold: text.startsWith('{') ? 'template' : null }),
      ),
    );
    const expected = planCopies(uses, policy, lock);
    fc.assert(
      fc.property(fc.shuffledSubarray(uses, { minLength: uses.length }), (shuffled) => {
        expect(planCopies(shuffled, policy, lock)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('gives every use a verdict, in the order of files and positions', () => {
    const uses = [
      useOf('nginx', { file: 'b.yaml' }),
      useOf('redis:7'),
      useOf('Nginx', { file: 'a.yaml', hold: 'invalid' }),
    ];
    const { verdicts } = planCopies(uses, policy, emptyLock);
    expect(verdicts.map(({ use, verdict }) => [use.file, verdict.state])).toEqual([
      ['a.yaml', 'unusable'],
      ['b.yaml', 'candidate'],
      ['web.yaml', 'candidate'],
    ]);
  });

  it('keeps what the lock says of a source: its digest, and its place in the backup', () => {
    const { steps } = planCopies([useOf('redis:7'), useOf('nginx:1.25')], policy, lock);
    expect(steps.map((step) => [step.backup.repository, step.locked?.digest])).toEqual([
      ['acme/backup/docker.io/library/nginx', a],
      ['acme/backup/cache/redis', b],
    ]);
  });

  it('names a locked source anew when the backup is another one', () => {
    const { steps } = planCopies([useOf('redis:7')], policyOf('quay.io/new'), lock);
    expect(steps[0]?.backup).toEqual({ registry: 'quay.io', repository: 'new/docker.io/library/redis' });
  });

  it('refuses two sources on one name, and names both', () => {
    const uses = [useOf('quay.io/a/app:1'), useOf('ghcr.io/b/app:2')];
    expect(() => planCopies(uses, policyOf(prefix, '{name}'), emptyLock)).toThrow(
      /ghcr\.io\/b\/app and quay\.io\/a\/app would both be kept as ghcr\.io\/acme\/backup\/app/,
    );
  });

  it('lets tags and digests of one source share a name', () => {
    const uses = [useOf('quay.io/a/app:1'), useOf('quay.io/a/app:2'), useOf(`quay.io/a/app@${a}`)];
    expect(planCopies(uses, policyOf(prefix, '{name}'), emptyLock).steps).toHaveLength(3);
  });

  it('refuses a name that the lock gave to another source', () => {
    const taken: LockFile = { entries: [entryOf('quay.io/a/app:1', a, `${prefix}/app:1`)] };
    expect(() => planCopies([useOf('ghcr.io/b/app:1')], policyOf(prefix, '{name}'), taken)).toThrow(
      /quay\.io\/a\/app and ghcr\.io\/b\/app .* holdfast\.lock\.yaml/,
    );
  });

  it('leaves alone a source that has no valid name in the backup, and takes the others', () => {
    const { steps, verdicts } = planCopies(
      [useOf(`quay.io/${'a'.repeat(250)}`), useOf('nginx')],
      policy,
      emptyLock,
    );
    expect(steps.map((step) => step.canonical)).toEqual(['docker.io/library/nginx:latest']);
    expect(verdicts[0]?.verdict).toMatchObject({ state: 'unusable', reason: 'backup-name' });
  });

  it('edits an anchor for all its aliases or for none', () => {
    const shared = { range: [10, 20] as const, file: 'list.yaml' };
    const uses = [
      useOf('nginx', { ...shared, field: 'items[0].image' }),
      useOf('nginx', { ...shared, field: 'items[1].image', hold: 'ignored' }),
      useOf('nginx', { file: 'list.yaml', field: 'items[2].image' }),
    ];
    const { steps, verdicts } = planCopies(uses, policy, emptyLock);
    expect(steps.flatMap((step) => step.uses.map((use) => use.field))).toEqual(['items[2].image']);
    expect(verdicts[0]?.verdict).toMatchObject({
      reason: 'shared-anchor',
      explanation: expect.stringContaining('items[1].image'),
    });
  });

  it('keeps live workloads apart although they have no text', () => {
    const live = (name: string) =>
      useOf('nginx', {
        range: [0, 0],
        workload: { apiVersion: 'v1', kind: 'Pod', name, namespace: name === 'dns' ? 'kube-system' : 'shop' },
      });
    const { steps } = planCopies(
      [live('dns'), live('web')],
      policyOf(prefix, '{host}/{path}', { namespaces: ['kube-system'] }),
      emptyLock,
    );
    expect(steps[0]?.uses.map((use) => use.workload.name)).toEqual(['web']);
  });
});

describe('a reference that names a backup already', () => {
  const backupOf = (text: string, file: LockFile = lock) =>
    planCopies([useOf(text)], policy, file).backups[0];

  it('is known to the lock by digest, whatever tag stands beside it, or else by tag', () => {
    const name = `${prefix}/docker.io/library/nginx`;
    for (const text of [`${name}:1.25`, `${name}:1.25@${a}`, `${name}@${a}`, `${name}:old@${a}`])
      expect(backupOf(text)?.locked?.source).toBe('docker.io/library/nginx:1.25');
    expect(backupOf(`${name}:1.26`)?.locked).toBeNull();
    expect(backupOf(`${name}:1.25@${b}`)?.locked).toBeNull();
  });

  it('of several sources with one digest, means the one with its tag', () => {
    const name = `${prefix}/docker.io/library/nginx`;
    const twins: LockFile = {
      entries: ['1', '1.25', '1.25.3'].map((tag) =>
        entryOf(`docker.io/library/nginx:${tag}`, a, `${name}:${tag}`),
      ),
    };
    expect(backupOf(`${name}:1.25@${a}`, twins)?.locked?.source).toBe('docker.io/library/nginx:1.25');
  });

  it('that the lock does not know has a step from its sibling in the lock, or from the naming', () => {
    expect(backupOf(`${prefix}/cache/redis:8`)?.step).toMatchObject({
      canonical: 'docker.io/library/redis:8',
      backup: { registry: 'ghcr.io', repository: 'acme/backup/cache/redis' },
      locked: null,
    });
    expect(backupOf(`${prefix}/quay.io/a/b:1@${a}`)?.step?.canonical).toBe(`quay.io/a/b:1@${a}`);
    expect(backupOf(`${prefix}/something`)?.step).toBeNull();
  });

  it('is not edited where it is held', () => {
    const held = useOf(`${prefix}/quay.io/a/b:1`, { hold: 'flux-setter' });
    const [backup] = planCopies([held], policy, emptyLock).backups;
    expect(backup?.uses).toEqual([held]);
    expect(backup?.step?.uses).toEqual([]);
  });

  it('joins the step of its source when both are needed', () => {
    const plan = planCopies([useOf('quay.io/a/b:1'), useOf(`${prefix}/quay.io/a/b:1`)], policy, emptyLock);
    const merged = mergeSteps([...plan.steps, ...plan.backups.flatMap(({ step }) => step ?? [])]);
    expect(merged.map((step) => [step.canonical, step.uses.length])).toEqual([['quay.io/a/b:1', 2]]);
  });
});
