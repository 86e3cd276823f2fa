import type { CommandName } from './command-name.ts';
import type { OptionFlag } from './options.ts';

/** One command of the command line: what it takes and what its help says. */
export interface CommandRow {
  readonly name: CommandName;
  readonly group: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** A paragraph for the command's own help. */
  readonly description: string;
  readonly paths: boolean;
  readonly options: readonly OptionFlag[];
  readonly formats: readonly string[];
  readonly examples: readonly (readonly [command: string, what: string])[];
}

const output = ['output', 'quiet', 'verbose', 'no-color'] as const;
const selection = ['include-path', 'exclude-path', 'exclude-image', 'exclude-namespace'] as const;
const backup = ['backup', 'naming', 'config'] as const;
const network = [
  'endpoint',
  'plain-http',
  'platform',
  'include-private',
  'include-other',
  'concurrency',
] as const;
const copying = ['no-referrers', 'foreign-layers', 'convert-schema1', 'create-repositories'] as const;
const editing = ['pin', 'pull-secret', 'updates'] as const;

/** What every command on manifests takes, as the contract says, even where it changes nothing. */
export const commonFlags: readonly OptionFlag[] = [
  ...output,
  ...selection,
  ...backup,
  ...network,
  ...copying,
  ...editing,
  'dry-run',
];

const look = 'Look';
const act = 'Act';
const learn = 'Learn';

/** Every command, in the order of the help. */
export const commandRows: readonly CommandRow[] = [
  {
    name: 'scan',
    group: look,
    summary: 'list every image reference in the manifests, and what is known of it',
    description:
      'Lists every place that names an image in the manifests, and whether it is a candidate for a backup. Offline and read-only.',
    paths: true,
    options: ['cluster', ...selection, ...backup, ...output],
    formats: ['text', 'json', 'html'],
    examples: [
      ['holdfast scan k8s/', 'the images of a folder'],
      ['holdfast scan --output json | jq -r ".images[].canonical"', 'for programs'],
    ],
  },
  {
    name: 'plan',
    group: look,
    summary: 'show what would be copied and rewritten, as a unified diff',
    description:
      'Shows what `rewrite` would copy and change, as a unified diff. Reads registries, writes nothing.',
    paths: true,
    options: ['cluster', ...selection, ...backup, ...network, ...editing, 'render', 'matrix', ...output],
    formats: ['text', 'json'],
    examples: [
      ['holdfast plan k8s/ --backup ghcr.io/acme/backup', 'see the diff first'],
      ['holdfast plan charts/ --render', 'and what helm renders of it'],
      ['echo "matrix=$(holdfast plan --matrix 4 -q)" >> "$GITHUB_OUTPUT"', 'for `strategy.matrix`'],
    ],
  },
  {
    name: 'check',
    group: look,
    summary: 'exit 1 when a reference is neither excluded nor a backup that is there',
    description:
      'A gate for reviews: exits 1 when a manifest names an image that is neither excluded nor a backup that is really there.',
    paths: true,
    options: [
      'cluster',
      ...selection,
      ...backup,
      'endpoint',
      'plain-http',
      'include-private',
      'include-other',
      'concurrency',
      ...output,
    ],
    formats: ['text', 'json', 'sarif', 'github', 'markdown', 'html'],
    examples: [['holdfast check --backup ghcr.io/acme/backup --output github', 'annotations in a workflow']],
  },
  {
    name: 'rewrite',
    group: act,
    summary: 'copy, verify, then rewrite the manifests in place',
    description:
      'Copies every public image that the manifests name to the backup registry, verifies each copy by digest, then points the manifests at the copies. What cannot be copied is left alone.',
    paths: true,
    options: [...selection, ...backup, ...network, ...copying, 'refresh', ...editing, 'dry-run', ...output],
    formats: ['text', 'json'],
    examples: [
      ['holdfast rewrite k8s/ --backup ghcr.io/acme/backup', 'the whole job'],
      [
        'holdfast rewrite --backup registry.corp/mirror --pull-secret backup-pull',
        'with a pull secret for the Pods',
      ],
    ],
  },
  {
    name: 'copy',
    group: act,
    summary: 'copy and verify only',
    description: 'Copies images to the backup registry and verifies each by digest. No manifest is changed.',
    paths: true,
    options: [
      'cluster',
      'image',
      'shard',
      ...selection,
      ...backup,
      ...network,
      ...copying,
      'refresh',
      'updates',
      'dry-run',
      ...output,
    ],
    formats: ['text', 'json'],
    examples: [
      ['holdfast copy k8s/ --backup ghcr.io/acme/backup', 'the images of a folder'],
      ['holdfast copy --image nginx:1.29 --backup ghcr.io/acme/backup', 'one image'],
      ['holdfast copy --cluster --backup ghcr.io/acme/backup', 'what runs in the current context'],
      ['holdfast copy k8s/ --shard 0/4', 'the first of four parts, one for each machine'],
    ],
  },
  {
    name: 'pr',
    group: act,
    summary: 'copy, verify, and propose the rewrite as a pull request',
    description:
      'Does what `rewrite` does on the head of the base branch, and opens or refreshes one pull request with the evidence. The files here are not touched. The token is GITHUB_TOKEN.',
    paths: false,
    options: [
      'clone',
      'base',
      ...selection,
      ...backup,
      ...network,
      ...copying,
      ...editing,
      'github-api',
      'group',
      'label',
      'reviewer',
      'team-reviewer',
      'assignee',
      'milestone',
      'draft',
      'author',
      'max-prs',
      'max-files-per-pr',
      'max-images',
      'commit-via',
      'recreate-closed',
      'dry-run',
      ...output,
    ],
    formats: ['text', 'json'],
    examples: [
      ['holdfast pr --backup ghcr.io/acme/backup', 'from a checkout'],
      ['holdfast pr --clone https://github.com/acme/clusters --dry-run', 'see what would be done'],
    ],
  },
  {
    name: 'verify',
    group: look,
    summary: 'prove that each backup that the manifests name is whole',
    description:
      'Asks the backup registry for every manifest, config and blob of each backup that the manifests name, with its size; with --deep reads and hashes them all. Exits 1 when one is not whole and was not repaired.',
    paths: true,
    options: [
      'deep',
      'repair',
      'shard',
      ...selection,
      ...backup,
      ...network,
      ...copying,
      'dry-run',
      ...output,
    ],
    formats: ['text', 'json'],
    examples: [
      ['holdfast verify --backup ghcr.io/acme/backup', 'is everything there?'],
      ['holdfast verify --deep --repair', 'read it all, and bring again what is broken'],
    ],
  },
  {
    name: 'restore',
    group: act,
    summary: 'point the manifests back at upstream, from the lock file',
    description:
      'Points manifests that name a backup back at its source, as holdfast.lock.yaml records it. Needs no registry.',
    paths: true,
    options: [...selection, ...backup, 'dry-run', ...output],
    formats: ['text', 'json'],
    examples: [['holdfast restore k8s/ --dry-run', 'see what would change']],
  },
  {
    name: 'secret',
    group: act,
    summary: 'write the pull secret for the namespaces that lack it, with no credentials in the clear',
    description:
      'Prints the manifests of the pull secret for every namespace that uses a backup and has none: an ExternalSecret, a SealedSecret encrypted for the controller, or your own template. Never a Secret with data.',
    paths: true,
    options: ['pull-secret', 'store', 'key', 'certificate', 'template', ...selection, ...backup, ...output],
    formats: ['text'],
    examples: [
      [
        'holdfast secret --pull-secret backup-pull --store vault --key registry/pull > pull.yaml',
        'from a store',
      ],
      ['holdfast secret --pull-secret backup-pull --certificate sealed.pem', 'sealed'],
    ],
  },
  {
    name: 'prune',
    group: act,
    summary: 'list, or with --yes delete, backups that nothing uses any more',
    description:
      'Lists the copies that lock files record and that nothing in the named repositories (all branches and recent tags, and their last days of history) and clusters (with the ReplicaSets that are kept for a rollback) uses. Deletes them with --yes. Whatever else uses the backup has to be named, too.',
    paths: false,
    options: [
      'repository',
      'cluster',
      'history',
      'keep',
      'min-age',
      'yes',
      'backup',
      'config',
      'endpoint',
      'plain-http',
      'concurrency',
      ...output,
    ],
    formats: ['text', 'json'],
    examples: [
      [
        'holdfast prune --repository https://github.com/acme/clusters --cluster prod',
        'see what nothing uses',
      ],
      ["holdfast prune --repository . --cluster --keep 'bitnami/**' --yes", 'delete it'],
    ],
  },
  {
    name: 'watch',
    group: act,
    summary: 'the daemon: copy what a cluster runs, watch upstream, propose where it belongs',
    description:
      'Runs until it is stopped: watches the workloads of a cluster, copies at once what they depend on, watches upstream, and opens pull requests in the repositories that own them. It never writes to a workload. Its log is on stdout, a JSON line at a time; its page is at --listen.',
    paths: false,
    options: [
      'cluster',
      'mode',
      'listen',
      'exclude-image',
      'exclude-namespace',
      ...backup,
      ...network,
      ...editing,
      'verbose',
    ],
    formats: [],
    examples: [
      ['holdfast watch --backup ghcr.io/acme/backup --mode archive', 'copy only'],
      ['holdfast watch --cluster staging --listen 127.0.0.1:8080', 'from outside of the cluster'],
    ],
  },
  {
    name: 'demo',
    group: learn,
    summary: 'the whole job on embedded registries: no account, no network',
    description:
      'Runs the real pipeline on embedded registries and a small shop of manifests in a temporary git checkout.',
    paths: false,
    options: ['keep', 'verbose', 'no-color', 'quiet'],
    formats: [],
    examples: [
      ['holdfast demo', 'twenty seconds of your time'],
      ['holdfast demo --keep', 'leave it running for a look'],
    ],
  },
];
