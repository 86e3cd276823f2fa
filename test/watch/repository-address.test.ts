import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { parseRemoteUrl } from '../../src/forge/index.ts';
import { findGitHub, repositoryAddress } from '../../src/watch/repository-address.ts';
import { liveDeployment, paths } from '../support/fake-cluster.ts';
import { createLiveWorld } from '../support/live-world.ts';

const own = { GITHUB_SERVER_URL: 'https://ghe.corp', GITHUB_API_URL: 'https://ghe.corp/api/v3' };

test.each([
  ['http://github.com/acme/gitops', {}, 'https://github.com/acme/gitops.git'],
  ['https://www.github.com/acme/gitops/', {}, 'https://github.com/acme/gitops.git'],
  ['git@github.com:acme/gitops.git', {}, 'https://github.com/acme/gitops.git'],
  ['ssh://git@ssh.github.com:443/acme/gitops.git', {}, 'https://github.com/acme/gitops.git'],
  ['http://ghe.corp/acme/gitops.git', own, 'https://ghe.corp/acme/gitops.git'],
])('%s of GitHub is opened at its own address', (written, environment, url) => {
  expect(repositoryAddress(written, environment).url).toBe(url);
  expect(findGitHub(parseRemoteUrl(url), environment)).toMatchObject({ owner: 'acme', repository: 'gitops' });
});

test.each([
  ['https://github.com:8443/acme/gitops.git', {}],
  ['http://www.github.com:81/acme/gitops.git', {}],
  ['http://ghe.corp:3000/acme/gitops.git', own],
])('%s is another server than GitHub, and gets no token', (written, environment) => {
  expect(repositoryAddress(written, environment).url).toBe(written);
  expect(findGitHub(parseRemoteUrl(written), environment)).toBeNull();
});

test('GitHub itself gets no token in the clear', () => {
  expect(findGitHub(parseRemoteUrl('http://github.com/acme/gitops.git'), {})).toBeNull();
});

test('a repository at another port of the host of GitHub is sent no token', async () => {
  const heard: (string | undefined)[] = [];
  const thief = createServer((request, answer) => {
    heard.push(request.headers.authorization);
    answer.writeHead(401, { 'www-authenticate': 'Basic' }).end();
  });
  await new Promise<void>((resolve) => {
    thief.listen(0, '127.0.0.1', resolve);
  });
  const address = thief.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const world = await createLiveWorld();
  try {
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    world.start(
      {
        repositories: [
          { url: `http://127.0.0.1:${port}/evil/x.git`, path: '', branch: null, namespaces: ['shop'] },
        ],
      },
      {
        environment: {
          ...process.env,
          GITHUB_SERVER_URL: 'https://127.0.0.1',
          GITHUB_API_URL: 'https://127.0.0.1/api/v3',
        },
        findToken: async () => 'ghs_very-secret',
      },
    );
    await world.until(({ proposals }) => proposals[0]?.state === 'failed');
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.filter((header) => header !== undefined)).toEqual([]);
  } finally {
    await world.close();
    thief.close();
  }
});
