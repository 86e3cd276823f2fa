/** What one kind of registry does in its own way. Each rule has its evidence. */
export interface Quirk {
  readonly name: string;
  /** Matches the canonical host. */
  readonly hosts: RegExp;
  /** Where it was seen or is documented. */
  readonly source: string;
  /** The host that answers the protocol, where it is not the canonical one. */
  readonly endpoint?: string;
  /** Says what is wrong with a repository's name for a push, null when it fits. */
  readonly findNameProblem?: (repository: string) => string | null;
  /** What an answer means here: by status, and by error code where it has one. */
  readonly meanings?: readonly {
    readonly status: number;
    readonly code?: string;
    readonly meaning: string;
  }[];
  /** No referrers API: the fallback tag is asked at once. */
  readonly hasReferrersApi?: false;
  /** The registry's own way to delete an image, where the API has none. */
  readonly howToDelete?: string;
  /** A manifest goes only when no tag names it any more. */
  readonly deletesTagsFirst?: true;
  /** Bytes that one PATCH may have. */
  readonly chunkSize?: number;
}

/** All rules. A host takes those that match it, in this order. */
export const quirks: readonly Quirk[] = [
  {
    name: 'docker-hub-endpoint',
    hosts: /^docker\.io$/,
    source:
      'distribution/reference normalize.go; moby registry/config.go: docker.io is served by registry-1.docker.io',
    endpoint: 'registry-1.docker.io',
  },
  {
    name: 'docker-hub-two-level-names',
    hosts: /^docker\.io$/,
    source:
      'docs.docker.com/docker-hub/repos: a repository is NAMESPACE/NAME; deeper names are answered 401 or 400',
    findNameProblem: (repository) =>
      repository.split('/').length === 2
        ? null
        : `Docker Hub takes names of two parts only, and ${repository} has ${repository.split('/').length}: use --naming '{path-dashed}' or '{name}'`,
  },
  {
    name: 'docker-hub-gone-is-401',
    hosts: /^docker\.io$/,
    source:
      'minio/minio, deleted in September 2026, is answered 401 UNAUTHORIZED as private repositories are',
    meanings: [{ status: 401, meaning: 'not publicly pullable: deleted, or private' }],
  },
  {
    name: 'ghcr-no-referrers-api',
    hosts: /^ghcr\.io$/,
    source:
      'actions/attest-build-provenance#91: /referrers/ is answered 404; artifacthub/hub#4785: or 303 to a web page',
    hasReferrersApi: false,
  },
  {
    name: 'ghcr-small-chunks',
    hosts: /^ghcr\.io$/,
    source: 'ocx#237: more than 4 MiB in one PATCH is answered 416',
    chunkSize: 4 * 1024 * 1024,
  },
  {
    name: 'ghcr-denied-is-missing',
    hosts: /^ghcr\.io$/,
    source: 'ghcr.io answers 403 DENIED for packages that do not exist or are private',
    meanings: [
      {
        status: 403,
        meaning: 'access is denied: it does not exist, or the token lacks read:packages or write:packages',
      },
    ],
  },
  {
    name: 'ecr-repository-must-exist',
    hosts: /^\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/,
    source:
      'aws/containers-roadmap#853; skopeo#851: a push to an unknown repository is answered 404 NAME_UNKNOWN',
    meanings: [
      {
        status: 404,
        code: 'NAME_UNKNOWN',
        meaning:
          'the repository does not exist, and ECR makes none by itself: use --create-repositories, or create it',
      },
    ],
  },
  {
    name: 'ecr-token-of-12-hours',
    hosts: /^\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/,
    source:
      'docs.aws.amazon.com/AmazonECR registry_auth: the password of aws ecr get-login-password lives 12 hours',
    meanings: [
      {
        status: 401,
        meaning: 'it wants credentials: those of aws ecr get-login-password live 12 hours, log in again',
      },
    ],
  },
  {
    name: 'docker-hub-deletes-by-hand',
    hosts: /^docker\.io$/,
    source:
      'docker/hub-feedback#1759, #2360: DELETE of a manifest is answered 405; the Hub has an API of its own',
    howToDelete: 'delete the image on hub.docker.com, under Image Management of its repository',
  },
  {
    name: 'ghcr-deletes-packages',
    hosts: /^ghcr\.io$/,
    source:
      'skopeo#1880, fluxcd/pkg#328: DELETE of a manifest is answered 405; GitHub deletes by its packages API',
    howToDelete:
      'delete the version of the package on GitHub, or by gh api -X DELETE /orgs/ORG/packages/container/NAME/versions/ID',
  },
  {
    name: 'artifact-registry-tags-first',
    hosts: /(^|\.)(gcr\.io|pkg\.dev)$/,
    source: 'fluxcd/pkg#328: DELETE of a tagged manifest is answered GOOGLE_MANIFEST_DANGLING_TAG',
    deletesTagsFirst: true,
  },
  {
    name: 'quay-denied-is-missing',
    hosts: /^quay\.io$/,
    source: 'quay.io answers 401 UNAUTHORIZED for repositories that do not exist, as for private ones',
    meanings: [{ status: 401, meaning: 'not publicly pullable: deleted, or private' }],
  },
  {
    name: 'acr-token-of-3-hours',
    hosts: /\.azurecr\.(io|cn|us)$/,
    source:
      'learn.microsoft.com/azure/container-registry/container-registry-authentication: az acr login is good for 3 hours',
    meanings: [
      {
        status: 401,
        meaning: 'it does not exist, or wants credentials: those of az acr login live 3 hours, log in again',
      },
    ],
  },
  {
    name: 'artifact-registry-project',
    hosts: /(^|\.)(gcr\.io|pkg\.dev)$/,
    source: 'cloud.google.com/artifact-registry/docs/docker/names: names are PROJECT/REPOSITORY/IMAGE',
    meanings: [
      {
        status: 403,
        meaning: 'access is denied: the project or repository does not exist, or the account lacks its role',
      },
    ],
  },
];

/** The rules of a host. */
export function findQuirks(host: string): readonly Quirk[] {
  return quirks.filter(({ hosts }) => hosts.test(host));
}

/** What an answer means at a host, null when nothing but the usual is known. */
export function explainAnswer(host: string, status: number, code: string | null): string | null {
  for (const { meanings = [] } of findQuirks(host))
    for (const rule of meanings)
      if (rule.status === status && (rule.code === undefined || rule.code === code)) return rule.meaning;
  return null;
}
