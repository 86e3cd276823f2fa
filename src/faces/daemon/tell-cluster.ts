import type { Clock } from '../../registry/index.ts';
import type { EventWriter, WorkloadEvent } from '../../source/index.ts';
import { familiar, type LiveUse, type WatchEvents } from '../../watch/index.ts';

type Told = Pick<WorkloadEvent, 'type' | 'reason' | 'message'>;

/** An Event lives for an hour in the API server, if nobody says otherwise: the same is told again after half of it. */
const pause = 30 * 60_000;
/** What waits to be written; more than that is not told, as nothing depends on it. */
const longestQueue = 2000;

export interface TellOptions {
  readonly writer: EventWriter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Takes out what must not be shown. */
  readonly hide: (text: string) => string;
  /** Told for the first of failures in a row. */
  readonly onProblem: (error: unknown) => void;
}

/** Kubernetes Events about each workload whose image was copied, was not, is gone upstream, or is proposed. */
export function tellCluster({ writer, clock, signal, hide, onProblem }: TellOptions): WatchEvents {
  const told = new Map<string, { readonly at: number; readonly count: number }>();
  const queue: WorkloadEvent[] = [];
  let isWriting = false;
  let isFailing = false;

  const write = async (): Promise<void> => {
    if (isWriting) return;
    isWriting = true;
    for (let event = queue.shift(); event !== undefined && !signal.aborted; event = queue.shift()) {
      try {
        await writer.write(event, signal);
        isFailing = false;
      } catch (error) {
        if (!isFailing && !signal.aborted) onProblem(error);
        isFailing = true;
      }
    }
    isWriting = false;
  };

  const tell = (uses: readonly LiveUse[], what: Told): void => {
    const at = clock.now();
    for (const [key, last] of told) if (at - last.at > 2 * pause) told.delete(key);
    const message = hide(what.message);
    for (const regarding of findObjects(uses)) {
      const key = JSON.stringify([regarding, what.reason, message]);
      const last = told.get(key);
      if ((last !== undefined && at - last.at < pause) || queue.length >= longestQueue) continue;
      const count = (last?.count ?? 0) + 1;
      told.set(key, { at, count });
      queue.push({ ...what, message, regarding, at, count });
    }
    void write();
  };

  return {
    onPicture() {},
    onKind() {},
    onCopied(outcome, uses) {
      const image = familiar(outcome.step.canonical);
      if ('error' in outcome)
        tell(uses, {
          type: 'Warning',
          reason: 'ImageNotCopied',
          message: `${image} is not in the backup: ${outcome.error.message}`,
        });
      else if (outcome.status === 'copied') {
        const { registry, repository } = outcome.step.backup;
        const message = `${image} was copied to ${registry}/${repository}:${outcome.tag}@${outcome.digest}`;
        tell(uses, { type: 'Normal', reason: 'ImageCopied', message });
      }
    },
    onUpstream(canonical, _before, { state, problem }, uses) {
      if (state !== 'gone') return;
      const message = `${familiar(canonical)} is gone upstream: ${problem ?? 'it is not there.'}`;
      tell(uses, { type: 'Warning', reason: 'ImageGone', message });
    },
    onLost(canonical, digest, uses) {
      const message = `${familiar(canonical)} is no longer upstream as it runs: its tag moved on from ${digest}`;
      tell(uses, { type: 'Warning', reason: 'ImageGone', message });
    },
    onProposed(repository, operation, url, uses) {
      if (operation !== 'created' && operation !== 'updated') return;
      const message = `The backup of its images is proposed: ${url ?? repository}`;
      tell(uses, { type: 'Normal', reason: 'BackupProposed', message });
    },
    onIgnored() {},
    onProblem() {},
  };
}

/** Each object once: what made the Pod, where that is known. */
function findObjects(uses: readonly LiveUse[]): readonly WorkloadEvent['regarding'][] {
  const found = new Map<string, WorkloadEvent['regarding']>();
  for (const { workload, kind, namespace, name, uid } of uses) {
    const { apiVersion, ...object } = workload ?? { apiVersion: 'v1', kind, namespace, name, uid };
    const { kind: own, namespace: space, name: called, uid: id } = object;
    // A cluster-wide object has no namespace that its Event could stand in.
    if (space === '') continue;
    found.set(`${own} ${space}/${called}`, {
      apiVersion,
      kind: own,
      namespace: space,
      name: called,
      uid: id,
    });
  }
  return [...found.values()];
}
