import type { SettingKey } from '../../config/index.ts';

/** What the value of an option is; a `switch` takes none. */
export type OptionKind = 'text' | 'list' | 'number' | 'choice' | 'switch' | 'optional';

/** One option of the command line. The same row names its configuration key and, through that, its variable. */
export interface OptionRow {
  /** Long flag without dashes: `exclude-image`. */
  readonly flag: string;
  readonly short?: string;
  /** What the value stands for in the help: `REGISTRY/PREFIX`. */
  readonly value?: string;
  readonly kind: OptionKind;
  readonly choices?: readonly string[];
  /** Dotted key of the configuration file; null for what concerns this call alone. */
  readonly key: SettingKey | null;
  readonly help: string;
  readonly group: 'what' | 'where' | 'how' | 'output';
}

/** Every option that some command takes. Help, parser and configuration are made from this table. */
export const optionRows = [
  {
    flag: 'backup',
    value: 'REGISTRY/PREFIX',
    kind: 'text',
    key: 'backup',
    group: 'where',
    help: 'where copies go, such as ghcr.io/acme/backup',
  },
  {
    flag: 'naming',
    value: 'TEMPLATE',
    kind: 'text',
    key: 'naming',
    group: 'where',
    help: 'name of a copy under the backup prefix: {host}, {path}, {path-dashed}, {name}, {tail} (default: {host}/{path})',
  },
  {
    flag: 'endpoint',
    value: 'REGISTRY=URL',
    kind: 'list',
    key: 'registries.*.endpoint',
    group: 'where',
    help: 'reach a registry at another address; an http:// URL needs no more (repeatable)',
  },
  {
    flag: 'plain-http',
    value: 'HOST',
    kind: 'list',
    key: 'registries.*.plainHttp',
    group: 'where',
    help: 'talk plain HTTP to this registry (repeatable)',
  },
  {
    flag: 'cluster',
    value: 'CONTEXT',
    kind: 'optional',
    key: null,
    group: 'what',
    help: 'read the workloads of a cluster in place of paths (default: the current context)',
  },
  {
    flag: 'image',
    value: 'REF',
    kind: 'list',
    key: null,
    group: 'what',
    help: 'copy this image in place of those of paths (repeatable)',
  },
  {
    flag: 'include-path',
    value: 'GLOB',
    kind: 'list',
    key: 'paths',
    group: 'what',
    help: 'read only these files (repeatable)',
  },
  {
    flag: 'exclude-path',
    value: 'GLOB',
    kind: 'list',
    key: 'exclude.paths',
    group: 'what',
    help: 'leave these files alone (repeatable)',
  },
  {
    flag: 'exclude-image',
    value: 'GLOB',
    kind: 'list',
    key: 'exclude.images',
    group: 'what',
    help: 'leave these images alone, such as *.corp/** (repeatable)',
  },
  {
    flag: 'exclude-namespace',
    value: 'NAME',
    kind: 'list',
    key: 'exclude.namespaces',
    group: 'what',
    help: 'leave objects of this namespace alone (repeatable)',
  },
  {
    flag: 'include-private',
    kind: 'switch',
    key: 'includePrivate',
    group: 'what',
    help: 'copy images that need credentials to be pulled, too',
  },
  {
    flag: 'platform',
    value: 'OS/ARCH',
    kind: 'list',
    key: 'platforms',
    group: 'what',
    help: 'copy this platform only; the copy then has a digest of its own (repeatable)',
  },
  {
    flag: 'pin',
    value: 'KIND',
    kind: 'choice',
    choices: ['digest', 'tag'],
    key: 'pin',
    group: 'how',
    help: 'how manifests name a copy (default: digest)',
  },
  {
    flag: 'pull-secret',
    value: 'NAME',
    kind: 'text',
    key: 'pullSecret.name',
    group: 'how',
    help: 'add this image pull secret to Pods that use a copy',
  },
  {
    flag: 'updates',
    value: 'KIND',
    kind: 'choice',
    choices: ['ignore', 'report', 'propose'],
    key: 'updates',
    group: 'how',
    help: 'when the tag of a locked image moved upstream (default: report)',
  },
  {
    flag: 'concurrency',
    value: 'N',
    kind: 'number',
    key: 'concurrency',
    group: 'how',
    help: 'images copied at a time (default: 8)',
  },
  {
    flag: 'config',
    value: 'FILE',
    kind: 'text',
    key: null,
    group: 'how',
    help: 'configuration file (default: .holdfast.yaml or .github/holdfast.yaml)',
  },
  { flag: 'dry-run', kind: 'switch', key: null, group: 'how', help: 'say what would be done, write nothing' },
  {
    flag: 'clone',
    value: 'URL',
    kind: 'text',
    key: null,
    group: 'what',
    help: 'propose to this repository, cloned without its history, in place of the checkout here',
  },
  {
    flag: 'base',
    value: 'BRANCH',
    kind: 'text',
    key: 'pullRequest.base',
    group: 'what',
    help: 'branch to propose to (default: the one that is checked out)',
  },
  {
    flag: 'group',
    value: 'KIND',
    kind: 'choice',
    choices: ['repository', 'directory'],
    key: 'pullRequest.group',
    group: 'how',
    help: 'one request for the repository, or one for each top directory (default: repository)',
  },
  {
    flag: 'label',
    value: 'NAME',
    kind: 'list',
    key: 'pullRequest.labels',
    group: 'how',
    help: 'label of the request (repeatable)',
  },
  {
    flag: 'reviewer',
    value: 'USER',
    kind: 'list',
    key: 'pullRequest.reviewers',
    group: 'how',
    help: 'ask this user for a review (repeatable)',
  },
  {
    flag: 'team-reviewer',
    value: 'TEAM',
    kind: 'list',
    key: 'pullRequest.teamReviewers',
    group: 'how',
    help: 'ask this team for a review (repeatable)',
  },
  {
    flag: 'assignee',
    value: 'USER',
    kind: 'list',
    key: 'pullRequest.assignees',
    group: 'how',
    help: 'assign this user (repeatable)',
  },
  {
    flag: 'milestone',
    value: 'NUMBER',
    kind: 'number',
    key: 'pullRequest.milestone',
    group: 'how',
    help: 'milestone of the request',
  },
  {
    flag: 'draft',
    kind: 'switch',
    key: 'pullRequest.draft',
    group: 'how',
    help: 'open the request as a draft',
  },
  {
    flag: 'commit-via',
    value: 'WAY',
    kind: 'choice',
    choices: ['git', 'api'],
    key: null,
    group: 'how',
    help: 'push with git, or make the commit through the API of GitHub, which signs it for a bot (default: git)',
  },
  {
    flag: 'recreate-closed',
    value: 'WHEN',
    kind: 'choice',
    choices: ['auto', 'always', 'never'],
    key: null,
    group: 'how',
    help: 'after a person closed a request: open another when its content differs, always, or never (default: auto)',
  },
  {
    flag: 'github-api',
    value: 'URL',
    kind: 'text',
    key: null,
    group: 'where',
    help: 'API of a GitHub Enterprise Server, such as https://github.corp/api/v3',
  },
  {
    flag: 'keep',
    kind: 'switch',
    key: null,
    group: 'how',
    help: 'leave the registries running and the files in place',
  },
  {
    flag: 'output',
    short: 'o',
    value: 'FORMAT',
    kind: 'choice',
    key: null,
    group: 'output',
    help: 'what stdout holds (default: text)',
  },
  {
    flag: 'quiet',
    short: 'q',
    kind: 'switch',
    key: null,
    group: 'output',
    help: 'no progress and no summary',
  },
  {
    flag: 'verbose',
    kind: 'switch',
    key: null,
    group: 'output',
    help: 'more detail, and the cause of errors',
  },
  { flag: 'no-color', kind: 'switch', key: null, group: 'output', help: 'no colours; so does NO_COLOR' },
] as const satisfies readonly OptionRow[];

/** The flag of an option, without dashes. */
export type OptionFlag = (typeof optionRows)[number]['flag'];
