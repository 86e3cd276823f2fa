import { afterEach, beforeEach, expect, test } from 'vitest';
import { assembleParts, editFor } from '../../src/backup/change-sets.ts';
import { copySteps, provenOf } from '../../src/backup/copy.ts';
import { check, restore, rewrite, scan } from '../../src/backup/index.ts';
import { planWork } from '../../src/backup/plan-work.ts';
import { surveyWork } from '../../src/backup/survey-work.ts';
import { addImage } from '../../src/embedded/index.ts';
import { findProblems } from '../../src/report/index.ts';
import { createWorld, type World } from './world.ts';

let world: World;
const name = 'image:\n  repository: docker.io/library/nginx\n';
const tagOf = (tag: string) => `image:\n  tag: "${tag}"\n`;

beforeEach(async () => {
  world = await createWorld({
    'base/release.yaml':
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\n' +
      'spec:\n  chartRef: {kind: OCIRepository, name: web}\n  values:\n    image:\n      repository: docker.io/library/nginx\n      tag: "1.25"\n',
    'prod/kustomization.yaml': 'resources: [../base]\npatches:\n  - path: web.yaml\n',
    'prod/web.yaml':
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\n' +
      'spec:\n  values:\n    image:\n      tag: "1.26"\n',
    'base/kustomization.yaml': 'resources: [release.yaml]\n',
    'web/values.yaml': name,
    'web/values-prod.yaml': tagOf('1.25'),
    'web/values-next.yaml': tagOf('1.26'),
  });
});
afterEach(() => world.close());

test('a name is moved once the image of each tag is proven, and check passes then', async () => {
  await addImage(world.upstream, 'library/nginx', '1.26');
  expect((await check(world.work())).attention).toBe(true);
  const report = await rewrite(world.work());
  expect(report.changes.map(({ path }) => path)).toEqual(['base/release.yaml', 'web/values.yaml']);
  expect(await world.read('web/values.yaml')).toBe(name.replace('docker.io', 'backup.test/mirror/docker.io'));
  expect(await world.read('holdfast.lock.yaml')).toMatch(/nginx:1\.25[^]*nginx:1\.26/);
  expect((await check(world.work())).attention).toBe(false);
  expect((await rewrite(world.work())).changes).toEqual([]);
  await restore(world.work());
  expect(await world.read('web/values.yaml')).toBe(name);
});

test('a name stays where the image of one tag cannot be had', async () => {
  const report = await rewrite(world.work());
  expect(report.changes).toEqual([]);
  expect(report.copies.map(({ source, status }) => `${source} ${status}`)).toEqual([
    'docker.io/library/nginx:1.25 copied',
    'docker.io/library/nginx:1.26 failed',
  ]);
  const why =
    'stays as it is: its name is also that of docker.io/library/nginx:1.26, which is not proven to be in the backup.';
  expect(report.notes).toEqual([`base/release.yaml:8 ${why}`, `web/values.yaml:2 ${why}`]);
});

test('a name stays where its tag in the backup is that of another image', async () => {
  await addImage(world.upstream, 'library/nginx', '1.26');
  await addImage(world.backup, 'mirror/docker.io/library/nginx', '1.26');
  const report = await rewrite(world.work());
  expect(report.changes).toEqual([]);
  expect(report.notes).toEqual([
    expect.stringMatching(
      /^base\/release\.yaml:8 stays as it is: the tag of docker\.io\/library\/nginx:1\.26 in the backup is taken by another image, and the copy's own \(1\.26-[0-9a-f]{12}\) cannot be written there\.$/,
    ),
    expect.stringMatching(/^web\/values\.yaml:2 stays as it is: the tag of /),
  ]);
});

test('a name stays where a tag is excluded, and a check says so at both places', async () => {
  const exclude = { images: [], namespaces: [], paths: ['web/values-next.yaml'] };
  const report = await check(world.work({ exclude }));
  expect(
    findProblems(report).flatMap(({ file, line, message }) =>
      file.startsWith('web/') ? [`${file}:${line} ${message}`] : [],
    ),
  ).toEqual([
    'web/values-prod.yaml:2 docker.io/library/nginx:1.25 is not backed up; exclude it, or change it by hand: The name of this image is also that of docker.io/library/nginx:1.26 (web/values-next.yaml:2), which is left alone.',
    'web/values.yaml:2 docker.io/library/nginx:1.26 is not backed up; exclude it, or change it by hand: The name of this image is also that of docker.io/library/nginx:1.26 (web/values-next.yaml:2), which is left alone.',
  ]);
});

test('a tag that a person wrote is looked for beside the backup that its name is of', async () => {
  await addImage(world.upstream, 'library/nginx', '1.26');
  await rewrite(world.work());
  await world.write('web/values-prod.yaml', tagOf('1.27'));
  const [problem, ...more] = findProblems(await check(world.work()));
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ file: 'web/values-prod.yaml', line: 2, rule: 'backup-missing' });
});

test('a tag and its name are held where only one of them is asked for', async () => {
  const { images } = await scan(world.work({ paths: ['web/values-prod.yaml', 'web/values-next.yaml'] }));
  const heldBy = { file: 'web/values.yaml', line: 2 };
  expect(images.map(({ use, reason }) => [use.file, reason, use.heldBy])).toEqual([
    ['web/values-next.yaml', 'composed', heldBy],
    ['web/values-prod.yaml', 'composed', heldBy],
  ]);
  for (const paths of [['web/values.yaml'], ['web/values.yaml', 'base']]) {
    const { images: own } = await scan(world.work({ paths }));
    expect(own.find(({ use }) => use.file.endsWith('values.yaml'))?.reason).toBe('composed');
  }
});

test('a request for a directory has all tags of the names in it in its lock', async () => {
  await addImage(world.upstream, 'library/nginx', '1.26');
  const work = world.work();
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const copies = provenOf(await copySteps(planned.steps, work, { describe: true }));
  const findings = { survey, planned, copies, work };
  const options = { ...work.config.pullRequest, group: 'directory', dryRun: true } as const;
  const report = await scan(work);
  const parts = await assembleParts(findings, editFor(findings, copies), report, options as never);
  expect([...parts].map(([group, { set }]) => [group, set.files.map(({ path }) => path)])).toEqual([
    ['base', ['base/release.yaml', 'holdfast.lock.yaml']],
    ['web', ['holdfast.lock.yaml', 'web/values.yaml']],
  ]);
  const lock = parts.get('base')?.set.files.find(({ path }) => path === 'holdfast.lock.yaml');
  expect(lock?.after).toMatch(/nginx:1\.25[^]*nginx:1\.26/);
});

test('a request that is limited to fewer images than one name has takes them all, and not none', async () => {
  await addImage(world.upstream, 'library/nginx', '1.26');
  await world.write(
    'z/pod.yaml',
    'apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: "redis:7"}]}\n',
  );
  const work = world.work();
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const copies = provenOf(await copySteps(planned.steps, work, { describe: true }));
  const findings = { survey, planned, copies, work };
  const options = { ...work.config.pullRequest, group: 'repository', dryRun: true, maxImages: 1 } as const;
  const parts = await assembleParts(findings, editFor(findings, copies), await scan(work), options as never);
  const paths = parts.get(null)?.set.files.map(({ path }) => path);
  expect(paths).toEqual(['base/release.yaml', 'holdfast.lock.yaml', 'web/values.yaml']);
  expect(parts.get(null)?.waiting).toEqual({ images: 1, files: 1 });
});

test('a tag that moved on stays in the lock while a manifest names it, which cannot be moved to another tag', async () => {
  await addImage(world.upstream, 'library/nginx', '1.26');
  await rewrite(world.work());
  const lock = await world.read('holdfast.lock.yaml');
  await addImage(world.upstream, 'library/nginx', '1.26', { platforms: ['linux/amd64'] });
  expect((await rewrite(world.work({ updates: 'propose' }))).changes).toEqual([]);
  expect(await world.read('holdfast.lock.yaml')).toBe(lock);
});
