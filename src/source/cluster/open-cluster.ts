import { existsSync } from 'node:fs';
import { request } from 'node:https';
import { HoldfastError } from '../../error.ts';

/** How a cluster is found. */
export interface ClusterOptions {
  /** Files of a kubeconfig, first wins for its current context (`KUBECONFIG`, or `~/.kube/config`). */
  readonly kubeconfigs: readonly string[];
  /** Null: the current one, or in a Pod without a kubeconfig the cluster itself. */
  readonly context: string | null;
  readonly signal?: AbortSignal;
}

/** An answer of the API server that is not 200. `status` 404 may mean that a kind is not served. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The read side of one API server. Nothing here can write. */
export interface Cluster {
  /** The context's name, or `in-cluster`. */
  readonly name: string;
  /** GET of a path such as `/apis/apps/v1/deployments?limit=500`; the parsed JSON. */
  get(path: string): Promise<unknown>;
}

/** Finds the cluster and its credentials; asks nothing yet. Throws `usage` when there is none. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { KubeConfig } = await import('./kubernetes.ts');
  const config = new KubeConfig();
  const files = options.kubeconfigs.filter((file) => existsSync(file));
  const [first, ...others] = files;
  if (first !== undefined) {
    config.loadFromFile(first);
    for (const file of others) {
      const other = new KubeConfig();
      other.loadFromFile(file);
      config.mergeConfig(other, true);
    }
  } else if (existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token')) config.loadFromCluster();
  else
    throw new HoldfastError(
      'usage',
      `No cluster is known: there is no kubeconfig at ${options.kubeconfigs.join(' or ')}, and this is no Pod.`,
    );
  if (options.context !== null) {
    if (config.getContextObject(options.context) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw new HoldfastError(
        'usage',
        `The kubeconfig has no context "${options.context}"; it has ${known.join(', ') || 'none'}.`,
      );
    }
    config.setCurrentContext(options.context);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined)
    throw new HoldfastError(
      'usage',
      'The kubeconfig has no current context; name one with --cluster CONTEXT.',
    );
  const base = server.replace(/\/+$/, '');
  return {
    name: first === undefined ? 'in-cluster' : config.getCurrentContext(),
    async get(path) {
      const url = new URL(base + path);
      const settings = { headers: { accept: 'application/json' } };
      await config.applyToHTTPSOptions(settings);
      return getJson(url, settings, options.signal);
    },
  };
}

function getJson(url: URL, settings: object, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...settings, method: 'GET', ...(signal && { signal }) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const status = answer.statusCode ?? 0;
        try {
          const parsed: unknown = JSON.parse(body);
          if (status === 200) return resolve(parsed);
          const { message } = parsed as { message?: unknown };
          return reject(new ClusterError(status, typeof message === 'string' ? message : `HTTP ${status}`));
        } catch {
          return reject(new ClusterError(status, `the API server answered HTTP ${status} without JSON`));
        }
      });
    });
    asked.on('error', (error) =>
      reject(
        signal?.aborted === true
          ? error
          : new HoldfastError(
              'access',
              `The API server at ${url.origin} cannot be reached: ${error.message}.`,
              {
                cause: error,
              },
            ),
      ),
    );
    asked.end();
  });
}
