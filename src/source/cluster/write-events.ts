import { createHash } from 'node:crypto';
import { type ClusterOptions, connectCluster } from './open-cluster.ts';
import { ClusterError, sendJson } from './requests.ts';

/** Something to tell about one object, as `kubectl describe` shows it. */
export interface WorkloadEvent {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string | null;
  };
  readonly type: 'Normal' | 'Warning';
  /** `ImageCopied`. */
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How often it was told by now, 1 for the first time. */
  readonly count: number;
}

/** The one thing that is ever written to a cluster, opened only where it was asked for. */
export interface EventWriter {
  /** What was told before is counted, not told twice. Throws `ClusterError`. */
  write(event: WorkloadEvent, signal: AbortSignal): Promise<void>;
}

/** Of the API (core/v1 Event). */
const longestMessage = 1024;

export async function openEventWriter(options: ClusterOptions): Promise<EventWriter> {
  const { prepare, withFresh } = await connectCluster(options);
  const send = (method: 'POST' | 'PATCH', path: string, body: object, signal: AbortSignal): Promise<void> =>
    withFresh(async () => {
      const type = method === 'POST' ? 'application/json' : 'application/merge-patch+json';
      await sendJson(await prepare(path, { 'content-type': type }), method, body, signal);
    });
  return {
    async write(event, signal) {
      const { regarding, type, reason, at, count } = event;
      const { namespace, uid, ...object } = regarding;
      const message = event.message.slice(0, longestMessage);
      const name = nameOf(regarding, reason, message);
      const path = `/api/v1/namespaces/${namespace}/events`;
      const lastTimestamp = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
      const body = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: { ...object, namespace, ...(uid === null ? {} : { uid }) },
        type,
        reason,
        message,
        source: { component: 'holdfast' },
        reportingComponent: 'holdfast',
        firstTimestamp: lastTimestamp,
        lastTimestamp,
        count,
      };
      try {
        await send('POST', path, body, signal);
      } catch (error) {
        if (!(error instanceof ClusterError && error.status === 409)) throw error;
        await send('PATCH', `${path}/${name}`, { lastTimestamp, count: Math.max(count, 2) }, signal);
      }
    },
  };
}

/** The same event has the same name, whoever tells it: a restart adds none. */
function nameOf({ kind, name, uid }: WorkloadEvent['regarding'], reason: string, message: string): string {
  const what = createHash('sha256').update(JSON.stringify([kind, name, uid, reason, message]));
  return `${name.slice(0, 200).replace(/[^a-z0-9]+$/, '')}.${what.digest('hex').slice(0, 16)}`;
}
