import type { RegistryProduct } from './registry-product.ts';

/** What a refused request was, as far as its meaning may depend on it. */
export interface Refusal {
  readonly status: number;
  /** The registry's error code. */
  readonly code: string | null;
  readonly repository: string;
  /** Of what was sent. */
  readonly mediaType: string | null;
  readonly product: RegistryProduct | null;
}

/** What one kind of registry does in its own way. Each rule has its evidence. */
export interface Quirk {
  readonly name: string;
  /** Matches the canonical host. A rule without `hosts` and `product` is for all: the answer itself tells. */
  readonly hosts?: RegExp;
  /** Matches what runs under a name of its owner's, and was told by its answers. */
  readonly product?: RegistryProduct;
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
    /** Only for names of more parts than this. */
    readonly deeperThan?: number;
    /** Only of what was sent with such a media type. */
    readonly sent?: RegExp;
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

const ecr = /^\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/;

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
    hosts: new RegExp(`${ecr.source}|^public\\.ecr\\.aws$`),
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
    hosts: ecr,
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
    source: 'genuinetools/reg#136: DELETE of a tagged manifest is answered GOOGLE_MANIFEST_DANGLING_TAG',
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
  {
    name: 'docker-hub-immutable-tags',
    hosts: /^docker\.io$/,
    source: 'docker/hub-feedback#2466: a tag of an immutable repository that is pushed again is answered 403',
    meanings: [
      {
        status: 403,
        meaning:
          'access is denied: the credentials may not do this, or the tag is immutable and there already',
      },
    ],
  },
  {
    name: 'ecr-immutable-tags',
    hosts: ecr,
    source:
      'moby/buildkit#3776, aws/containers-roadmap#2380: an existing tag is answered TAG_INVALID, for the same digest too',
    meanings: [
      {
        status: 400,
        code: 'TAG_INVALID',
        meaning: 'the tag is there already, and the repository is immutable',
      },
    ],
  },
  {
    name: 'harbor-project-must-exist',
    product: 'harbor',
    source:
      'goharbor/harbor#890, #966: a push into a project that is not there is answered 401; #20544: users create projects first',
    meanings: [{ status: 401 }, { status: 403 }, { status: 404, code: 'NOT_FOUND' }].map((answer) => ({
      ...answer,
      meaning:
        "the project (the first part of the name) does not exist, or the account has no right in it: Harbor makes no project by itself, and a robot account's full name begins with robot$",
    })),
  },
  {
    name: 'harbor-immutable-tags',
    product: 'harbor',
    source:
      'goharbor.io/docs/2.12.0/working-with-projects/working-with-images/create-tag-immutability-rules; harbor src/pkg and src/controller/tag: PRECONDITION, "configured as immutable, cannot be updated"',
    meanings: [
      { status: 412, meaning: 'the tag names another image, and a rule of the project makes it immutable' },
    ],
  },
  {
    name: 'gitlab-project-and-two-levels',
    product: 'gitlab',
    hosts: /^registry\.gitlab\.com$/,
    source:
      'gitlab.com/gitlab-org/gitlab/-/issues/503790 and 438563: deeper names are denied without a word of why',
    meanings: [401, 403].map((status) => ({
      status,
      meaning:
        "the project does not exist, the token may not do this in it (write_registry), or the name goes more than two levels below the project: use --naming '{path-dashed}' or '{name}'",
    })),
  },
  {
    name: 'artifactory-repository-key',
    product: 'artifactory',
    hosts: /\.jfrog\.io$/,
    source:
      'docs.jfrog.com/artifactory/docs/additional-docker-information: by path, names are REPO_KEY/IMAGE; google/go-containerregistry#1691: 403 for what is not there',
    meanings: [{ status: 403 }, { status: 404, code: 'NAME_UNKNOWN' }].map((answer) => ({
      ...answer,
      meaning:
        'it is not there or access is denied: by path, the first part of the name is the key of a Docker repository, which must exist and take deployments',
    })),
  },
  {
    name: 'artifactory-overwrite',
    product: 'artifactory',
    hosts: /\.jfrog\.io$/,
    source:
      'GoogleContainerTools/kaniko#1095: a tag that is there already is answered 400 MANIFEST_INVALID "HTTP 403 Forbidden"',
    meanings: [
      {
        status: 400,
        code: 'MANIFEST_INVALID',
        meaning:
          'it refuses the manifest: a tag that is there already takes the right to delete and overwrite',
      },
    ],
  },
  {
    name: 'old-quay-two-level-names',
    product: 'quay',
    source:
      'docs.redhat.com "Configure Red Hat Quay", FEATURE_EXTENDED_REPOSITORY_NAMES; plexsystems/sinker#34: Quay before 3.6 has no nested names',
    meanings: [400, 404, 405].map((status) => ({
      status,
      deeperThan: 2,
      meaning:
        "the repository is not there, or this Quay takes names of two parts only (before 3.6, or without FEATURE_EXTENDED_REPOSITORY_NAMES): use --naming '{path-dashed}' or '{name}'",
    })),
  },
  {
    name: 'zot-oci-only',
    source:
      'project-zot/zot#724, carvel-dev/imgpkg#621: Docker media types are answered MANIFEST_INVALID; zotregistry.dev, admin-configuration: compat; 415 elsewhere',
    meanings: [{ status: 400, code: 'MANIFEST_INVALID' }, { status: 415 }].map((answer) => ({
      ...answer,
      sent: /^application\/vnd\.docker\.distribution\.manifest\./,
      meaning:
        'it refuses an image with Docker media types, which stay as they are because the digest does: zot takes them with "compat": ["docker2s2"] in its "http" settings',
    })),
  },
];

/** The rules of a host; where none names it, those of the product that it was seen to be. */
export function findQuirks(host: string, seen: RegistryProduct | null = null): readonly Quirk[] {
  const isNamed = quirks.some(({ hosts }) => hosts?.test(host) === true);
  return quirks.filter(({ hosts, product }) => {
    if (hosts === undefined && product === undefined) return true;
    return hosts?.test(host) === true || (!isNamed && product !== undefined && product === seen);
  });
}

/** What an answer means at a host, null when nothing but the usual is known. */
export function explainAnswer(host: string, refusal: Refusal): string | null {
  const depth = refusal.repository.split('/').length;
  for (const { meanings = [] } of findQuirks(host, refusal.product))
    for (const { status, code, deeperThan = 0, sent, meaning } of meanings) {
      const isMeant =
        status === refusal.status &&
        (code === undefined || code === refusal.code) &&
        depth > deeperThan &&
        (sent === undefined || sent.test(refusal.mediaType ?? ''));
      if (isMeant) return meaning;
    }
  return null;
}
