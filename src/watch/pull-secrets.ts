import { type Clock, type Credentials, findDockerCredentials, parseDockerConfig } from '../registry/index.ts';
import type { Cluster } from '../source/index.ts';
import type { LiveUse } from './picture.ts';
import type { WatchedImage } from './types.ts';

/** How long an object that was read counts; a Secret may be renewed at any time. */
const lifetime = 5 * 60_000;

export interface PullSecretsOptions {
  readonly cluster: Pick<Cluster, 'get'>;
  readonly clock: Clock;
  readonly images: () => readonly WatchedImage[];
  /** Told once for each object that cannot be read. */
  readonly onProblem: (object: string, error: unknown) => void;
}

/**
 * What the workloads themselves pull with: the Secrets that their pod specs and ServiceAccounts name. For a repository
 * only those of the workloads that run something of it are read, and only for pulls; none is kept longer than needed.
 */
export class PullSecrets {
  readonly #options: PullSecretsOptions;
  readonly #read = new Map<string, { readonly until: number; readonly object: Promise<unknown> }>();
  readonly #told = new Set<string>();
  /** What was ever handed out, so that no log shows it. */
  readonly #secrets = new Set<string>();

  constructor(options: PullSecretsOptions) {
    this.#options = options;
  }

  /** The first of the workloads' Secrets, by namespace and name, that knows the repository. */
  async find(host: string, repository: string): Promise<Credentials | null> {
    const uses = this.#options.images().flatMap(({ needed }) => {
      const source = needed.step?.source;
      return source?.registry === host && source.repository === repository ? needed.uses : [];
    });
    for (const path of await this.#findSecrets(uses)) {
      const config = toDockerConfig(await this.#get(path));
      if (config === null) continue;
      // A helper is a program: a Secret of anybody names none that we would start.
      for (const entry of findDockerCredentials(config, host, repository))
        if (entry.kind === 'credentials') return this.#remember(entry.credentials);
    }
    return null;
  }

  secrets(): readonly string[] {
    return [...this.#secrets];
  }

  async #findSecrets(uses: readonly LiveUse[]): Promise<readonly string[]> {
    const paths = new Set<string>();
    const accounts = new Set<string>();
    for (const { namespace, pull } of uses) {
      for (const name of pull.secrets) paths.add(pathOf(namespace, 'secrets', name));
      if (pull.serviceAccount !== null)
        accounts.add(pathOf(namespace, 'serviceaccounts', pull.serviceAccount));
    }
    for (const account of accounts) {
      const { imagePullSecrets } = (await this.#get(account)) as { imagePullSecrets?: unknown };
      const namespace = account.split('/')[4] ?? '';
      for (const one of Array.isArray(imagePullSecrets) ? imagePullSecrets : []) {
        const { name } = (one ?? {}) as { name?: unknown };
        if (typeof name === 'string') paths.add(pathOf(namespace, 'secrets', name));
      }
    }
    return [...paths].toSorted();
  }

  /** The object, or an empty one where it may not be read or is not there. */
  async #get(path: string): Promise<object> {
    const { cluster, clock, onProblem } = this.#options;
    const now = clock.now();
    for (const [key, { until }] of this.#read) if (until <= now) this.#read.delete(key);
    let kept = this.#read.get(path);
    if (kept === undefined) {
      kept = { until: now + lifetime, object: cluster.get(path) };
      this.#read.set(path, kept);
    }
    try {
      const object = await kept.object;
      return typeof object === 'object' && object !== null ? object : {};
    } catch (error) {
      if (!this.#told.has(path)) onProblem(path.replace('/api/v1/', ''), error);
      this.#told.add(path);
      return {};
    }
  }

  #remember(credentials: Credentials): Credentials {
    this.#secrets.add(credentials.kind === 'password' ? credentials.password : credentials.token);
    return credentials;
  }
}

function pathOf(namespace: string, plural: string, name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
}

function toDockerConfig(secret: object) {
  const { data } = secret as { data?: Readonly<Record<string, unknown>> };
  const text = data?.['.dockerconfigjson'];
  return typeof text === 'string' ? parseDockerConfig(Buffer.from(text, 'base64').toString('utf8')) : null;
}
