import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addImage, type EmbeddedRegistry, startRegistry } from '../../../src/embedded/index.ts';
import { createDaemonWorld, type DaemonWorld } from '../../support/daemon-world.ts';
import { findKubeProblem, type KubeApiserver, startKubeApiserver } from '../../support/kube-apiserver.ts';
import { runCli } from '../run-cli.ts';

const problem = await findKubeProblem();

describe.skipIf(problem !== null)(`settings of the seeds${problem === null ? '' : ` (${problem})`}`, () => {
  let kube: KubeApiserver;
  let world: DaemonWorld;
  let backup: EmbeddedRegistry;
  beforeAll(async () => {
    kube = await startKubeApiserver();
    world = await createDaemonWorld(kube);
    await addImage(world.upstream, 'datadog/squid', '1', { layerBytes: 500 });
    for (const namespace of ['left-out', 'also-left-out']) {
      await kube.kubectl(['create', 'namespace', namespace]);
      await kube.kubectl(['-n', namespace, 'create', 'deployment', 'web', '--image=left-out:1']);
    }
    await kube.kubectl(['create', 'deployment', 'web', '--image=nginx:1.25']);
    await kube.kubectl(['create', 'deployment', 'squid', '--image=datadog/squid:1']);
    backup = await startRegistry({
      auth: { kind: 'basic', users: [{ name: 'robot', password: 'p4ssw0rd' }] },
    });
  }, 60_000);
  afterEach(() => world.stopAll());
  afterAll(async () => {
    await world?.close();
    await backup?.close();
    await kube?.stop();
  });

  const endpoints = (host: string) => [`docker.io=${world.upstream.url}`, `${host}=${backup.url}`].join(',');

  test.each([
    [
      'image-cloner',
      '{name}',
      {
        BACKUP_REGISTRY: 'quay.example/acme',
        NAMESPACES_TO_IGNORE: 'left-out, also-left-out',
        MAX_CONCURRENT_RECONCILES: '3',
        HOLDFAST_REGISTRIES: '{ quay.example: { username: robot, password: p4ssw0rd } }',
      },
      'quay.example',
      ['acme/nginx', 'acme/squid'],
    ],
    [
      'image-clone-controller',
      '{path-dashed}',
      {
        REGISTRY: 'ghcr.example/mbtamuli',
        REGISTRY_USERNAME: 'robot',
        REGISTRY_PASSWORD: 'p4ssw0rd\n',
        EXCLUDE_NAMESPACES: 'left-out,also-left-out',
      },
      'ghcr.example',
      ['mbtamuli/datadog-squid', 'mbtamuli/library-nginx'],
    ],
    [
      'copyimage-controller',
      '{tail}',
      {
        PRIV_OCI_REGISTRY: 'private.example',
        PRIV_OCI_REPOSITORY: 'team',
        PRIV_OCI_REGISTRY_USERNAME: 'robot',
        PRIV_OCI_REGISTRY_PASSWORD: 'p4ssw0rd',
        HOLDFAST_EXCLUDE_NAMESPACES: '*left-out',
      },
      'private.example',
      ['team/nginx', 'team/squid'],
    ],
  ] as const)(
    'those of %s drive it, and --naming %s keeps its names',
    async (_, naming, env, host, names) => {
      const daemon = await world.start({
        env: { HOLDFAST_BACKUP: '', HOLDFAST_ENDPOINT: endpoints(host), HOLDFAST_NAMING: naming, ...env },
      });
      const page = await daemon.until(
        ({ images }) => images.length > 0 && images.every(({ status }) => status === 'safe'),
      );
      expect(page.images.map(({ name }) => name)).toEqual(['datadog/squid:1', 'nginx:1.25']);
      expect(Object.keys(backup.snapshot())).toEqual(expect.arrayContaining([...names]));
      expect(daemon.log.join('')).not.toContain('p4ssw0rd');
    },
  );

  test('copy --cluster does their job once', async () => {
    const done = await runCli(
      [
        'copy',
        '--cluster',
        '--backup',
        'once.example/x',
        '--exclude-namespace',
        '*left-out',
        '--output',
        'json',
      ],
      {
        env: {
          KUBECONFIG: kube.kubeconfig,
          HOLDFAST_ENDPOINT: endpoints('once.example'),
          HOLDFAST_REGISTRIES: '{ once.example: { username: robot, password: p4ssw0rd } }',
        },
        cwd: world.root,
      },
    );
    expect({ exitCode: done.exitCode, stderr: done.stderr.includes('p4ssw0rd') }).toEqual({
      exitCode: 0,
      stderr: false,
    });
    const { copies } = JSON.parse(done.stdout) as { copies: { source: string; status: string }[] };
    expect(copies.map(({ source, status }) => [source, status])).toEqual([
      ['docker.io/datadog/squid:1', 'copied'],
      ['docker.io/library/nginx:1.25', 'copied'],
    ]);
  });
});

describe('a flag of the seeds ends in an error that names ours', () => {
  test.each([
    [['-registry-password', 'p4ssw0rd'], 'set the variable REGISTRY_PASSWORD'],
    [['--registry-password=p4ssw0rd'], 'set the variable REGISTRY_PASSWORD'],
    [['-exclude-namespaces', 'a,b'], '--exclude-namespace'],
    [['-repository', 'acme'], '--backup REGISTRY/REPOSITORY'],
    [['--leader-elect'], 'run one replica'],
    [['--metrics-bind-address', ':8080'], '--listen'],
  ])('%j', async (flags, cure) => {
    const { exitCode, stderr, stdout } = await runCli(['watch', ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(cure);
    expect(stderr + stdout).not.toContain('p4ssw0rd');
  });
});
