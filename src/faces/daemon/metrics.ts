import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { CopyOutcome } from '../../copy/index.ts';
import type { RateLimit } from '../../registry/index.ts';
import type { WatchSnapshot } from '../../watch/index.ts';

const backupStates = ['pending', 'copying', 'present', 'failed', 'private'] as const;
const upstreamStates = [
  'unknown',
  'available',
  'moved',
  'gone',
  'private',
  'rate-limited',
  'unreachable',
] as const;

/** What Prometheus is told. Gauges are set from a snapshot when they are asked for; counters as things happen. */
export interface Metrics {
  copied(outcome: CopyOutcome): void;
  proposed(operation: string): void;
  failed(code: string): void;
  succeeded(what: 'picture' | 'copy' | 'proposal', at: number): void;
  reachable(registry: string, isUp: boolean): void;
  limited(registry: string, limit: RateLimit): void;
  /** The text format of Prometheus. */
  render(snapshot: WatchSnapshot | null): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const registers = [register];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers });

  const images = gauge('holdfast_images', 'Images that the cluster depends on, by state of their backup.', [
    'state',
  ]);
  const upstream = gauge('holdfast_upstream_images', 'The same images, by what upstream says.', ['state']);
  const leftAlone = gauge('holdfast_images_left_alone', 'Images that are excluded or cannot be copied.');
  const queue = gauge('holdfast_queue_depth', 'Images whose copy is due.');
  const synced = gauge('holdfast_cluster_synced', '1 when the cluster was read as a whole.');
  const kinds = gauge(
    'holdfast_cluster_kind_synced',
    '1 when objects of this kind, which the API server has, are up to date.',
    ['kind'],
  );
  const requests = gauge('holdfast_pull_requests', 'Pull requests that are open, by repository.', [
    'repository',
  ]);
  const up = gauge('holdfast_registry_up', '1 when the backup registry answered last.', ['registry']);
  const limit = gauge('holdfast_registry_rate_limit_remaining', 'Pulls that a registry says are left.', [
    'registry',
  ]);
  const last = gauge('holdfast_last_success_timestamp_seconds', 'When this went well last.', ['what']);
  const copies = counter('holdfast_copies_total', 'Copies by what became of them.', ['result']);
  const bytes = counter('holdfast_copied_bytes_total', 'Bytes of blobs that were moved to the backup.');
  const failures = counter('holdfast_failures_total', 'What went wrong, by code.', ['code']);
  const proposals = counter('holdfast_proposals_total', 'Pull requests by what was done.', ['operation']);

  // A counter that begins with its first event has no increase for it.
  for (const result of ['copied', 'present', 'failed', 'private']) copies.inc({ result }, 0);

  return {
    copied(outcome) {
      copies.inc({ result: outcome.status });
      if ('error' in outcome) failures.inc({ code: outcome.error.code });
      if ('bytes' in outcome) bytes.inc(outcome.bytes);
    },
    proposed: (operation) => proposals.inc({ operation }),
    failed: (code) => failures.inc({ code }),
    succeeded: (what, at) => last.set({ what }, at / 1000),
    reachable: (registry, isUp) => up.set({ registry }, isUp ? 1 : 0),
    limited: (registry, { remaining }) => limit.set({ registry }, remaining),
    async render(snapshot) {
      for (const state of backupStates)
        images.set(
          { state },
          count(snapshot, ({ backup }) => backup.state === state),
        );
      for (const state of upstreamStates)
        upstream.set(
          { state },
          count(snapshot, (image) => image.upstream.state === state),
        );
      leftAlone.set(snapshot?.others.length ?? 0);
      queue.set(snapshot?.queued ?? 0);
      synced.set(snapshot?.isSynced ? 1 : 0);
      kinds.reset();
      for (const { name, state } of snapshot?.kinds ?? [])
        if (state !== 'absent') kinds.set({ kind: name }, state === 'synced' ? 1 : 0);
      requests.reset();
      // A repository has one for each of its branches that are deployed.
      for (const proposal of snapshot?.proposals ?? []) {
        const open = proposal.requests.filter(({ operation }) =>
          /^(?:created|updated|unchanged)$/.test(operation),
        );
        requests.inc({ repository: proposal.repository }, open.length);
      }
      return register.metrics();
    },
    contentType: register.contentType,
  };
}

function count(
  snapshot: WatchSnapshot | null,
  test: (image: WatchSnapshot['images'][number]) => boolean,
): number {
  return snapshot?.images.filter(test).length ?? 0;
}
