import type { ImageRule } from '../manifests/index.ts';
import type { Pin } from '../plan/index.ts';

/** How one registry is reached; the contract's `registries:` entry. Secrets are held, never printed. */
export interface RegistrySettings {
  /** `https://10.0.0.8:5000`, or `http://…` for plain HTTP. */
  readonly endpoint?: string;
  readonly plainHttp?: boolean;
  /** URLs, tried in order before the registry itself; pulls only. */
  readonly mirrors?: readonly string[];
  readonly caFile?: string;
  readonly clientCert?: { readonly cert: string; readonly key: string };
  readonly username?: string;
  readonly password?: string;
}

export interface PullRequestSettings {
  readonly base: string | null;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly teamReviewers: readonly string[];
  readonly assignees: readonly string[];
  readonly milestone: number | null;
  readonly draft: boolean;
  readonly group: 'repository' | 'directory';
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
  readonly pullSecret: { readonly name: string; readonly attach: 'pod' | 'serviceAccount' | 'none' } | null;
  readonly platforms: 'all' | readonly string[];
  readonly concurrency: number;
  readonly updates: 'ignore' | 'report' | 'propose';
  readonly registries: Readonly<Record<string, RegistrySettings>>;
  readonly rules: readonly ImageRule[];
  readonly pullRequest: PullRequestSettings;
}
