import { isUtf8 } from 'node:buffer';
import { HoldfastError } from '../error.ts';
import { type FileVersion, type GitAccess, type History, openHistory } from '../forge/index.ts';
import { type ImageRule, scanManifests } from '../manifests/index.ts';
import {
  findDigests,
  findMentions,
  findSourceMentions,
  indexCopies,
  type LockVersion,
  lockFileName,
  parseLock,
  type RecordedCopy,
  splitLock,
} from '../plan/index.ts';
import { type Digest, parseDigest, type RepositoryPrefix } from '../reference/index.ts';
import { type Cluster, eachUncommitted, openCluster, readCluster } from '../source/index.ts';
import type { Work } from './work.ts';

interface RootChoice {
  readonly repositories: readonly string[];
  readonly clusters: readonly NonNullable<Work['cluster']>[];
  readonly history: number;
  readonly now: Date;
  readonly accessTo: (place: string) => GitAccess;
}

/** All that may use the backup, opened. */
export interface Roots {
  readonly histories: readonly History[];
  readonly clusters: readonly Cluster[];
  close(): Promise<void>;
}

/** Throws when one of them cannot be reached. */
export async function openRoots({ repositories, clusters, accessTo }: RootChoice): Promise<Roots> {
  const histories: History[] = [];
  const close = async (): Promise<void> => {
    for (const history of histories) await history.close();
  };
  try {
    for (const place of new Set(repositories)) histories.push(await openHistory(place, accessTo(place)));
    const opened: Cluster[] = [];
    for (const options of clusters)
      opened.push(await orRefuse(options.context ?? 'of the current context', () => openCluster(options)));
    return { histories, clusters: opened, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Every state of every lock file. One that counts and cannot be read stops the run: it says what manifests mean. */
export async function readLockVersions(
  { histories }: Roots,
  choice: RootChoice,
): Promise<readonly LockVersion[]> {
  const versions = new Map<string, LockVersion>();
  const add = (
    text: string,
    { committed, lastCommitted, isRecent }: Omit<LockVersion, 'lock'>,
    fail: (problem: string) => never,
  ): void => {
    const known = versions.get(text);
    if (known !== undefined) {
      versions.set(text, {
        lock: known.lock,
        committed: Math.min(known.committed, committed),
        lastCommitted: Math.max(known.lastCommitted, lastCommitted),
        isRecent: known.isRecent || isRecent,
      });
      return;
    }
    const parsed = parseLock(text);
    if (parsed.ok) versions.set(text, { lock: parsed.value, committed, lastCommitted, isRecent });
    else if (isRecent) fail(parsed.problem);
  };
  for (const history of histories) {
    const recent = new Set<string>();
    await history.eachFile(sinceOf(choice), isLock, ({ bytes }) => {
      recent.add(decodeText(bytes));
    });
    for (const { path, bytes, ...dates } of await history.listVersions(lockFileName)) {
      const text = decodeText(bytes);
      const fail = (problem: string): never => {
        throw new HoldfastError('config', `${history.name}: ${path} as a branch has it: ${problem}.`);
      };
      const isRecent = recent.has(text);
      for (const part of splitLock(text) ?? [text]) add(part, { ...dates, isRecent }, fail);
    }
  }
  return [...versions.values()];
}

/** What the roots say. */
export interface Evidence {
  readonly used: ReadonlySet<RecordedCopy>;
  /** Every digest that is named anywhere. */
  readonly digests: ReadonlySet<string>;
  /** Those that are named with a repository of the backup (`ghcr.io/acme/backup/nginx`), recorded or not. */
  readonly named: ReadonlyMap<string, ReadonlySet<Digest>>;
  /** States of files that were looked at. */
  readonly files: number;
}

/** Reads every file of every branch and recent tag and its recent history, what lies in named folders, and what runs. */
export async function gatherEvidence(
  { histories, clusters }: Roots,
  copies: readonly RecordedCopy[],
  backup: RepositoryPrefix,
  choice: RootChoice & { readonly rules: readonly ImageRule[] },
  signal?: AbortSignal,
): Promise<Evidence> {
  const { rules } = choice;
  const index = indexCopies(copies, backup);
  const used = new Set<RecordedCopy>();
  const digests = new Set<string>();
  const named = new Map<string, Set<Digest>>();
  let files = 0;
  const addText = (text: string): void => {
    for (const digest of findDigests(text)) digests.add(digest);
    const mentions = findMentions(index, text);
    for (const copy of mentions.copies) used.add(copy);
    for (const { at, digest } of mentions.digests) {
      const parsed = parseDigest(digest);
      if (!parsed.ok) continue;
      const key = `${at.registry}/${at.repository}`;
      named.set(key, (named.get(key) ?? new Set()).add(parsed.value));
    }
  };
  const addImage = (written: string): void => {
    addText(written);
    for (const copy of findSourceMentions(index, written)) used.add(copy);
  };
  const addFile = ({ path, bytes }: FileVersion): void => {
    signal?.throwIfAborted();
    if (isLock(path)) return;
    files += 1;
    const text = decodeText(bytes);
    addText(text);
    if (/\.(?:ya?ml|json|kyaml)$|(?:^|\/)Kustomization$/i.test(path))
      for (const { written } of scanManifests([{ path, text }], { rules }).uses) addImage(written);
  };
  for (const history of histories) {
    await history.eachFile(sinceOf(choice), (path) => !isLock(path), addFile);
    // What is not committed yet counts as well.
    if (history.folder !== null) await eachUncommitted(history.folder, addFile, signal);
  }
  for (const cluster of clusters) {
    const { uses } = await orRefuse(cluster.name, () => readWhole(cluster, addText));
    for (const { written } of uses) addImage(written);
  }
  return { used, digests, named, files };
}

/** Names of images are ASCII, whatever the rest is: one byte for a character, and UTF-16 without its zeros. */
function decodeText(bytes: Buffer): string {
  return isUtf8(bytes) && !bytes.includes(0)
    ? bytes.toString('utf8')
    : bytes.toString('latin1').replaceAll('\0', '');
}

/** Whatever breaks on the way to a cluster: what runs there is not known. */
async function orRefuse<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new HoldfastError(
      'access',
      `The cluster ${name} cannot be read, so nothing is deleted: ${problem}.`,
      {
        cause,
      },
    );
  }
}

/** A kind that may not be listed may use anything. */
async function readWhole(cluster: Cluster, onText: (text: string) => void): ReturnType<typeof readCluster> {
  const reading = await readCluster(cluster, { onText });
  const [first] = reading.notes;
  if (first === undefined) return reading;
  throw new HoldfastError(
    'access',
    `The cluster ${cluster.name} can only be read in part, so nothing is deleted: ${first}`,
  );
}

function sinceOf({ now, history }: RootChoice): Date {
  return new Date(now.getTime() - history * 86_400_000);
}

function isLock(path: string): boolean {
  return path === lockFileName || path.endsWith(`/${lockFileName}`);
}
