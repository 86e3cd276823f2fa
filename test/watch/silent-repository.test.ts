import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployment } from '../backup/world.ts';
import { liveDeployment, paths } from '../support/fake-cluster.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { createLiveWorld, type LiveWorld } from '../support/live-world.ts';

/** Takes every connection, and never says a word. */
interface Silence {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly url: string;
}

let silence: Silence;
let world: LiveWorld;
beforeEach(async () => {
  silence = await startSilence();
  world = await createLiveWorld();
  for (const namespace of ['mute', 'shop'])
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', { namespace }));
});
afterEach(async () => {
  await world.close();
  for (const socket of silence.sockets) socket.destroy();
  silence.server.close();
});

const place = (url: string, namespace: string) => ({ url, path: '', branch: null, namespaces: [namespace] });

test('a repository that takes the connection and says nothing keeps no other waiting, and no end', async () => {
  const forge: TestForge = await startTestForge();
  try {
    const repository = await forge.createRepository('acme/gitops', {
      'web.yaml': deployment('web', 'nginx:1.25'),
    });
    const repositories = [place(silence.url, 'mute'), place(forge.cloneUrl(repository), 'shop')];
    world.start(
      { repositories },
      {
        environment: { ...process.env, GITHUB_API_URL: forge.apiUrl, GITHUB_SERVER_URL: forge.url },
        findToken: async () => tokens.bot,
        github: { writeInterval: 0, retryUnit: 1 },
      },
    );
    const { proposals } = await world.until(
      ({ proposals: all }) => silence.sockets.size > 0 && all.some(({ state }) => state === 'done'),
      30,
    );
    expect(proposals[0]?.requests).toMatchObject([{ operation: 'created' }]);
    const began = Date.now();
    await world.stop();
    // git itself would give up after a minute.
    expect(Date.now() - began).toBeLessThan(20_000);
  } finally {
    await stopTestForge(forge);
  }
}, 60_000);

test('what takes longer than its limit is ended, told, and tried again', async () => {
  world.start({ repositories: [place(silence.url, 'mute')] }, { limit: 300 });
  const { proposals } = await world.until(({ proposals: all }) => all[0]?.state === 'failed');
  expect(proposals[0]?.error).toEqual({
    code: 'environment',
    message: `${silence.url} was not done with in 1 minutes: is it reachable?`,
  });
  const first = proposals[0]?.at ?? 0;
  await world.until(({ proposals: all }) => (all[0]?.at ?? 0) > first);
});

async function startSilence(): Promise<Silence> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(
      socket
        .on('close', () => sockets.delete(socket))
        .on('error', () => {})
        .resume(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { server, sockets, url: `http://127.0.0.1:${port}/acme/mute.git` };
}
