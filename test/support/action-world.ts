import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  addImage,
  type EmbeddedRegistry,
  type ForgeRepository,
  startRegistry,
} from '../../src/embedded/index.ts';
import { type ActionRun, runAction } from './action-run.ts';
import { cloneInto, git } from './git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from './github.ts';

type Files = Readonly<Record<string, string>>;

/** A Deployment with a container for each image; the first image stands in line 9, the next in line 11. */
export function web(...images: readonly string[]): string {
  const containers = images.map((image, index) => `        - name: c${index}\n          image: ${image}\n`);
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      containers:
${containers.join('')}`;
}

const upstreamImages = [
  'alpine:3',
  'busybox:1.36',
  'caddy:2',
  'httpd:2',
  'mariadb:11',
  'nginx:1.25',
  'nginx:1.26',
  'postgres:17',
  'redis:7',
] as const;

/** A forge, an upstream with some images, and an empty backup; all tests of a file share them. */
export interface ActionWorld {
  readonly forge: TestForge;
  readonly upstream: EmbeddedRegistry;
  readonly backup: EmbeddedRegistry;
  /** A repository with these files beside a `.holdfast.yaml` that reaches both registries. */
  createRepository(files: Files): Promise<WorkedRepository>;
  /** Writes to one repository, by API or git. */
  writesTo(repository: ForgeRepository): readonly string[];
  close(): Promise<void>;
}

export interface WorkedRepository {
  readonly repository: ForgeRepository;
  /** Commits on a branch as a person; a null text removes the file. Gives the commit. */
  readonly commit: (branch: string, files: Readonly<Record<string, string | null>>) => Promise<string>;
  /** Opens a pull request for that branch; gives the payload of its event. */
  readonly openPullRequest: (branch: string, facts?: PullRequestFacts) => Promise<PullRequestPayload>;
  /** The Action on what `actions/checkout` leaves of a commit or branch: one commit deep, credentials in git's settings. */
  readonly run: (call: RepositoryRun) => Promise<ActionRun>;
}

export interface RepositoryRun {
  readonly event: string;
  readonly payload?: unknown;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What is checked out: a branch, or a commit or ref without one. */
  readonly checkout?: { readonly branch: string } | { readonly detached: string };
  readonly token?: string;
  readonly node?: string;
  /** The checkout belongs to another user, as in a job with a `container`; only root can do that. */
  readonly owner?: number;
  readonly cancelled?: Promise<void>;
}

export interface PullRequestFacts {
  readonly association?: string;
  readonly author?: string;
  /** `owner/name` of the head's repository; null: it was deleted. */
  readonly from?: string | null;
}

export interface PullRequestPayload {
  readonly number: number;
  readonly merge: string;
  readonly head: string;
  readonly payload: unknown;
}

export async function startActionWorld(): Promise<ActionWorld> {
  const [forge, upstream, backup] = await Promise.all([startTestForge(), startRegistry(), startRegistry()]);
  for (const image of upstreamImages) {
    const [name = '', tag = ''] = image.split(':');
    await addImage(upstream, `library/${name}`, tag, { layerBytes: 1000 });
  }
  let names = 0;
  return {
    forge,
    upstream,
    backup,
    async createRepository(files) {
      const repository = await forge.createRepository(`acme/shop-${(names += 1)}`, {
        '.holdfast.yaml': [
          'backup: backup.example/prefix',
          'registries:',
          `  docker.io: { endpoint: "${upstream.url}" }`,
          `  backup.example: { endpoint: "${backup.url}" }`,
          '',
        ].join('\n'),
        ...files,
      });
      return workOn(forge, repository);
    },
    writesTo: ({ owner, name }) =>
      forge.writes().filter((write) => new RegExp(`/${owner}/${name}(?:[.]git)?/`).test(write)),
    async close() {
      await Promise.all([upstream.close(), backup.close()]);
      await stopTestForge(forge);
    },
  };
}

function workOn(forge: TestForge, repository: ForgeRepository): WorkedRepository {
  const url = forge.cloneUrl(repository);
  const name = `${repository.owner}/${repository.name}`;

  return {
    repository,
    async commit(branch, files) {
      const folder = await cloneInto(forge.root, url, tokens.person);
      const there = await forge.git(repository, ['branch', '--list', branch]);
      await git(folder, ['checkout', '--quiet', ...(there === '' ? ['-b', branch] : [branch])]);
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        if (text === null) await git(folder, ['rm', '--quiet', '--', path]);
        else await writeFile(join(folder, path), text);
      }
      await git(folder, ['add', '--all']);
      await git(folder, ['commit', '--quiet', '-m', `Change ${Object.keys(files).join(', ')}`]);
      await git(folder, ['push', '--quiet', 'origin', branch], tokens.person);
      return git(folder, ['rev-parse', 'HEAD']);
    },

    async openPullRequest(branch, { association = 'MEMBER', author = 'jane', from = name } = {}) {
      const { number } = (await forge.asPerson('POST', `/repos/${name}/pulls`, {
        title: 'Change the shop',
        head: branch,
        base: 'main',
      })) as { number: number };
      const [base, head] = await Promise.all([
        forge.git(repository, ['rev-parse', 'main']),
        forge.git(repository, ['rev-parse', branch]),
      ]);
      const tree = await forge.git(repository, ['merge-tree', '--write-tree', base, head]);
      const merge = await forge.git(repository, [
        'commit-tree',
        '-p',
        base,
        '-p',
        head,
        '-m',
        `Merge ${head} into ${base}`,
        tree,
      ]);
      await forge.git(repository, ['update-ref', `refs/pull/${number}/merge`, merge]);
      const payload = {
        action: 'opened',
        number,
        repository: { full_name: name, default_branch: 'main' },
        pull_request: {
          number,
          author_association: association,
          user: { login: author },
          base: { sha: base, ref: 'main' },
          head: { sha: head, ref: branch, repo: from === null ? null : { full_name: from } },
        },
      };
      return { number, merge: `refs/pull/${number}/merge`, head, payload };
    },

    async run({
      event,
      payload = {},
      inputs = {},
      env = {},
      checkout = { branch: 'main' },
      token = tokens.bot,
      node,
      owner,
      cancelled,
    }) {
      const workspace = await mkdtemp(join(forge.root, 'workspace-'));
      const ref = 'branch' in checkout ? `refs/heads/${checkout.branch}` : checkout.detached;
      await git(workspace, ['init', '--quiet', '--initial-branch=none']);
      await git(workspace, ['remote', 'add', 'origin', url]);
      const header = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
      await git(workspace, ['config', '--local', `http.${forge.url}/.extraheader`, header]);
      await git(workspace, ['fetch', '--quiet', '--no-tags', '--depth=1', 'origin', ref]);
      await git(workspace, [
        'checkout',
        '--quiet',
        ...('branch' in checkout ? ['-B', checkout.branch] : ['--detach']),
        'FETCH_HEAD',
      ]);
      if (owner !== undefined) await promisify(execFile)('chown', ['-R', String(owner), workspace]);
      return runAction({
        root: forge.root,
        workspace,
        event: { name: event, payload },
        inputs: { 'github-token': token, ...inputs },
        env: {
          GITHUB_REPOSITORY: name,
          GITHUB_SERVER_URL: forge.url,
          GITHUB_API_URL: forge.apiUrl,
          GITHUB_ACTOR: 'jane',
          GITHUB_REF: ref,
          ...env,
        },
        ...(node !== undefined && { node }),
        ...(cancelled && { cancelled }),
      });
    },
  };
}
