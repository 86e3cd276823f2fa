import { afterEach, beforeEach, expect, test } from 'vitest';
import { findSecrets, hide, openLog } from '../../../src/faces/daemon/log.ts';
import { createMetrics } from '../../../src/faces/daemon/metrics.ts';
import { pageOfWatch } from '../../../src/faces/daemon/page-of-watch.ts';
import { watchEvents } from '../../../src/faces/daemon/watch-events.ts';
import { cleanRemoteUrl } from '../../../src/forge/index.ts';
import { renderPage } from '../../../src/report/index.ts';
import { plainConfig } from '../../backup/world.ts';
import { liveDeployment, paths } from '../../support/fake-cluster.ts';
import { createLiveWorld, type LiveWorld } from '../../support/live-world.ts';

const nobody = 'http://127.0.0.1:9';
const password = 'pw-Never%20To-Be-Seen';
const token = 'ghp_NeverToBeSeen0123456789';
const configured = `http://bob:${password}@127.0.0.1:9/acme/ops.git`;
const repositories = [{ url: configured, path: '', branch: null, namespaces: ['ops'] }];

let world: LiveWorld;
beforeEach(async () => {
  world = await createLiveWorld();
});
afterEach(() => world.close());

test('what stands before the @ of a repository is in no answer, no metric and no log line', async () => {
  world.cluster.put(paths.applications, {
    metadata: { name: 'shop', namespace: 'argocd' },
    spec: { source: { repoURL: `http://${token}@127.0.0.1:9/acme/shop.git`, path: '.' } },
  });
  const marks = { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:x' } };
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', marks));
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', { namespace: 'ops' }));
  world.start({ repositories });
  const snapshot = await world.until(
    ({ proposals }) => proposals.length === 2 && proposals.every(({ state }) => state === 'failed'),
  );
  const model = pageOfWatch(snapshot);
  expect(model.requests.map(({ repository }) => repository).toSorted()).toEqual([
    `${nobody}/acme/ops.git`,
    `${nobody}/acme/shop.git`,
  ]);

  const metrics = createMetrics();
  const lines: string[] = [];
  const config = { ...plainConfig, repositories };
  const log = openLog(
    (line) => lines.push(line),
    () => findSecrets(config, {}),
    'debug',
  );
  const events = watchEvents(log, metrics, world.clock);
  for (const { repository, error } of snapshot.proposals) {
    events.onProposed(repository, 'created', null, []);
    events.onProblem(`the repository ${repository}`, new Error(error?.message));
  }
  // Whatever else may say it: git, a library, a part of ours that is written later.
  log.info({ at: configured }, `bob:${decodeURIComponent(password)} and http://${token}@x.example/y`);
  log.info(`the password is ${password}`);
  const doors = {
    page: renderPage(model),
    json: JSON.stringify(model),
    metrics: await metrics.render(snapshot),
    log: [...lines, ...world.problems].join(''),
  };
  const shown = Object.entries(doors).map(([door, said]) => ({
    door,
    names: said.includes('127.0.0.1:9/acme/shop.git'),
    secrets: [token, password, decodeURIComponent(password)].filter((secret) => said.includes(secret)),
  }));
  expect(shown).toEqual(Object.keys(doors).map((door) => ({ door, names: true, secrets: [] })));
});

test('one repository is one, with a token in its address and without', async () => {
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', { namespace: 'ops' }));
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', { namespace: 'shop' }));
  const twin = { url: `${nobody}/acme/ops.git`, path: '', branch: null, namespaces: ['shop'] };
  world.start({ repositories: [...repositories, twin] });
  const { proposals } = await world.until(({ proposals: all }) => all.length > 0);
  expect(proposals.map(({ repository }) => repository)).toEqual([`${nobody}/acme/ops.git`]);
});

test.each([
  ['http://bob:p/Wsecret1@host.example/a/b.git', 'http://host.example/a/b.git'],
  ['https://bob:p#Wsecret2@host.example/a/b.git', 'https://host.example/a/b.git'],
  ['https://host.example/a/b.git?access_token=Wsecret3', 'https://host.example/a/b.git'],
  ['https://host.example/a/b.git?ref=main&private_token=Wsecret4#x', 'https://host.example/a/b.git'],
  ['oauth2:Wsecret5@host.example/a/b.git', 'host.example/a/b.git'],
  ['oauth2:p/Wsecret6@host.example/a/b.git', 'host.example/a/b.git'],
  ['ssh://git:Wsecret7@host.example/a/b.git', 'ssh://git@host.example/a/b.git'],
  ['git@host.example:a/b@c.git', 'git@host.example:a/b@c.git'],
  ['ssh://git@host.example/a/b.git', 'ssh://git@host.example/a/b.git'],
  ['https://host.example/a/b@c.git', 'https://host.example/a/b@c.git'],
])('%s shows no secret on the page or in the log', (url, shown) => {
  expect(cleanRemoteUrl(url)).toBe(shown);
  const configuredSo = { ...plainConfig, repositories: [{ url, path: '', branch: null, namespaces: [] }] };
  const said = hide(
    JSON.stringify({ at: url, host: 'git, host.example/a/b.git' }),
    findSecrets(configuredSo, {}),
  );
  expect(said).not.toContain('Wsecret');
  expect(said).toContain('git, host.example/a/b.git');
  expect(said.includes(url)).toBe(shown === url);
  // Nobody configured it: an Application names it. What has no `://` is not known to be an address.
  expect(hide(`cannot open ${url}`, []).includes('Wsecret')).toBe(url.startsWith('oauth2:'));
});
