import type { PageImage, PageModel, PageStatus } from '../../src/report/index.ts';

const statuses: readonly PageStatus[] = [
  'safe',
  'safe',
  'safe',
  'safe',
  'waiting',
  'failed',
  'private',
  'left-alone',
];
const upstreams = ['available', 'available', 'moved', 'available', 'unknown', 'gone', 'private', 'available'];

/** A page of `count` images in every state. The first is an attempt to be markup. */
export function samplePage(count: number, at: number): PageModel {
  const images = Array.from({ length: count }, (_, index): PageImage => {
    const status = statuses[index % statuses.length] ?? 'safe';
    const name =
      index === 0
        ? '</script><img src=x onerror=alert(1)>'
        : `ghcr.io/acme/service-${index}:1.${index % 40}.0`;
    const digest = `sha256:${index.toString(16).padStart(64, '0')}`;
    return {
      name,
      canonical: name,
      status,
      reason: status === 'failed' ? 'unreachable' : null,
      why:
        status === 'failed'
          ? 'ghcr.io/acme/service: the connection was refused: is the registry running, and the port right?'
          : null,
      advice: index % 7 === 3 ? 'it is rendered by the Helm release web; set the image in its values.' : null,
      backup: {
        reference: status === 'safe' ? `registry.corp/backup/${name}` : null,
        digest: status === 'safe' ? digest : null,
        platforms: ['linux/amd64', 'linux/arm64'],
        bytes: 12_000_000,
        provenAt: status === 'safe' ? at - index * 1000 : null,
        warnings: [],
      },
      upstream:
        status === 'left-alone'
          ? null
          : {
              state: upstreams[index % upstreams.length] ?? 'available',
              digest,
              problem: null,
              checkedAt: at - 60_000,
            },
      places: Array.from({ length: 1 + (index % 4) }, (_unused, place) => ({
        where: `Deployment team-${index % 9}/service-${index}-${place}`,
        field: 'spec.template.spec.containers[0].image',
        isSwitched: place === 1,
      })),
      running: [{ digest, containers: 1 + (index % 5), kind: 'index' }],
      owners: ['Application argocd/shop'],
      requests: index % 3 === 0 ? [0] : [],
      history: [
        { at: at - 120_000, what: 'seen in the cluster' },
        { at: at - 60_000, what: `copied to registry.corp/backup/${name}` },
      ],
    };
  });
  return {
    subject: 'cluster production',
    backup: 'registry.corp/backup',
    daemon: { startedAt: at - 3_600_000, at, mode: 'eager', isSynced: true },
    notices: [
      'Nothing could be proposed to https://github.com/acme/gitops.git: GitHub does not accept the token.',
    ],
    images,
    requests: [
      {
        repository: 'https://github.com/acme/gitops.git',
        branch: 'main',
        state: 'created',
        url: 'https://github.com/acme/gitops/pull/7',
        number: 7,
        explanation: null,
      },
    ],
  };
}
