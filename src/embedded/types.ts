import type { RequestRecord, TlsFiles } from './exchange.ts';
import type { Faults } from './fault-plan.ts';

export interface RegistryUser {
  readonly name: string;
  readonly password: string;
  /** May not push or delete. */
  readonly pullOnly?: boolean;
}

/** Who may do what. Without it everybody may do everything. */
export interface RegistryAuth {
  /** `bearer` has its own token end point at `/token`. */
  readonly kind: 'basic' | 'bearer';
  readonly users: readonly RegistryUser[];
  /** Repositories that may be pulled without credentials: all, none (the default) or those that match. */
  readonly anonymousPull?: boolean | RegExp;
  /** `expires_in` of a token, in seconds; 60 by default. Tokens are refused from then on. */
  readonly tokenLifetime?: number;
  /** A token is refused after so many requests: expiry that depends on no clock. */
  readonly tokenUses?: number;
  /** A refused token is challenged for a password, as Harbor does (goharbor/harbor#17930). */
  readonly basicAfterToken?: boolean;
  /** The service that the challenge names; Harbor and GitLab are known by theirs. */
  readonly service?: string;
  /** Identity tokens by user name, for the refresh_token grant. */
  readonly identityTokens?: Readonly<Record<string, string>>;
}

export interface RegistryOptions {
  /** Folder for the bytes of blobs; made when missing. In memory without it. */
  readonly root?: string;
  readonly tls?: TlsFiles;
  readonly auth?: RegistryAuth;
  readonly faults?: Faults;
  /** The referrers API and `oci-subject`; true by default. */
  readonly referrers?: boolean;
  /** DELETE of manifests, tags and blobs; true by default. */
  readonly deletes?: boolean;
  /** False: every mount answers 202, as Artifact Registry may. */
  readonly mounts?: boolean;
  /** A tag that exists is never written again, not even with the same digest (ECR). */
  readonly immutableTags?: boolean;
  /** Accept layers that name `urls`. docker-registry's default, and ours, is to refuse them with 500 UNKNOWN. */
  readonly foreignLayers?: boolean;
  /** Only these repositories exist: a push to another answers 404 NAME_UNKNOWN (ECR). */
  readonly repositories?: readonly string[];
  /** Names may have at most so many segments (Docker Hub: 2); deeper ones answer 400 NAME_INVALID. */
  readonly maxNameSegments?: number;
  /** Docker Hub's pull limit: GETs of manifests count. */
  readonly rateLimit?: { readonly limit: number; readonly remaining: number; readonly windowSeconds: number };
  /** A blob body that is larger in one request answers 413. */
  readonly maxUploadBytes?: number;
  /** `oci-chunk-min-length`; a PATCH that is smaller, and not the last, answers 416. */
  readonly chunkMinLength?: number;
  /** How `Location` of an upload is written; absolute by default. */
  readonly location?: 'absolute' | 'relative';
  /** GET of a blob answers 307 to a second origin, which answers 400 when it is sent an Authorization header (S3). */
  readonly redirectBlobs?: boolean;
  /** Tags per page when the client does not ask for fewer; all by default. */
  readonly tagsPerPage?: number;
  /** Called as a request arrives, before it is served: lets a test move a tag in the middle of a copy. */
  readonly onRequest?: (request: { readonly method: string; readonly path: string }) => void | Promise<void>;
}

/** Which records to count. */
export interface RecordFilter {
  readonly method?: string;
  /** Tried on the path with its query. */
  readonly path?: RegExp;
  readonly status?: number;
}

/** What a registry holds, sorted: two equal snapshots are two equal backups. */
export type RegistrySnapshot = Readonly<
  Record<
    string,
    {
      readonly tags: Readonly<Record<string, string>>;
      readonly manifests: readonly string[];
      readonly blobs: readonly string[];
    }
  >
>;

export interface EmbeddedRegistry {
  /** `http://127.0.0.1:<port>`, or https. */
  readonly url: string;
  /** `127.0.0.1:<port>`: the registry's name in an image reference. */
  readonly host: string;
  /** Every request, in the order of arrival. */
  readonly requests: readonly RequestRecord[];
  /** The second origin's requests, with `redirectBlobs`. */
  readonly storageRequests: readonly RequestRecord[];
  count(filter?: RecordFilter): number;
  /** Bytes of the bodies that were sent. */
  bytesOut(filter?: RecordFilter): number;
  bytesIn(filter?: RecordFilter): number;
  forgetRequests(): void;
  /** A new plan from the next request on. */
  setFaults(faults: Faults): void;
  /** Puts a blob there without a request; gives its digest. */
  addBlob(repository: string, bytes: Buffer): Promise<string>;
  /** Puts a manifest there without a request and without any check; gives its digest. */
  addManifest(repository: string, tag: string | null, mediaType: string, bytes: Buffer): string;
  /** The manifest's bytes, or null. */
  manifest(
    repository: string,
    tagOrDigest: string,
  ): { readonly mediaType: string; readonly bytes: Buffer; readonly digest: string } | null;
  hasBlob(repository: string, digest: string): boolean;
  /** Makes a blob vanish (null) or be other bytes, behind the protocol's back. */
  damageBlob(digest: string, bytes: Buffer | null): Promise<void>;
  snapshot(): RegistrySnapshot;
  /** Upload sessions that were neither finished nor cancelled. */
  openUploads(): number;
  /** Every token that was given so far is refused from now on. */
  revokeTokens(): void;
  connections(): Promise<number>;
  close(): Promise<void>;
}
