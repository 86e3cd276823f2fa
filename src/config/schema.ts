import { z } from 'zod';
import { findGlobProblem, parseBackupPrefix, parseNaming } from '../plan/index.ts';
import { parseRegistryHost } from '../reference/index.ts';
import { checkedBy, parsedBy } from './checked-text.ts';
import { rules } from './rule-schema.ts';

// Compiling the checks costs more than it saves where each is made once.
z.config({ jitless: true });

const word = z.string().min(1, 'it is empty');
const words = z.array(word);
const globs = z.array(checkedBy(findGlobProblem));
const host = parsedBy(parseRegistryHost);

/** The addresses of registries: an origin, at most with a path. Credentials never stand in a URL. */
function findUrlProblem(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return 'it must be a URL that starts with https:// or http://';
  if (url.username !== '' || url.password !== '')
    return 'it holds credentials: write username and password beside it';
  return url.search === '' && url.hash === '' ? null : 'it must have nothing after "?" or "#"';
}

const url = checkedBy(findUrlProblem);
const platform = z
  .string()
  .regex(/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/, 'it must be like linux/amd64 or linux/arm/v7');
const secretName = z
  .string()
  .max(253, 'it has more than 253 characters')
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'it must be the name of a Secret: a-z, 0-9, "-" and "."');

const registry = () =>
  z
    .strictObject({
      endpoint: url.meta({ description: 'Reach the registry at this URL; http:// means without TLS.' }),
      plainHttp: z.boolean().meta({ description: 'Talk plain HTTP to this registry.', default: false }),
      mirrors: z.array(url).meta({
        description:
          'URLs to pull from, tried in order, then the registry itself. A path is put before the names: https://harbor.corp/hub-proxy.',
        default: [],
      }),
      caFile: word.meta({ description: 'PEM file of the authority to trust, relative to this file.' }),
      clientCert: z
        .strictObject({
          cert: word.meta({ description: 'PEM file of the certificate, relative to this file.' }),
          key: word.meta({ description: 'PEM file of its key, relative to this file.' }),
        })
        .meta({ description: 'Certificate that this program shows to the registry.' }),
      username: word.meta({ description: 'User name; ${VAR} is taken from the environment.' }),
      password: word.meta({
        description: 'Password or token; write ${VAR}, which is taken from the environment.',
      }),
      push: z
        .strictObject({
          username: word.meta({ description: 'User name for pushes; ${VAR} is taken from the environment.' }),
          password: word.meta({ description: 'Password for pushes; write ${VAR}.' }),
        })
        .meta({ description: 'Account for pushes, where another one than for pulls.' }),
      stopAt: z.int('it must be a whole number').min(0, 'it must be at least 0').meta({
        description: 'Pulls to leave to others where the registry counts them, as Docker Hub does.',
        default: 0,
      }),
    })
    .exactPartial();

/** `Backup Bot <bot@acme.example>`, as git writes it. */
const identity = z
  .string()
  .regex(
    /^[^<>\s][^<>\r\n]* <[^<>\s@]+@[^<>\s@]+>$/,
    'it must be a name and an address: Backup Bot <bot@acme.example>',
  )
  .transform((text) => {
    const [name = '', email = ''] = text.slice(0, -1).split(' <');
    return { name, email };
  });
const count = z.int('it must be a whole number').min(1, 'it must be at least 1');

const pullRequest = () =>
  z
    .strictObject({
      base: word.meta({ description: "Branch to propose to; the repository's default branch when absent." }),
      labels: words.meta({ description: 'Labels of the pull request.', default: [] }),
      reviewers: words.meta({ description: 'Users who are asked for a review.', default: [] }),
      teamReviewers: words.meta({ description: 'Teams that are asked for a review.', default: [] }),
      assignees: words.meta({ description: 'Users who are assigned.', default: [] }),
      milestone: z
        .int()
        .min(1, 'it must be the number of a milestone')
        .meta({ description: 'Number of the milestone.' }),
      draft: z.boolean().meta({ description: 'Open as a draft.', default: false }),
      group: z.enum(['repository', 'directory']).meta({
        description: 'One pull request for the repository, or one for each directory.',
        default: 'repository',
      }),
      author: identity.meta({
        description: 'Author and committer of what is pushed by git; no person may use the address.',
        examples: ['Backup Bot <backup-bot@acme.example>'],
      }),
      maxRequests: count.meta({ description: 'Open pull requests at a time; the rest waits.' }),
      maxFiles: count.meta({ description: 'Manifests in one pull request; the rest waits.' }),
      maxImages: count.meta({ description: 'Images in one pull request; the rest waits.' }),
    })
    .exactPartial();

const repository = () =>
  z.strictObject({
    url: word.meta({ description: 'Where git clones it from: https://github.com/acme/gitops.git.' }),
    path: word.optional().meta({ description: 'Folder of the manifests; the whole repository when absent.' }),
    branch: word.optional().meta({ description: 'Branch to propose to; the default branch when absent.' }),
    namespaces: globs
      .optional()
      .meta({ description: 'Namespaces whose objects come from there, by name or glob.', default: ['*'] }),
  });

const watch = () =>
  z
    .strictObject({
      mode: z.enum(['archive', 'eager', 'failover']).meta({
        description:
          'archive: copy only; eager: copy and propose; failover: propose when upstream no longer has the image.',
        default: 'eager',
      }),
      listen: z
        .string()
        .regex(/^(?:\[[0-9a-f:]+\]|[\w.-]*):\d{1,5}$/i, 'it must be like :8080 or 127.0.0.1:8080')
        .meta({ description: 'Address of the page, the metrics and the probes.', default: ':8080' }),
      upstreamMinutes: z
        .int('it must be a whole number')
        .min(1, 'it must be at least 1')
        .max(10_080, 'it must be at most a week, 10080')
        .meta({ description: 'Minutes between two looks at the same image upstream.', default: 60 }),
      events: z.boolean().meta({
        description: 'Write Kubernetes Events about workloads; takes deploy/components/events.',
        default: false,
      }),
      readPullSecrets: z.boolean().meta({
        description:
          'With includePrivate: pull with the Secrets that workloads name; takes deploy/components/read-pull-secrets.',
        default: false,
      }),
    })
    .exactPartial();

/**
 * What a configuration file may say. Made when it is asked for, as all of it takes longer than most runs need for what
 * they say.
 */
const keys = {
  backup: () =>
    parsedBy(parseBackupPrefix).meta({
      description: 'Registry and path that copies go to.',
      examples: ['ghcr.io/acme/backup'],
    }),
  naming: () =>
    parsedBy(parseNaming).meta({
      description: 'Name of a copy below the backup: {host}, {path}, {path-dashed}, {name}, {tail}.',
      default: '{host}/{path}',
    }),
  pin: () =>
    z.enum(['digest', 'tag']).meta({
      description: 'How manifests name a copy: name:tag@digest, or by its tag alone.',
      default: 'digest',
    }),
  paths: () => globs.meta({ description: 'Globs of the files to read; all when empty.', default: [] }),
  exclude: () =>
    z
      .strictObject({
        images: globs.meta({
          description: 'Globs of images to leave alone, matched on full and short names.',
          default: [],
          examples: [['*.dkr.ecr.*.amazonaws.com/**']],
        }),
        namespaces: globs.meta({
          description: 'Namespaces to leave alone, by name or glob, besides kube-system.',
          default: ['kube-system'],
        }),
        paths: globs.meta({ description: 'Globs of files to leave alone.', default: [] }),
      })
      .exactPartial()
      .meta({ description: 'What is left alone.' }),
  includePrivate: () =>
    z.boolean().meta({ description: 'Also copy images that need credentials to be pulled.', default: false }),
  includeOther: () =>
    z.boolean().meta({
      description: 'Also copy images named in arguments, environment, annotations and ConfigMaps.',
      default: false,
    }),
  referrers: () =>
    z.boolean().meta({
      description: 'Copy signatures, attestations and SBOMs with their image.',
      default: true,
    }),
  foreignLayers: () =>
    z.boolean().meta({
      description: 'Also copy layers that their publisher keeps to itself, as those of Windows.',
      default: false,
    }),
  convertSchema1: () =>
    z.boolean().meta({
      description: 'Make schema 2 of images of the old schema 1; the copy gets a digest of its own.',
      default: false,
    }),
  createRepositories: () =>
    z.boolean().meta({
      description: 'Create missing repositories of an ECR backup, with the AWS_* variables.',
      default: false,
    }),
  pullSecret: () =>
    z
      .strictObject({
        name: secretName.meta({ description: 'Name of the Secret that lets Pods pull from the backup.' }),
        attach: z.enum(['pod', 'serviceAccount', 'none']).meta({
          description:
            'Where manifests get it: in each Pod that uses a copy, in its ServiceAccount, or nowhere.',
          default: 'pod',
        }),
      })
      .exactPartial()
      .meta({ description: 'Image pull secret for the backup.' }),
  platforms: () =>
    z.union([z.literal('all'), z.array(platform).min(1, 'it is empty: write all, or a platform')]).meta({
      description: 'Platforms to copy. With a choice a copy gets a digest of its own.',
      default: 'all',
    }),
  concurrency: () =>
    z
      .int('it must be a whole number')
      .min(1, 'it must be at least 1')
      .max(64, 'it must be at most 64')
      .meta({ description: 'Images copied at a time.', default: 8 }),
  updates: () =>
    z.enum(['ignore', 'report', 'propose']).meta({
      description: 'What to do when the tag of a locked image moved upstream.',
      default: 'report',
    }),
  registries: () =>
    z.record(host, registry()).meta({ description: 'How registries are reached, by host.', default: {} }),
  rules: () => rules().meta({ description: 'Image fields of custom resources.', default: [] }),
  pullRequest: () => pullRequest().meta({ description: 'How changes are proposed.' }),
  watch: () => watch().meta({ description: 'What the daemon does.' }),
  repositories: () =>
    z.array(repository()).meta({
      description: 'Where live objects come from in Git, for the daemon, besides what Argo CD and Flux say.',
      default: [],
    }),
};

/** One layer of the configuration, checked. */
export type ConfigLayer = { [Key in keyof typeof keys]?: z.output<ReturnType<(typeof keys)[Key]>> };

/**
 * The schema of the keys that are wanted; any other one is a problem. Every layer (flags, environment, file) is checked
 * by itself, so that a problem can name its place. Nothing is required, as another layer may say it.
 */
export function layerSchema(isWanted: (key: string) => boolean): z.ZodType<ConfigLayer> {
  const wanted = Object.entries(keys).filter(([key]) => isWanted(key));
  return z.strictObject(Object.fromEntries(wanted.map(([key, make]) => [key, make()]))).exactPartial();
}

/** The published JSON Schema, for editors; the same bytes for the same program. */
export function configSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(
    layerSchema(() => true),
    { io: 'input', target: 'draft-07' },
  );
  return { ...schema, title: 'holdfast', description: 'Configuration of holdfast: .holdfast.yaml' };
}
