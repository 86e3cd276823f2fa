import { describe, expect, it } from 'vitest';
import { type ImageUse, rewriteManifest } from '../../src/manifests/index.ts';
import {
  emptyLock,
  findBackedUses,
  type Pin,
  planChartSwitches,
  planCopies,
  planFiles,
  planRestore,
  planRewrites,
} from '../../src/plan/index.ts';
import { digestOf, entryOf, policyOf, prove, useOf } from './uses.ts';

const a = digestOf('a');
const name = 'ghcr.io/acme/backup/docker.io/library/nginx';
const noSecrets = { additions: [], namespaces: [], notes: [] };

function rewriteOf(written: string, tag: string, pin: Pin): string | undefined {
  const { steps } = planCopies([useOf(written)], policyOf(), emptyLock);
  return planRewrites([prove(steps[0], a, tag)], pin)[0]?.to;
}

describe('a rewrite', () => {
  it('keeps the tag when it adds a digest', () => {
    expect(rewriteOf('nginx:1.25', '1.25', 'digest')).toBe(`${name}:1.25@${a}`);
    expect(rewriteOf('nginx', 'latest', 'digest')).toBe(`${name}:latest@${a}`);
    expect(rewriteOf(`nginx@${a}`, 'digest-aaaaaaaaaaaa', 'digest')).toBe(`${name}@${a}`);
    expect(rewriteOf(`nginx:1.25@${a}`, '1.25', 'digest')).toBe(`${name}:1.25@${a}`);
  });

  it("keeps the source's tag beside the digest also when that tag is taken in the backup", () => {
    expect(rewriteOf('nginx:1.25', '1.25-aaaaaaaaaaaa', 'digest')).toBe(`${name}:1.25@${a}`);
  });

  it('by tag alone names the tag that has the digest, the anchor when the plain one is taken', () => {
    expect(rewriteOf('nginx:1.25', '1.25', 'tag')).toBe(`${name}:1.25`);
    expect(rewriteOf('nginx:1.25', '1.25-aaaaaaaaaaaa', 'tag')).toBe(`${name}:1.25-aaaaaaaaaaaa`);
  });

  it('never takes a digest from a manifest that has one', () => {
    expect(rewriteOf(`nginx:1.25@${a}`, '1.25', 'tag')).toBe(`${name}:1.25@${a}`);
  });

  it('is made for the uses of proven steps only', () => {
    const uses = [useOf('nginx:1.25'), useOf('redis:7')];
    const { steps } = planCopies(uses, policyOf(), emptyLock);
    const rewrites = planRewrites([prove(steps[0], a, '1.25')], 'digest');
    expect(rewrites.map(({ use, proof }) => [use.written, proof])).toEqual([['nginx:1.25', a]]);
  });

  it('is not made twice: a text that is right stays', () => {
    const use = useOf(`${name}:1.25@${a}`);
    const [backup] = planCopies([use], policyOf(), emptyLock).backups;
    expect(planRewrites([prove(backup?.step ?? undefined, a, '1.25')], 'digest')).toEqual([]);
  });
});

describe('a rewrite of a name in several scalars', () => {
  const part = (key: string, written: string) => ({ key, range: [0, 1] as const, written });
  const split = {
    kind: 'split',
    map: 'image',
    registry: null,
    repository: part('repository', 'nginx'),
  } as const;
  const tag = part('tag', '1.25');
  const to = (parts: ImageUse['parts'], inBackup: string) => {
    const { steps } = planCopies([useOf('nginx:1.25', parts && { parts })], policyOf(), emptyLock);
    return planRewrites([prove(steps[0], a, inBackup)], 'digest')[0]?.to;
  };

  it('says the digest where that has a place, and else the tag that names it', () => {
    expect(to({ ...split, tag, digest: part('digest', '') }, '1.25')).toBe(`${name}:1.25@${a}`);
    expect(to({ ...split, tag, digest: null }, '1.25')).toBe(`${name}:1.25`);
    expect(to({ ...split, tag, digest: null }, '1.25-aaaaaaaaaaaa')).toBe(`${name}:1.25-aaaaaaaaaaaa`);
  });

  it('is not made where the tag stands elsewhere and names something else in the backup', () => {
    expect(to({ ...split, tag: null, digest: null }, '1.25')).toBe(`${name}:1.25`);
    expect(to({ ...split, tag: null, digest: null }, '1.25-aaaaaaaaaaaa')).toBeUndefined();
  });

  it('that serves several tags is made when all of them are proven, and else for none', () => {
    const parts = { ...split, tag: null, digest: null };
    const together = ['nginx:1.25', 'nginx:1.26'];
    const uses = together.map((written) => useOf(written, { range: [7, 12], parts, together }));
    const [one, other] = planCopies(uses, policyOf(), emptyLock).steps;
    expect(planRewrites([prove(one, a, '1.25')], 'digest')).toEqual([]);
    expect(planRewrites([prove(one, a, '1.25'), prove(other, a, '1.26')], 'digest')).toHaveLength(2);
  });
});

describe('what a chart needs besides', () => {
  const registry = { key: 'registry', range: [0, 1] as const, written: 'docker.io' };
  const repository = { key: 'repository', range: [2, 3] as const, written: 'bitnami/redis' };
  const parts = { kind: 'split', map: '', registry, repository, tag: null, digest: null } as const;
  const rewrites = [{ use: useOf('docker.io/bitnami/redis:7', { parts }), to: 'x', proof: a }];

  const plan = (text: string, moves: typeof rewrites = rewrites) =>
    planChartSwitches(moves, [{ path: 'web.yaml', text }]);

  it('is the word of the user that Bitnami charts may have other images', () => {
    expect(plan('image: {}')).toEqual({
      switches: [],
      notes: [expect.stringContaining('web.yaml: the charts of Bitnami')],
    });
    const said = 'global: {security: {allowInsecureImages: true}}';
    expect(plan(said)).toEqual({ switches: [], notes: [] });
    expect(plan('', [])).toEqual({ switches: [], notes: [] });
  });

  it('is turned on where the values have the key', () => {
    const text = 'global:\n  security:\n    allowInsecureImages: false # none yet\nimage: {}\n';
    const { switches, notes } = plan(text);
    expect(notes).toEqual([]);
    expect(switches).toEqual([
      { file: 'web.yaml', place: { document: 0, range: [45, 50], written: 'false', line: 3 } },
    ]);
    const [plans] = planFiles([], { additions: [] }, switches);
    expect(plans).toBeUndefined();
    const changed = rewriteManifest(
      { path: 'web.yaml', text },
      { images: [], switches: switches.map(({ place }) => place), pullSecrets: [] },
    );
    expect(changed).toMatchObject({ ok: true, text: text.replace('false', 'true') });
  });

  it('is added where the values lack the key', () => {
    const file = (text: string) => [{ path: 'values.yaml', text }];
    const use = useOf('docker.io/bitnami/redis:7', {
      file: 'values.yaml',
      field: 'image.repository',
      layer: 'helm-values',
      workload: { apiVersion: '', kind: '', name: null, namespace: null },
      parts,
    });
    const add = (text: string) => {
      const { switches, notes } = planChartSwitches([{ use, to: 'x', proof: a }], file(text));
      const places = switches.map(({ place }) => place);
      const path = 'values.yaml';
      const made = rewriteManifest({ path, text }, { images: [], switches: places, pullSecrets: [] });
      return made.ok && notes.length === 0 ? made.text : notes;
    };
    const key = 'allowInsecureImages: true\n';
    expect(add('# redis\nimage:\n  x: y\n')).toBe(
      `global:\n  security:\n    ${key}# redis\nimage:\n  x: y\n`,
    );
    expect(add('image:\n  x: y\nglobal:\n  z: 1\n')).toBe(
      `image:\n  x: y\nglobal:\n  security:\n    ${key}  z: 1\n`,
    );
    expect(add('global: {security: {z: 1}}\nimage: {}\n')).toBe(
      'global: {security: {allowInsecureImages: true, z: 1}}\nimage: {}\n',
    );
    expect(add('global: {}\nimage: {}\n')).toEqual([expect.stringContaining('allowInsecureImages')]);
    expect(add('global: *x\nimage: {}\n')).toEqual([expect.stringContaining('allowInsecureImages')]);
  });

  it('is not asked for where the chart is known and is none of Bitnami', () => {
    const use = useOf('docker.io/bitnami/redis:7', { parts: { ...parts, bitnami: false } });
    expect(plan('image: {}', [{ ...rewrites[0], use, to: 'x', proof: a }])).toEqual({
      switches: [],
      notes: [],
    });
  });

  it('is left to a person where it is an alias, twice there, quoted, or in text', () => {
    for (const value of ['"false"', '*no', 'false, allowInsecureImages: false']) {
      const text = `no: &no false\nglobal: {security: {allowInsecureImages: ${value}}}\nimage: {}\n`;
      expect([value, plan(text)]).toEqual([value, { switches: [], notes: [expect.any(String)] }]);
    }
  });
});

describe('the plan of the files', () => {
  it('has each file once, each text once, and the pull secrets beside', () => {
    const shared = { file: 'b.yaml', range: [5, 10] as const };
    const uses = [
      useOf('nginx', { ...shared, field: 'x' }),
      useOf('nginx', { ...shared, field: 'y' }),
      useOf('nginx', { file: 'a.yaml' }),
    ];
    const { steps } = planCopies(uses, policyOf(), emptyLock);
    const rewrites = planRewrites([prove(steps[0], a, 'latest')], 'digest');
    const addition = { file: 'c.yaml', document: 1, podSpec: 'spec', names: ['pull'] };
    const files = planFiles(rewrites, { ...noSecrets, additions: [addition] });
    expect(files.map(({ file, change }) => [file, change.images.length, change.pullSecrets])).toEqual([
      ['a.yaml', 1, []],
      ['b.yaml', 1, []],
      ['c.yaml', 0, [{ document: 1, podSpec: 'spec', names: ['pull'] }]],
    ]);
  });

  it('counts what names a backup already among the uses that need pull secrets', () => {
    const uses = [useOf('nginx'), useOf(`${name}:1`), useOf('redis')];
    const plan = planCopies(uses, policyOf(), emptyLock);
    const rewrites = planRewrites([prove(plan.steps[0], a, 'latest')], 'digest');
    expect(findBackedUses(plan.backups, rewrites).map((use) => use.written)).toEqual(['nginx', `${name}:1`]);
  });
});

describe('restoring', () => {
  const lock = {
    entries: [
      entryOf('docker.io/library/nginx:1.25', a, `${name}:1.25`),
      entryOf(`quay.io/a/b@${a}`, a, `ghcr.io/acme/backup/quay.io/a/b:digest-aaaaaaaaaaaa`),
    ],
  };

  it('points the manifests back at upstream, from the lock file alone', () => {
    const uses = [
      useOf(`${name}:1.25@${a}`, { file: 'b.yaml' }),
      useOf(`${name}:1.25`, { file: 'a.yaml' }),
      useOf(`ghcr.io/acme/backup/quay.io/a/b@${a}`, { file: 'a.yaml' }),
      useOf('redis:7', { file: 'a.yaml' }),
      useOf('{{ x }}', { file: 'a.yaml', hold: 'template' }),
    ];
    const { files, left } = planRestore(uses, lock);
    expect(files.map(({ file, change }) => [file, change.images.map(({ to }) => to)])).toEqual([
      ['a.yaml', ['nginx:1.25', `quay.io/a/b@${a}`]],
      ['b.yaml', ['nginx:1.25']],
    ]);
    expect(left).toEqual([]);
  });

  it('says which backups it leaves in place, and why', () => {
    const uses = [useOf(`${name}:1.26`), useOf(`${name}:1.25`, { hold: 'flux-setter' })];
    const { files, left } = planRestore(uses, lock);
    expect(files).toEqual([]);
    expect(left.map(({ explanation }) => explanation)).toEqual([
      expect.stringContaining('does not know this tag'),
      expect.stringContaining('Flux writes this image'),
    ]);
  });
});
