import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../../config/index.ts';
import {
  addImage,
  type EmbeddedForge,
  type EmbeddedRegistry,
  type ForgeRepository,
  startForge,
  startRegistry,
} from '../../embedded/index.ts';
import { HoldfastError } from '../../error.ts';
import { demoImages, writeShop } from './demo-shop.ts';

/** The name that the demo's backup registry goes by; the configuration says where it is reached. */
export const demoBackup = 'registry.example/backup';

/** Stands for the token of a bot; the demo's forge takes it, and nobody else. */
export const demoToken = 'demo';

/** A world in a temporary folder: public registries, a backup registry, and a clone of a shop on a forge. */
export interface DemoWorld {
  readonly checkout: string;
  readonly backup: EmbeddedRegistry;
  readonly forge: EmbeddedForge;
  readonly repository: ForgeRepository;
  /** Runs git in the checkout and gives its output. */
  git(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** Builds the world. Nothing of it outlives `close`. */
export async function openDemoWorld(env: Environment): Promise<DemoWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
  const checkout = join(folder, 'shop');
  const repositories = demoImages.map(({ repository }) => repository);
  const publicRegistry = await startRegistry({
    // As Docker Hub does: what is deleted, or never was, asks for a login.
    auth: { kind: 'bearer', users: [], anonymousPull: new RegExp(`^(?:${repositories.join('|')})$`) },
  });
  const backup = await startRegistry();
  const forge = await startForge({
    root: folder,
    environment: { PATH: env['PATH'] },
    users: { [demoToken]: demoBot },
  });
  const git = async (...args: readonly string[]) => runGit(checkout, args, env);
  const close = async () => {
    await Promise.all([publicRegistry.close(), backup.close(), forge.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    let kubectl = '';
    for (const { repository, tag, layerBytes } of demoImages) {
      const digest = await addImage(publicRegistry, repository, tag, { layerBytes });
      if (repository === 'kubectl') kubectl = digest;
    }
    const files = { ...writeShop(kubectl), '.holdfast.yaml': writeConfig(publicRegistry.url, backup.url) };
    const repository = await forge.createRepository('acme/shop', files);
    await mkdir(checkout);
    await git('clone', '--quiet', repository.folder, '.');
    await git('remote', 'set-url', 'origin', forge.cloneUrl(repository));
    return { checkout, backup, forge, repository, git, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const demoBot = {
  login: 'holdfast[bot]',
  type: 'Bot',
  contents: 'write',
  pullRequests: 'write',
  issues: 'write',
  checks: 'write',
  mayCreatePulls: true,
} as const;

function writeConfig(publicUrl: string, backupUrl: string): string {
  const hosts = [...new Set(demoImages.map(({ registry }) => registry))];
  const lines = [
    `backup: ${demoBackup}`,
    'registries:',
    ...hosts.map((host) => `  ${host}: { endpoint: "${publicUrl}" }`),
    `  ${demoBackup.split('/')[0]}: { endpoint: "${backupUrl}" }`,
  ];
  return `${lines.join('\n')}\n`;
}

/** git with an identity of its own, deaf to the user's configuration: hooks and signing have no business here. */
async function runGit(folder: string, args: readonly string[], env: Environment): Promise<string> {
  const identity = { NAME: 'holdfast demo', EMAIL: 'demo@holdfast.invalid' };
  const own = {
    PATH: env['PATH'],
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: identity.NAME,
    GIT_AUTHOR_EMAIL: identity.EMAIL,
    GIT_COMMITTER_NAME: identity.NAME,
    GIT_COMMITTER_EMAIL: identity.EMAIL,
  };
  try {
    const { stdout } = await promisify(execFile)('git', args, { cwd: folder, env: own });
    return stdout;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const sentence = missing ? 'git is not on the PATH; install it' : `git ${args[0]} failed in ${folder}`;
    throw new HoldfastError('environment', sentence, { cause: error });
  }
}
