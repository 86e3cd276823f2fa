import type { Readable } from 'node:stream';
import type { Digest } from '../reference/index.ts';

/** OCI image-spec descriptor.md; only what copying needs. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly platform?: {
    readonly os: string;
    readonly architecture: string;
    readonly variant?: string;
    readonly 'os.version'?: string;
  };
  readonly urls?: readonly string[];
}

/** An image manifest or index exactly as the registry sent it. `digest` is computed from `bytes`. */
export interface RawManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** What the registry answered to a HEAD of a manifest. */
export interface ManifestHead {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Why a registry did not do what was asked. `unauthorized` (401) and `denied` (403) ask for credentials or rights;
 * `not-found` 404; `rate-limited` 429; `unavailable`: connection, time-out or 5xx after all retries;
 * `invalid`: an answer that breaks the protocol (wrong digest, size, media type, too large, unsafe redirect);
 * `refused`: any other 4xx; `unsupported`: an image form that is not copied; `interrupted`: the run was stopped.
 */
export type RegistryErrorCode =
  | 'unauthorized'
  | 'denied'
  | 'not-found'
  | 'rate-limited'
  | 'unavailable'
  | 'unreachable'
  | 'name-not-resolved'
  | 'tls'
  | 'invalid'
  | 'refused'
  | 'unsupported'
  | 'interrupted';

/** What a registry said of its pulls (Docker Hub's `ratelimit-limit` and `ratelimit-remaining`), last heard. */
export interface RateLimit {
  readonly limit: number | null;
  readonly remaining: number;
  /** The sliding window that both numbers count in; null when it was not told. */
  readonly windowSeconds: number | null;
}

/**
 * How the bytes of a blob are proven. `digest`: size and digest are checked here, before the last byte is handed
 * out. `size`: only the size is checked here, for blobs that go to a registry that refuses a wrong digest itself
 * (`Registry.verifiesDigests`); hashing costs 0.35 s a GiB of the one thread.
 */
export type BlobProof = 'digest' | 'size';

/** One registry. Every method may throw `RegistryError`; every byte it hands out is bounded. */
export interface Registry {
  /** Canonical host, as in an `ImageReference`. */
  readonly host: string;
  /** What it does not give may come from a mirror: what is left of its pulls does not tell what can be had. */
  readonly hasMirrors: boolean;
  /** One request that needs what every other needs: that it is there, speaks the protocol, takes our credentials. */
  ping(signal?: AbortSignal): Promise<void>;
  /** Null until the registry has told. Costs no request. */
  rateLimit(): RateLimit | null;
  /** What it told last of its pulls, above the floor that is kept; those under way may be counted in it. Null until it told. */
  pullsLeft(): number | null;
  /**
   * True when the registry was seen in this run to refuse bytes that do not match their digest (one tiny upload
   * that must end in 400 DIGEST_INVALID; nothing is tagged). Asked once per registry, whoever asks. Worth its two
   * requests where there is much to copy.
   */
  verifiesDigests(repository: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Null when the registry says that it is not there (404). `itself`: its mirrors, which may go on serving what it no
   * longer has, are not asked.
   */
  headManifest(
    repository: string,
    tagOrDigest: string,
    signal?: AbortSignal,
    asked?: 'mirrors' | 'itself',
  ): Promise<ManifestHead | null>;
  /** The body is at most 4 MiB (distribution-spec § Pulling manifests), its digest checked. Null when 404. */
  getManifest(repository: string, tagOrDigest: string, signal?: AbortSignal): Promise<RawManifest | null>;
  /** True when the blob is there with that size. */
  headBlob(repository: string, blob: Descriptor, signal?: AbortSignal): Promise<boolean>;
  /** For schema 1 alone, which names no sizes. Null when the blob is not there, or its size is not told. */
  headBlobSize(repository: string, digest: Digest, signal?: AbortSignal): Promise<number | null>;
  /**
   * A stream of exactly `blob.size` bytes; resumes by Range when cut or stalled, errors when it cannot. Proven by
   * digest unless `proof` says otherwise. It holds a connection until it is read to its end or destroyed. Its mirrors
   * are asked last once one of them gave nothing after a cut, or where `wasWrong` says that what came was not the blob.
   */
  openBlob(
    repository: string,
    blob: Descriptor,
    signal?: AbortSignal,
    proof?: BlobProof,
    wasWrong?: boolean,
  ): Promise<Readable>;
  /**
   * `open` is called again for each new attempt; what its stream throws is thrown here as it is. The registry's
   * digest check, or that of `open`'s stream, proves the bytes; `wasWrong` once they were not right.
   */
  putBlob(
    repository: string,
    blob: Descriptor,
    open: (signal: AbortSignal, wasWrong: boolean) => Promise<Readable>,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * True when the registry mounted it (201); false when it wants the bytes (202, any 4xx, a 5xx that lasts). The upload
   * that a 202 has started is kept for the next `putBlob` of the same blob, which so saves its first request.
   */
  mountBlob(repository: string, blob: Descriptor, from: string, signal?: AbortSignal): Promise<boolean>;
  /** Bytes as they are. Throws `invalid` when the registry names another digest. */
  putManifest(
    repository: string,
    tagOrDigest: string,
    manifest: RawManifest,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * Manifests that name `digest` as their subject: the referrers API, else the fallback tag. `tags`: all that the
   * repository has, when they are known; a fallback tag that is not among them is not asked for.
   */
  listReferrers(
    repository: string,
    digest: Digest,
    signal?: AbortSignal,
    tags?: ReadonlySet<string> | null,
  ): Promise<readonly Descriptor[]>;
  listTags(repository: string, signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Deletes the manifest and with it the `tags` that name it. Throws `unsupported`, with the registry's own way, where
   * the API cannot. What is not there is no error.
   */
  deleteManifest(
    repository: string,
    digest: Digest,
    signal?: AbortSignal,
    tags?: readonly string[],
  ): Promise<void>;
}

/**
 * What a registry is opened for: pull and push credentials may differ, and only pulls go to mirrors. `anonymous`
 * pulls without credentials whatever we hold: what it finds is public. `read` is for backups: a pull from the registry
 * itself alone, as what a mirror still serves proves nothing.
 */
export type RegistryUse = 'pull' | 'read' | 'push' | 'anonymous';

/** Opens each registry once; pools, tokens and slow-downs are shared by all who ask. */
export interface Registries {
  open(host: string, use: RegistryUse): Registry;
  /**
   * Most connections to one registry, downloads and all else counted apart. No more blobs may be moved at a time: each
   * holds one of either kind.
   */
  readonly connections: number;
  /** Closes the connections, so that the process can end. */
  close(): void;
}
