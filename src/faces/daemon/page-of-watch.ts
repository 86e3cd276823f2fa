import type { PageImage, PageModel, PageRequest, PageStatus } from '../../report/index.ts';
import {
  familiar,
  findAdvice,
  type LiveUse,
  type OtherImage,
  type WatchedImage,
  type WatchSnapshot,
} from '../../watch/index.ts';

/** What the daemon knows, as its page and `/api/images` show it. */
export function pageOfWatch(snapshot: WatchSnapshot): PageModel {
  const { cluster, backup, startedAt, at, mode, isSynced, targets } = snapshot;
  const requests = snapshot.proposals.flatMap(toRequests);
  const requestsOf = (canonical: string): number[] =>
    requests.flatMap(({ sources }, index) => (sources.has(canonical) ? [index] : []));
  const advice = findAdvice(targets, snapshot.proposals);
  const images = [
    ...snapshot.images.map((image) =>
      toImage(
        image,
        [...(targets.owners.get(image.canonical) ?? [])].toSorted(),
        requestsOf(image.canonical),
        requestsOf(image.canonical).length > 0 ? null : (advice.get(image.canonical) ?? null),
      ),
    ),
    ...snapshot.others.map(toOther),
  ];
  return {
    subject: `cluster ${cluster}`,
    backup,
    daemon: { startedAt, at, mode, isSynced },
    notices: [
      ...snapshot.kinds.flatMap(({ name, state, problem }) =>
        problem !== null && state !== 'absent' ? [`${name} objects cannot be read: ${problem}`] : [],
      ),
      ...snapshot.proposals.flatMap(({ repository, error }) =>
        error === null ? [] : [`Nothing could be proposed to ${repository}: ${error.message}`],
      ),
      ...snapshot.proposals.flatMap(({ repository, ignored }) =>
        ignored.length === 0
          ? []
          : [`${repository} sets ${ignored.join(', ')} in its own configuration; the daemon's counts.`],
      ),
      ...describeHomeless(snapshot),
    ],
    images: images.toSorted((a, b) => (a.canonical < b.canonical ? -1 : 1)),
    requests: requests.map(({ request }) => request),
  };
}

/** One sentence for all: the page of each image has its own. */
function describeHomeless({ mode, targets: { homeless } }: WatchSnapshot): readonly string[] {
  if (homeless.length === 0 || mode === 'archive') return [];
  const names = homeless.slice(0, 3).map(({ canonical }) => familiar(canonical));
  const more = homeless.length > 3 ? ` and ${homeless.length - 3} more` : '';
  return [
    `Nothing says which repository some objects come from, or no file there can: ${names.join(', ')}${more}. ` +
      'Name it in `repositories:`, or set the image as its row says.',
  ];
}

function toRequests({
  repository,
  branch,
  state,
  requests,
  error,
  sources,
}: WatchSnapshot['proposals'][number]) {
  const known = new Set(sources ?? []);
  const about = (part: Omit<PageRequest, 'repository' | 'branch'>) => ({
    sources: known,
    request: { repository, branch, ...part },
  });
  if (error !== null) return [about({ state, url: null, number: null, explanation: error.message })];
  return requests
    .filter(({ operation }) => operation !== 'none')
    .map(({ operation, url, number, explanation }) => about({ state: operation, url, number, explanation }));
}

function toImage(
  image: WatchedImage,
  owners: readonly string[],
  requests: readonly number[],
  advice: string | null,
): PageImage {
  const { canonical, backup, upstream, running, history, needed } = image;
  const { reference, digest, platforms, bytes, provenAt, warnings } = backup;
  return {
    name: familiar(canonical),
    canonical,
    status: statusOf(image),
    reason: backup.error?.code ?? null,
    why: whyOf(image),
    advice,
    backup: { reference, digest, platforms, bytes, provenAt, warnings },
    upstream: {
      state: upstream.state,
      digest: upstream.digest,
      problem: upstream.problem,
      checkedAt: upstream.checkedAt,
    },
    places: needed.uses.map(toPlace),
    running: running.map((one) => ({ digest: one.digest, containers: one.count, kind: one.kind })),
    owners,
    requests,
    history,
  };
}

function whyOf({ backup, running }: WatchedImage): string | null {
  if (backup.error !== null) return backup.error.message;
  return running.some(({ kind }) => kind === 'gone')
    ? 'What runs is no longer at upstream under this name.'
    : null;
}

function statusOf({ backup }: WatchedImage): PageStatus {
  switch (backup.state) {
    case 'present':
      return 'safe';
    case 'pending':
    case 'copying':
      return 'waiting';
    case 'failed':
      return 'failed';
    case 'private':
      return 'private';
  }
}

function toOther({ image, reason, explanation, uses }: OtherImage): PageImage {
  return {
    name: image,
    canonical: image,
    status: 'left-alone',
    reason,
    why: explanation,
    advice: null,
    backup: { reference: null, digest: null, platforms: [], bytes: 0, provenAt: null, warnings: [] },
    upstream: null,
    places: uses.map(toPlace),
    running: [],
    owners: [],
    requests: [],
    history: [],
  };
}

function toPlace({ kind, namespace, name, field, isSwitched, chain }: LiveUse) {
  return { where: chain ?? `${kind} ${namespace}/${name}`, field, isSwitched };
}
