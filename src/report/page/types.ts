/** How the backup of an image stands: the colour and the filter of its row. */
export type PageStatus = 'safe' | 'waiting' | 'failed' | 'private' | 'missing' | 'left-alone';

/** One place that names an image. */
export interface PagePlace {
  /** `Deployment shop/web`, `k8s/web.yaml:21`. */
  readonly where: string;
  readonly field: string;
  /** It names the backup already. */
  readonly isSwitched: boolean;
}

/** One image, as people ask for it. Times are milliseconds since 1970. */
export interface PageImage {
  /** As people write it: `nginx:1.25`. */
  readonly name: string;
  readonly canonical: string;
  readonly status: PageStatus;
  /** A word for programs: the code of a failure, or why it is left alone (`excluded-image`, `shared-name`). */
  readonly reason: string | null;
  /** A sentence: why it failed, is missing, or is left alone. */
  readonly why: string | null;
  /** What a person can set where no file of Git names it. */
  readonly advice: string | null;
  readonly backup: {
    readonly reference: string | null;
    readonly digest: string | null;
    readonly platforms: readonly string[];
    /** Moved since the start. */
    readonly bytes: number;
    readonly provenAt: number | null;
    readonly warnings: readonly string[];
  };
  /** Null where upstream is not watched. */
  readonly upstream: {
    readonly state: string;
    readonly digest: string | null;
    readonly problem: string | null;
    readonly checkedAt: number | null;
  } | null;
  readonly places: readonly PagePlace[];
  readonly running: readonly {
    readonly digest: string;
    readonly containers: number;
    readonly kind: string;
  }[];
  /** What deploys it: `Application argocd/shop`. */
  readonly owners: readonly string[];
  /** Indices in `requests`. */
  readonly requests: readonly number[];
  readonly history: readonly { readonly at: number; readonly what: string }[];
}

export interface PageRequest {
  readonly repository: string;
  readonly branch: string | null;
  readonly state: string;
  readonly url: string | null;
  readonly number: number | null;
  readonly explanation: string | null;
}

/** Everything that the page shows; `/api/images` is the same as JSON. No secret is in it. */
export interface PageModel {
  /** The cluster, or the folder. */
  readonly subject: string;
  readonly backup: string | null;
  /** Of the daemon: when it started, what it does, and whether the cluster was read as a whole. */
  readonly daemon: {
    readonly startedAt: number;
    readonly at: number;
    readonly mode: string;
    readonly isSynced: boolean;
  } | null;
  /** What people should know first, one sentence each. */
  readonly notices: readonly string[];
  readonly images: readonly PageImage[];
  readonly requests: readonly PageRequest[];
}
