import { describe, expect, it } from 'vitest';
import type {
  ImageUse,
  Namespaces,
  PodSpec,
  SecretManifest,
  ServiceAccount,
} from '../../src/manifests/index.ts';
import { type PodSpecsOfFile, type PullSecret, planPullSecrets } from '../../src/plan/index.ts';
import { useOf } from './uses.ts';

const pull: PullSecret = { name: 'backup-pull', attach: 'pod' };
const use = useOf('nginx');

/** Objects stay in the namespaces that they name. */
const asWritten: Namespaces = { of: (_file, _document, { namespace }) => [namespace] };

function planOf(
  files: readonly PodSpecsOfFile[],
  accounts: readonly ServiceAccount[],
  uses: readonly ImageUse[],
  secret: PullSecret | null,
  secrets: readonly SecretManifest[] = [],
  namespaces = asWritten,
) {
  return planPullSecrets({ files, accounts, secrets, namespaces }, uses, secret);
}

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
  return {
    name,
    namespace,
    imagePullSecrets,
    file: 'sa.yaml',
    document: 0,
    path: '',
    line: 1,
    editable: true,
  };
}

function plan(
  pod: PodSpec,
  accounts: readonly ServiceAccount[] = [],
  secret: PullSecret | null = pull,
  uses = [use],
) {
  const made = planOf([{ file: use.file, podSpecs: [pod] }], accounts, uses, secret);
  // Whether manifests make the Secret is a test of its own.
  return {
    ...made,
    notes: made.notes.filter((note) => !/^No manifest makes|^Images of the backup/.test(note)),
  };
}

function namesOf(...parts: Parameters<typeof plan>): readonly string[] | undefined {
  return plan(...parts).additions[0]?.names;
}

describe('pull secrets', () => {
  it('are appended for each Pod that uses a backup, and for no other', () => {
    const other = podOf({ document: 1 });
    const { additions, namespaces } = planOf(
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

  it('are asked of a person where nothing tells the pod spec, once for each object', () => {
    const custom = { ...use, podSpec: null, workload: { ...use.workload, kind: 'Foo', name: 'web' } };
    const values = { ...useOf('redis'), file: 'values.yaml', podSpec: null };
    const uses = [
      custom,
      { ...custom, field: 'spec.other' },
      { ...custom, hold: 'ignored' as const, file: 'x' },
    ];
    const lacking = 'No manifest makes the pull secret backup-pull for: shop.';
    expect(planOf([], [], uses, pull).notes).toEqual([
      expect.stringContaining(lacking),
      'Pods with images of Foo web in web.yaml need the pull secret backup-pull, and where it goes there is not known: give it to them.',
    ]);
    expect(planOf([], [], [values], pull).notes).toHaveLength(2);
    const pods = [{ file: 'base.yaml', document: 0, podSpec: 'spec' }];
    expect(planOf([], [], [{ ...values, runs: pods }], pull).notes).toEqual([]);
    expect(planOf([], [], uses, { ...pull, attach: 'none' }).notes).toEqual([]);
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
    expect(plan(podOf(), [], null)).toEqual({ additions: [], namespaces: [], lacking: [], notes: [] });
    expect(plan(podOf(), [], { ...pull, attach: 'none' })).toEqual({
      additions: [],
      namespaces: ['shop'],
      lacking: ['shop'],
      notes: [],
    });
    expect(plan(podOf(), [], pull, [useOf('nginx', { hold: 'ignored' })]).additions).toEqual([]);
  });
});

describe('pull secrets of ServiceAccounts', () => {
  const attach: PullSecret = { name: 'backup-pull', attach: 'serviceAccount' };

  it('are added to the account that the Pods use, once, default too', () => {
    const specs = [podOf(), podOf({ document: 1 })];
    const uses = [use, { ...use, document: 1 }];
    const { additions, notes } = planOf(
      [{ file: use.file, podSpecs: specs }],
      [accountOf('default', ['old']), accountOf('web', []), accountOf('default', [], 'other')],
      uses,
      attach,
    );
    expect(additions).toEqual([{ file: 'sa.yaml', document: 0, podSpec: '', names: ['backup-pull'] }]);
    expect(notes.filter((note) => note.includes('ServiceAccount'))).toEqual([]);
  });

  it('are left to a person where the manifest is not to be edited', () => {
    const held = { ...accountOf('default', []), editable: false };
    expect(plan(podOf(), [held], attach)).toMatchObject({
      additions: [],
      notes: [
        'Add the pull secret backup-pull to ServiceAccount default in namespace shop, whose manifest in sa.yaml cannot be edited.',
      ],
    });
  });

  it('take the account of their own folder where no namespace is said', () => {
    const workload = { ...use.workload, namespace: null };
    const accounts = ['a', 'b'].map((folder) => ({
      ...accountOf('default', [], null),
      file: `${folder}/sa.yaml`,
    }));
    const near = { ...use, file: 'b/web.yaml', workload };
    const files = [{ file: near.file, podSpecs: [podOf({ workload })] }];
    expect(planOf(files, accounts, [near], attach).additions).toMatchObject([{ file: 'b/sa.yaml' }]);
  });
});

describe('the Secret itself', () => {
  const files = [{ file: use.file, podSpecs: [podOf()] }];

  it('is said to be there, and how', () => {
    const secret = {
      name: 'backup-pull',
      namespace: 'shop',
      form: 'sealed',
      file: 's.yaml',
      line: 1,
    } as const;
    const { lacking, notes } = planOf(files, [accountOf('default', [])], [use], pull, [secret]);
    expect(lacking).toEqual([]);
    expect(notes).toEqual([
      'The pull secret backup-pull is in the manifests for: shop (SealedSecret in s.yaml).',
    ]);
  });

  const spread = { name: 'backup-pull', namespace: null, form: 'external', file: 's.yaml', line: 3 } as const;

  it('is there in every namespace that something spreads it to', () => {
    const every = { ...spread, reach: 'every' } as const;
    const { lacking, notes } = planOf(files, [accountOf('default', [])], [use], pull, [every]);
    expect(lacking).toEqual([]);
    expect(notes).toEqual([
      'The pull secret backup-pull is in the manifests for: every namespace (ExternalSecret in s.yaml).',
    ]);
  });

  it('is not known to be there where labels select the namespaces', () => {
    const selected = { ...spread, reach: 'selected' } as const;
    const { lacking, notes } = planOf(files, [accountOf('default', [])], [use], pull, [selected]);
    expect(lacking).toEqual(['shop']);
    expect(notes).toEqual([
      's.yaml:3 makes the pull secret backup-pull for namespaces with certain labels; whether these have them is not known here: shop.',
    ]);
  });

  it('is said to be lacking where one of another name or namespace is there', () => {
    const others = [
      { name: 'backup-pull', namespace: 'other', form: 'plain', file: 's.yaml', line: 1 },
      { name: 'mine', namespace: 'shop', form: 'plain', file: 's.yaml', line: 9 },
    ] as const;
    const { lacking, notes } = planOf(files, [accountOf('default', [])], [use], pull, others);
    expect(lacking).toEqual(['shop']);
    expect(notes[0]).toContain('No manifest makes the pull secret backup-pull for: shop.');
  });

  it('is asked for each namespace that an overlay makes of one manifest, and where none is said', () => {
    const over: Namespaces = { of: () => [null, 'blog', 'shop'] };
    const sealed = {
      name: 'backup-pull',
      namespace: 'blog',
      form: 'sealed',
      file: 's.yaml',
      line: 1,
    } as const;
    const { lacking, notes } = planOf(
      files,
      [],
      [use],
      { ...pull, attach: 'serviceAccount' },
      [sealed],
      over,
    );
    expect(lacking).toEqual([null, 'shop']);
    expect(notes).toEqual([
      'Add the pull secret backup-pull to ServiceAccount default in namespace blog.',
      'Add the pull secret backup-pull to ServiceAccount default in namespace shop.',
      'Add the pull secret backup-pull to ServiceAccount default.',
      expect.stringMatching(/^Images of the backup are used where the manifests name no namespace/),
      expect.stringContaining('No manifest makes the pull secret backup-pull for: shop.'),
      'The pull secret backup-pull is in the manifests for: blog (SealedSecret in s.yaml).',
    ]);
  });

  it('is asked for where an object that is no Pod names images', () => {
    const custom = { ...use, podSpec: null, workload: { ...use.workload, namespace: 'monitoring' } };
    expect(planOf([], [], [custom], pull)).toMatchObject({
      namespaces: ['monitoring'],
      lacking: ['monitoring'],
    });
  });
});
