import type { ImageRule } from '../manifests/index.ts';
import type { Pin } from '../plan/index.ts';
import type { RegistrySettings } from '../registry/index.ts';

export type { RegistrySettings } from '../registry/index.ts';

export interface PullRequestSettings {
  readonly base: string | null;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly teamReviewers: readonly string[];
  readonly assignees: readonly string[];
  readonly milestone: number | null;
  readonly draft: boolean;
  readonly group: 'repository' | 'directory';
  /** Who commits are by that git pushes; null: holdfast's own identity. */
  readonly author: { readonly name: string; readonly email: string } | null;
  /** Open requests at a time, manifests and images in each; null: no limit. */
  readonly maxRequests: number | null;
  readonly maxFiles: number | null;
  readonly maxImages: number | null;
}

/** A repository that the daemon proposes to. */
export interface RepositorySettings {
  readonly url: string;
  /** Empty: the whole repository. */
  readonly path: string;
  readonly branch: string | null;
  readonly namespaces: readonly string[];
}

/** What the daemon does; the contract's `watch:`. */
export interface WatchSettings {
  readonly mode: 'archive' | 'eager' | 'failover';
  /** `:8080`, `127.0.0.1:0`. */
  readonly listen: string;
  readonly upstreamMinutes: number;
  /** Kubernetes Events about workloads are written: the one thing that is. */
  readonly events: boolean;
  /** With `includePrivate`: what Pods and ServiceAccounts pull with is used to read private sources. */
  readonly readPullSecrets: boolean;
}

/** One validated configuration, whatever it came from: flags and Action inputs, environment, file, defaults. */
export interface Config {
  /** `ghcr.io/acme/backup`. Null until a command that needs it says so. */
  readonly backup: string | null;
  readonly naming: string;
  readonly pin: Pin;
  readonly paths: readonly string[];
  readonly exclude: {
    readonly images: readonly string[];
    readonly namespaces: readonly string[];
    readonly paths: readonly string[];
  };
  readonly includePrivate: boolean;
  /** References that only look like images are copied, too; they are edited by rules alone. */
  readonly includeOther: boolean;
  /** Signatures, attestations and SBOMs go with their image. */
  readonly referrers: boolean;
  readonly foreignLayers: boolean;
  readonly convertSchema1: boolean;
  /** Of an ECR backup, with the AWS_* variables. */
  readonly createRepositories: boolean;
  readonly pullSecret: { readonly name: string; readonly attach: 'pod' | 'serviceAccount' | 'none' } | null;
  readonly platforms: 'all' | readonly string[];
  readonly concurrency: number;
  readonly updates: 'ignore' | 'report' | 'propose';
  readonly registries: Readonly<Record<string, RegistrySettings>>;
  readonly rules: readonly ImageRule[];
  readonly pullRequest: PullRequestSettings;
  readonly watch: WatchSettings;
  readonly repositories: readonly RepositorySettings[];
}
