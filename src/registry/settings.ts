import type { Clock } from './clock.ts';

/** A user's name and password, or an identity token that is changed for access tokens (Docker's `identitytoken`). */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity-token'; readonly token: string };

/** How one registry is reached; the contract's `registries:` entry. Secrets are held, never printed. */
export interface RegistrySettings {
  /** `https://10.0.0.8:5000`, or `http://…` for plain HTTP. Credentials stay those of the registry's own name. */
  readonly endpoint?: string;
  readonly plainHttp?: boolean;
  /**
   * URLs, tried in order before the registry itself; pulls only. Each has credentials of its own host. A path is the
   * start of repositories' names there: `https://harbor.corp/hub-proxy` has `hub-proxy/library/nginx`.
   */
  readonly mirrors?: readonly string[];
  readonly caFile?: string;
  readonly clientCert?: { readonly cert: string; readonly key: string };
  readonly username?: string;
  readonly password?: string;
  /** Instead of `username` and `password` when pushing. */
  readonly push?: { readonly username: string; readonly password: string };
  /** Pulls that are left to others where the registry counts them (Docker Hub). Default 0. */
  readonly stopAt?: number;
}

/** AWS credentials for `createRepositories`, as in the AWS_* environment variables. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type OnWait = (registry: string, until: Date, why: string, kind: 'waiting' | 'passed-over') => void;

/** What `openRegistries` is given. Nothing is read from the environment here: the faces do. */
export interface RegistriesOptions {
  /** By host, as in an `ImageReference`: `docker.io`, `localhost:5000`. */
  readonly settings?: Readonly<Record<string, RegistrySettings>>;
  /**
   * Docker `config.json` and podman `auth.json` files; the first that knows a host wins, absent ones are passed over.
   * With DOCKER_CONFIG that is `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`.
   */
  readonly credentialFiles?: readonly string[];
  /** By host, after settings and files: `GITHUB_TOKEN` for ghcr.io, Kubernetes pull secrets. */
  readonly credentials?: Readonly<Record<string, Credentials>>;
  /** Asked after all of these, for pulls alone, and at each request that needs it: what it answers may change. */
  readonly pullCredentials?: (host: string, repository: string) => Promise<Credentials | null>;
  /** The environment that credential helpers are started with; they need PATH and HOME. */
  readonly helperEnvironment?: Readonly<Record<string, string | undefined>>;
  /** Names the proxy for a URL, '' for none. Default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. */
  readonly proxyFor?: (url: string) => string;
  /** Most connections to one registry, pulls and pushes counted apart. Default 16. */
  readonly connections?: number;
  /**
   * Milliseconds without a byte after which a connection is cut. Default 60 000; of a manifest, and of other things that
   * a registry has at hand, the head is waited for 20 000 at most, and 10 000 at a mirror.
   */
  readonly idleTimeout?: number;
  /** Create a missing ECR repository before the first upload to it. Asked when one is missing; may throw. */
  readonly createRepositories?: () => AwsCredentials;
  /** Where the ECR API answers instead of at AWS (a VPC end point). */
  readonly ecrApi?: string;
  /**
   * Told when requests to a registry wait, or when a mirror that does not answer is passed over, until when, and why.
   */
  readonly onWait?: OnWait;
  readonly userAgent?: string;
  readonly clock?: Clock;
}
