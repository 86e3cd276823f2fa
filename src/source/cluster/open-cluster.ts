import { existsSync } from 'node:fs';
import { HoldfastError } from '../../error.ts';
import { ClusterError, requestJson, streamLines } from './requests.ts';

/** How a cluster is found. */
export interface ClusterOptions {
  /** Files of a kubeconfig, first wins for its current context (`KUBECONFIG`, or `~/.kube/config`). */
  readonly kubeconfigs: readonly string[];
  /** Null: the current one, or in a Pod without a kubeconfig the cluster itself. */
  readonly context: string | null;
  readonly signal?: AbortSignal;
}

export interface WatchListener {
  readonly onOpen: () => void;
  readonly onEvent: (event: unknown) => void;
}

/** The read side of one API server. Nothing here can write. */
export interface Cluster {
  /** The context's name, or `in-cluster`. */
  readonly name: string;
  /** GET of a path such as `/apis/apps/v1/deployments?limit=500`; the parsed JSON. Throws `ClusterError`. */
  get(path: string, signal?: AbortSignal): Promise<unknown>;
  /**
   * GET of a watch: each line is one parsed JSON event, until the server ends the stream; `onOpen` is told when it has
   * begun. Throws `ClusterError` for an answer that is not 200, and whatever breaks the connection.
   */
  watch(path: string, hear: WatchListener, signal: AbortSignal): Promise<void>;
}

/** Finds the cluster and its credentials; asks nothing yet. Throws `usage` when there is none. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { name, prepare, withFresh } = await connectCluster(options);
  return {
    name,
    get: (path, signal) => withFresh(async () => requestJson(await prepare(path), signal ?? options.signal)),
    watch: (path, { onOpen, onEvent }, signal) =>
      withFresh(async () => {
        const onLine = (line: string): void => onEvent(JSON.parse(line));
        return streamLines(await prepare(path), { onOpen, onLine }, signal);
      }),
  };
}

/** A cluster's address, and its credentials as they are at each request. */
export async function connectCluster(options: ClusterOptions) {
  let found = await findCluster(options);
  const prepare = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const settings = { headers: { accept: 'application/json', ...headers } };
    // Asked for each request: a token in a file, or from a program, may have been renewed.
    await found.config.applyToHTTPSOptions(settings);
    return { url: new URL(found.server + path), settings };
  };
  /** Credentials that are refused may have been replaced on disk since they were read. */
  const withFresh = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ClusterError && error.status === 401)
        found = await findCluster(options).catch(() => found);
      throw error;
    }
  };
  return { name: found.name, prepare, withFresh };
}

async function findCluster(options: ClusterOptions) {
  const { KubeConfig } = await import('./kubernetes.ts');
  const config = new KubeConfig();
  const files = options.kubeconfigs.filter((file) => existsSync(file));
  const [first, ...others] = files;
  if (first !== undefined) {
    loadFile(config, first);
    for (const file of others) {
      const other = new KubeConfig();
      loadFile(other, file);
      // As kubectl has it: of two with one name the first counts. The client takes the second for a mistake.
      other.clusters = other.clusters.filter(isNewTo(config.clusters));
      other.users = other.users.filter(isNewTo(config.users));
      other.contexts = other.contexts.filter(isNewTo(config.contexts));
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
  const name = first === undefined ? 'in-cluster' : config.getCurrentContext();
  return { config, server: server.replace(/\/+$/, ''), name };
}

function isNewTo(known: readonly { readonly name: string }[]) {
  return ({ name }: { readonly name: string }): boolean => known.every((one) => one.name !== name);
}

/** What a parser says of a file may show a piece of it, and a kubeconfig holds secrets. */
function loadFile(config: { loadFromFile(file: string): void }, file: string): void {
  try {
    config.loadFromFile(file);
  } catch {
    throw new HoldfastError(
      'usage',
      `${file} is no kubeconfig that can be read: correct it, or name another in KUBECONFIG.`,
    );
  }
}
