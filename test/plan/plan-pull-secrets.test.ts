import { describe, expect, it } from 'vitest';
import type { PodSpec, ServiceAccount } from '../../src/manifests/index.ts';
import { type PullSecret, planPullSecrets } from '../../src/plan/index.ts';
import { useOf } from './uses.ts';

const pull: PullSecret = { name: 'backup-pull', attach: 'pod' };
const use = useOf('nginx');

function podOf(parts: Partial<PodSpec> = {}): PodSpec {
  return {
    document: 0,
    path: 'spec.template.spec',
    workload: use.workload,
    serviceAccountName: null,
    imagePullSecrets: null,
    editable: true,
    ...parts,
  };
}

function accountOf(
  name: string,
  imagePullSecrets: readonly string[],
  namespace: string | null = 'shop',
): ServiceAccount {
  return { name, namespace, imagePullSecrets, file: 'sa.yaml', document: 0, path: '', line: 1 };
}

function plan(
  pod: PodSpec,
  accounts: readonly ServiceAccount[] = [],
  secret: PullSecret | null = pull,
  uses = [use],
) {
  return planPullSecrets([{ file: use.file, podSpecs: [pod] }], accounts, uses, secret);
}

function namesOf(...parts: Parameters<typeof plan>): readonly string[] | undefined {
  return plan(...parts).additions[0]?.names;
}

describe('pull secrets', () => {
  it('are appended for each Pod that uses a backup, and for no other', () => {
    const other = podOf({ document: 1 });
    const { additions, namespaces } = planPullSecrets(
      [{ file: use.file, podSpecs: [other, podOf({ imagePullSecrets: ['own'] })] }],
      [],
      [use],
      pull,
    );
    expect(additions).toEqual([
      { file: 'web.yaml', document: 0, podSpec: 'spec.template.spec', names: ['backup-pull'] },
    ]);
    expect(namespaces).toEqual(['shop']);
  });

  it('are never there twice', () => {
    expect(namesOf(podOf({ imagePullSecrets: ['a', 'backup-pull'] }))).toBeUndefined();
    expect(namesOf(podOf({ imagePullSecrets: [] }))).toEqual(['backup-pull']);
  });

  it("carry over the ServiceAccount's list, which no longer counts once the Pod has its own", () => {
    const accounts = [accountOf('default', ['a', 'b']), accountOf('web', ['c'])];
    expect(namesOf(podOf(), accounts)).toEqual(['a', 'b', 'backup-pull']);
    expect(namesOf(podOf({ serviceAccountName: 'web' }), accounts)).toEqual(['c', 'backup-pull']);
    expect(namesOf(podOf({ imagePullSecrets: ['own'] }), accounts)).toEqual(['backup-pull']);
  });

  it('need no edit where the ServiceAccount has the secret', () => {
    expect(plan(podOf(), [accountOf('default', ['backup-pull'])]).additions).toEqual([]);
  });

  it('take no list of an account in another namespace, or of two that differ', () => {
    expect(namesOf(podOf(), [accountOf('default', ['x'], 'other')])).toEqual(['backup-pull']);
    const unclear = plan(podOf(), [accountOf('default', ['x']), accountOf('default', ['y'])]);
    expect(unclear.additions[0]?.names).toEqual(['backup-pull']);
    expect(unclear.notes).toHaveLength(1);
  });

  it('come with a note where the ServiceAccount is not known', () => {
    expect(plan(podOf({ serviceAccountName: 'web' })).notes).toEqual([
      expect.stringMatching(/ServiceAccount web in namespace shop .*pullSecret\.attach: serviceAccount/),
    ]);
    expect(plan(podOf(), [accountOf('default', [])]).notes).toEqual([]);
  });

  it('are left to a person where the Pod cannot be edited or the account is to have them', () => {
    const locked = plan(podOf({ editable: false }));
    expect(locked.additions).toEqual([]);
    expect(locked.notes[0]).toMatch(/Deployment web in web.yaml cannot be edited/);
    const account = plan(podOf(), [], { ...pull, attach: 'serviceAccount' });
    expect(account.additions).toEqual([]);
    expect(account.notes).toEqual([
      'Add the pull secret backup-pull to ServiceAccount default in namespace shop.',
    ]);
    const own = plan(podOf({ imagePullSecrets: ['x'] }), [], { ...pull, attach: 'serviceAccount' });
    expect(own.additions[0]?.names).toEqual(['backup-pull']);
  });

  it('are not asked for without a name, with none, or for ignored uses', () => {
    expect(plan(podOf(), [], null)).toEqual({ additions: [], namespaces: [], notes: [] });
    expect(plan(podOf(), [], { ...pull, attach: 'none' })).toEqual({
      additions: [],
      namespaces: ['shop'],
      notes: [],
    });
    expect(plan(podOf(), [], pull, [useOf('nginx', { hold: 'ignored' })]).additions).toEqual([]);
  });
});
