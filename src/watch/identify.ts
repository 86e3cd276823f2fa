import type { CopyStep } from '../plan/index.ts';
import { canonicalName, type Digest } from '../reference/index.ts';
import type { WatchContext } from './context.ts';
import type { RunningKind } from './types.ts';

/**
 * What a digest is at the source of an image, by cheap HEADs. An image manifest counts as the image itself only where
 * the tag names one, too: else it is one platform's part of an index, and to pin it would break the other nodes.
 */
export async function identifyDigest(
  step: CopyStep,
  digest: Digest,
  context: Pick<WatchContext, 'registries' | 'signal' | 'config'>,
): Promise<RunningKind> {
  const { registry, repository, tag } = step.source;
  const { registries, signal, config } = context;
  const source = registries.open(registry, config.includePrivate ? 'pull' : 'anonymous');
  const head = await source.headManifest(repository, digest, signal);
  if (head === null) return 'gone';
  if (isIndex(head.mediaType)) return 'index';
  const tagged = await source.headManifest(repository, tag ?? 'latest', signal);
  return tagged !== null && !isIndex(tagged.mediaType) ? 'image' : 'platform';
}

/** Remembers what is certain: a digest never becomes something else. */
export class Identities {
  readonly #known = new Map<string, RunningKind>();

  async find(
    step: CopyStep,
    digest: Digest,
    context: Pick<WatchContext, 'registries' | 'signal' | 'config'>,
  ): Promise<RunningKind> {
    const key = `${canonicalName(step.source)} ${digest}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const kind = await identifyDigest(step, digest, context);
    if (kind !== 'gone') this.#known.set(key, kind);
    return kind;
  }
}

function isIndex(mediaType: string): boolean {
  return /\.(?:index|manifest\.list)\.v\d/.test(mediaType);
}
