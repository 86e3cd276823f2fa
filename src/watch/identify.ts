import type { Config } from '../config/index.ts';
import { isIndex } from '../copy/index.ts';
import { anchorTag, type CopyStep } from '../plan/index.ts';
import { canonicalName, type Digest } from '../reference/index.ts';
import type { ManifestHead, Registries, Registry } from '../registry/index.ts';
import { openSource } from './open-source.ts';
import { isRefusal } from './refusal.ts';
import type { RunningDigest } from './types.ts';

type Identity = Pick<RunningDigest, 'kind' | 'isWhole'>;
interface Access {
  readonly config: Config;
  readonly registries: Registries;
  readonly signal: AbortSignal;
}

/** Remembers what is certain: a digest never becomes something else. Whether upstream still has it may change. */
export class Identities {
  readonly #known = new Map<string, 'index' | 'image' | 'platform'>();
  readonly #lost = new Set<string>();

  /**
   * What a digest that runs is: by cheap HEADs at the source or its mirrors, as a digest is the same everywhere; where
   * that no longer has it, or no longer answers, what the backup knows it as. Throws `RegistryError` when neither can
   * tell at the moment.
   */
  async find(step: CopyStep, digest: Digest, access: Access): Promise<Identity> {
    const key = keyOf(step, digest);
    if (!this.#known.has(key)) {
      const kind = await identifyDigest(step, digest, access);
      if (kind === null) this.#lost.add(key);
      else this.#lost.delete(key);
      const certain = kind ?? (await identifyBackup(step, digest, access));
      if (certain !== null) this.#known.set(key, certain);
    }
    return this.#judge(key);
  }

  /** Takes note of whether upstream has the digest. */
  see(step: CopyStep, digest: Digest, isThere: boolean): Identity {
    const key = keyOf(step, digest);
    if (isThere) this.#lost.delete(key);
    else this.#lost.add(key);
    return this.#judge(key);
  }

  #judge(key: string): Identity {
    const kind = this.#known.get(key) ?? 'gone';
    return { kind: this.#lost.has(key) ? 'gone' : kind, isWhole: kind === 'index' || kind === 'image' };
  }
}

/**
 * An image manifest counts as the image itself only where the tag names one, too: else it is one platform's part of an
 * index, and to pin it would break the other nodes. Null: the source no longer has it, or not for everybody.
 */
async function identifyDigest(
  step: CopyStep,
  digest: Digest,
  access: Access,
): Promise<'index' | 'image' | 'platform' | null> {
  const { registry, repository, tag } = step.source;
  const { signal } = access;
  const source = openSource(registry, access);
  const head = await headIfThere(source, repository, digest, signal);
  if (head === null) return null;
  if (isIndex(head.mediaType)) return 'index';
  const tagged = await headIfThere(source, repository, tag ?? 'latest', signal);
  return tagged !== null && !isIndex(tagged.mediaType) ? 'image' : 'platform';
}

/** The anchor with the source's own tag is written for whole images alone. */
export async function identifyBackup(
  { source, backup }: CopyStep,
  digest: Digest,
  { registries, signal }: Access,
): Promise<'index' | 'image' | null> {
  const registry = registries.open(backup.registry, 'push');
  const anchor = anchorTag(source.tag ?? 'latest', digest);
  const head = await headIfThere(registry, backup.repository, anchor, signal);
  if (head?.digest !== digest) return null;
  return isIndex(head.mediaType) ? 'index' : 'image';
}

/** Null for what is not there, or not for everybody. */
export async function headIfThere(
  registry: Registry,
  repository: string,
  name: string,
  signal: AbortSignal,
  asked: 'mirrors' | 'itself' = 'mirrors',
): Promise<ManifestHead | null> {
  try {
    return await registry.headManifest(repository, name, signal, asked);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function keyOf({ source }: CopyStep, digest: Digest): string {
  return `${canonicalName(source)} ${digest}`;
}
