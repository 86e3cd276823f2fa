import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type Digest, findTagProblem } from '../reference/index.ts';
import { headBlob, headBlobSize, openBlob, openBlobAt } from './blob-requests.ts';
import { mountBlob, putBlob, startUpload, type UploadSession } from './blob-upload.ts';
import type { Clock } from './clock.ts';
import { probeDigestCheck } from './digest-probe.ts';
import type { Endpoint } from './endpoint.ts';
import { getManifest, headManifest, type ManifestTarget, putManifest } from './manifest-requests.ts';
import { getPages } from './page-requests.ts';
import { PieceLimit } from './piece-limit.ts';
import { PullFloor } from './pull-floor.ts';
import { findQuirks } from './quirks.ts';
import { listReferrers, ReferrersApi } from './referrer-requests.ts';
import { RegistryError } from './registry-error.ts';
import { mergeScopes, type Scopes, scopeOf } from './scopes.ts';
import type {
  BlobProof,
  Descriptor,
  ManifestHead,
  RateLimit,
  RawManifest,
  Registry,
  RegistryUse,
} from './types.ts';
import { untilAborted } from './until-aborted.ts';

interface ClientOptions {
  readonly host: string;
  readonly use: RegistryUse;
  readonly own: Endpoint;
  /** Asked before the registry itself, in order; `prefix`, with its slash, stands before repositories' names there. */
  readonly mirrors: readonly { readonly endpoint: Endpoint; readonly prefix: string }[];
  readonly clock: Clock;
  readonly idleTimeout: number;
  readonly stopAt: number;
  /** Makes a missing repository; null where that is not wished or not possible. */
  readonly createRepository: ((repository: string, signal: AbortSignal | undefined) => Promise<void>) | null;
}

/** Started uploads that wait for their bytes; more than this are forgotten. */
const mostSessions = 1000;
/** Bytes of a chunk where a registry does not take a blob in one piece. */
const usualChunk = 8 * 1024 * 1024;

/** The OCI Distribution protocol of one registry for one use. */
export class RegistryClient implements Registry {
  readonly host: string;
  readonly hasMirrors: boolean;
  readonly #options: ClientOptions;
  readonly #sessions = new Map<string, UploadSession>();
  readonly #created = new Map<string, Promise<void>>();
  #verifies: Promise<boolean> | null = null;
  readonly #referrersApi: ReferrersApi;
  readonly #pieces: PieceLimit;
  readonly #pulls: PullFloor;

  constructor(options: ClientOptions) {
    this.host = options.host;
    this.hasMirrors = options.mirrors.length > 0;
    this.#options = options;
    this.#referrersApi = new ReferrersApi(
      findQuirks(options.host).every((quirk) => quirk.hasReferrersApi !== false),
    );
    const rule = findQuirks(options.host).find(({ chunkSize }) => chunkSize !== undefined);
    this.#pieces = new PieceLimit(rule?.chunkSize ?? usualChunk);
    this.#pulls = new PullFloor(options.own, options.stopAt, options.clock);
  }

  async ping(signal?: AbortSignal): Promise<void> {
    const scopes: Scopes = new Map();
    const { own } = this.#options;
    await own.send({
      method: 'GET',
      target: '/v2/',
      repository: '',
      scopes,
      accept: [200],
      isBrief: true,
      signal,
    });
  }

  rateLimit(): RateLimit | null {
    return this.#options.own.rateLimit();
  }

  pullsLeft(): number | null {
    return this.#pulls.left();
  }

  verifiesDigests(repository: string, signal?: AbortSignal): Promise<boolean> {
    this.#verifies ??= this.#probe(repository);
    return untilAborted(this.#verifies, signal);
  }

  headManifest(
    repository: string,
    name: string,
    signal?: AbortSignal,
    asked: 'mirrors' | 'itself' = 'mirrors',
  ): Promise<ManifestHead | null> {
    const isOfBackup = this.#options.use === 'push' || this.#options.use === 'read';
    const ask = (target: ManifestTarget) => headManifest(target, name, isOfBackup);
    return asked === 'itself' ? ask(this.#target(repository, signal)) : this.#pull(repository, signal, ask);
  }

  getManifest(repository: string, name: string, signal?: AbortSignal): Promise<RawManifest | null> {
    return this.#pull(repository, signal, (target) => {
      const get = () => getManifest(target, name);
      return target.endpoint === this.#options.own ? this.#pulls.pull(repository, get) : get();
    });
  }

  headBlob(repository: string, blob: Descriptor, signal?: AbortSignal): Promise<boolean> {
    return headBlob(this.#target(repository, signal), blob);
  }

  headBlobSize(repository: string, digest: Digest, signal?: AbortSignal): Promise<number | null> {
    return this.#pull(repository, signal, (target) => headBlobSize(target, digest));
  }

  openBlob(
    repository: string,
    blob: Descriptor,
    signal?: AbortSignal,
    proof: BlobProof = 'digest',
    wasWrong = false,
  ): Promise<Readable> {
    const { host: registry, clock, idleTimeout } = this.#options;
    let asksItself = wasWrong;
    let last = -1;
    return openBlob({ registry, repository, clock, idleTimeout, signal }, blob, proof, (offset, stop) => {
      asksItself ||= offset === last;
      last = offset;
      const open = (target: ManifestTarget) => openBlobAt(target, blob, offset, idleTimeout);
      return this.#pull(repository, stop, open, asksItself).catch((error) =>
        this.#openAtPublisher(repository, blob, offset, stop, error),
      );
    });
  }

  async putBlob(
    repository: string,
    blob: Descriptor,
    open: (signal: AbortSignal, wasWrong: boolean) => Promise<Readable>,
    signal?: AbortSignal,
  ): Promise<void> {
    this.#checkName(repository);
    const target = this.#target(repository, signal);
    const key = `${repository} ${blob.digest}`;
    let session = this.#sessions.get(key) ?? null;
    this.#sessions.delete(key);
    session ??= await this.#creating(repository, signal, () => startUpload(target));
    await putBlob(target, blob, open, session, this.#pieces);
  }

  async mountBlob(
    repository: string,
    blob: Descriptor,
    from: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    this.#checkName(repository);
    const scopes = mergeScopes(scopeOf(repository, 'pull', 'push'), scopeOf(from, 'pull'));
    const target = { ...this.#target(repository, signal), scopes };
    const outcome = await mountBlob(target, blob, from);
    if (outcome === null) return true;
    if (outcome === 'refused') return false;
    if (this.#sessions.size < mostSessions) this.#sessions.set(`${repository} ${blob.digest}`, outcome);
    return false;
  }

  async putManifest(
    repository: string,
    name: string,
    manifest: RawManifest,
    signal?: AbortSignal,
  ): Promise<void> {
    this.#checkName(repository);
    const target = this.#target(repository, signal);
    await this.#creating(repository, signal, () => putManifest(target, name, manifest));
  }

  async listReferrers(
    repository: string,
    digest: Digest,
    signal?: AbortSignal,
    tags: ReadonlySet<string> | null = null,
  ): Promise<readonly Descriptor[]> {
    return listReferrers(this.#target(repository, signal), digest, this.#referrersApi, tags);
  }

  async listTags(repository: string, signal?: AbortSignal): Promise<readonly string[]> {
    const path = `/v2/${repository}/tags/list`;
    const pages = await getPages(this.#target(repository, signal), path, 'application/json');
    const tags = new Set<string>();
    for (const { tags: page } of pages ?? [])
      if (Array.isArray(page)) for (const tag of page) if (isTag(tag)) tags.add(tag);
    return [...tags].toSorted();
  }

  async deleteManifest(
    repository: string,
    digest: Digest,
    signal?: AbortSignal,
    tags: readonly string[] = [],
  ): Promise<void> {
    const { own } = this.#options;
    const rules = findQuirks(this.host);
    const otherWay = rules.find(({ howToDelete }) => howToDelete !== undefined)?.howToDelete;
    if (otherWay !== undefined)
      throw own.error('unsupported', `it does not delete by its API: ${otherWay}`, { repository });
    const first = rules.some(({ deletesTagsFirst }) => deletesTagsFirst === true) ? tags : [];
    for (const name of [...first, digest]) await this.#delete(repository, name, signal);
  }

  async #delete(repository: string, name: string, signal: AbortSignal | undefined): Promise<void> {
    const scopes = scopeOf(repository, 'delete', 'pull', 'push');
    const path = `/v2/${repository}/manifests/${name}`;
    const { own } = this.#options;
    const answer = await own.send({
      method: 'DELETE',
      target: path,
      repository,
      scopes,
      accept: [200, 202, 204, 404, 405],
      signal,
    });
    if (answer.status !== 405) return;
    throw own.error(
      'unsupported',
      'it does not delete by its API: enable that (CNCF distribution: storage.delete.enabled), or delete by its own means',
      {
        repository,
        status: 405,
      },
    );
  }

  /** A foreign layer is often where its `urls` say, and not in its registry. They are guarded as redirects are. */
  async #openAtPublisher(
    repository: string,
    blob: Descriptor,
    offset: number,
    signal: AbortSignal | undefined,
    missing: unknown,
  ): Promise<IncomingMessage> {
    const { urls = [] } = blob;
    if (!(missing instanceof RegistryError) || missing.code !== 'not-found' || urls.length === 0)
      throw missing;
    const { own, idleTimeout } = this.#options;
    let problem = '';
    for (const text of urls) {
      try {
        const url = own.resolveUrl(text, own.base, repository);
        return await openBlobAt(this.#target(repository, signal), blob, offset, idleTimeout, url);
      } catch (error) {
        if (!(error instanceof RegistryError) || error.code === 'interrupted') throw error;
        problem = error.message;
      }
    }
    throw own.error('not-found', `the foreign layer ${blob.digest} is not there, nor at its publisher`, {
      repository,
      detail: problem,
    });
  }

  /** What cannot be found out is not proven. */
  async #probe(repository: string): Promise<boolean> {
    try {
      return await probeDigestCheck(this.#target(repository, this.#options.own.closing));
    } catch (error) {
      if (error instanceof RegistryError) return false;
      throw error;
    }
  }

  #target(repository: string, signal: AbortSignal | undefined, endpoint = this.#options.own): ManifestTarget {
    // A run has one signal, and as many listeners to it as requests: no leak, and no warning on stderr.
    if (signal !== undefined) setMaxListeners(0, signal);
    const actions = this.#options.use === 'push' ? ['pull', 'push'] : ['pull'];
    return { endpoint, repository, scopes: scopeOf(repository, ...actions), signal };
  }

  /** Asks the mirrors in order, then the registry; or the registry first, and the mirrors where it fails. */
  async #pull<T>(
    repository: string,
    signal: AbortSignal | undefined,
    ask: (target: ManifestTarget) => Promise<T>,
    asksItself = false,
  ): Promise<T> {
    const itself = (): Promise<T> => ask(this.#target(repository, signal));
    const mirrors = (): Promise<T | null> => this.#askMirrors(repository, signal, ask);
    if (!asksItself) return (await mirrors()) ?? itself();
    try {
      return await itself();
    } catch (error) {
      const found = await mirrors();
      if (found === null) throw error;
      return found;
    }
  }

  /** One that fails, or does not have it, is passed over. */
  async #askMirrors<T>(
    repository: string,
    signal: AbortSignal | undefined,
    ask: (target: ManifestTarget) => Promise<T>,
  ): Promise<T | null> {
    for (const { endpoint, prefix } of this.#options.mirrors) {
      try {
        const found = await ask(this.#target(`${prefix}${repository}`, signal, endpoint));
        if (found !== null) return found;
      } catch (error) {
        if (!(error instanceof RegistryError) || error.code === 'interrupted') throw error;
      }
    }
    return null;
  }

  async #creating<T>(
    repository: string,
    signal: AbortSignal | undefined,
    write: () => Promise<T>,
  ): Promise<T> {
    const create = this.#options.createRepository;
    try {
      return await write();
    } catch (error) {
      if (create === null || !(error instanceof RegistryError) || error.code !== 'not-found') throw error;
      let creation = this.#created.get(repository);
      if (creation === undefined) {
        creation = create(repository, signal);
        this.#created.set(repository, creation);
      }
      await creation;
      return write();
    }
  }

  #checkName(repository: string): void {
    for (const { findNameProblem } of findQuirks(this.host)) {
      const problem = findNameProblem?.(repository) ?? null;
      if (problem !== null) throw this.#options.own.error('refused', problem, { repository });
    }
  }
}

function isTag(tag: unknown): tag is string {
  return typeof tag === 'string' && findTagProblem(tag) === null;
}
