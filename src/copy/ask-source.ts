import type { CopyStep } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { CopyFailure, codeOf } from './failure.ts';
import type { Run } from './job.ts';
import { isIndex, isSchema1 } from './manifest-parts.ts';
import { plainTag } from './tags.ts';

/** What the source says of a tag. `problem`: what was thrown instead; null with a digest, and when nobody asked. */
export interface Upstream {
  readonly digest: Digest | null;
  readonly isSchema1: boolean;
  readonly isIndex: boolean;
  readonly problem: unknown;
}

export const notAsked: Upstream = { digest: null, isSchema1: false, isIndex: false, problem: null };

/**
 * Without credentials, unless private images are wanted: what answers then is public. That only the registry itself can
 * say: a mirror may show to everybody what it pulled with credentials of its own. A HEAD is no pull.
 */
export async function askSource(run: Run, step: CopyStep): Promise<Upstream> {
  const { registries, includePrivate, signal } = run.options;
  const tag = plainTag(step.source) ?? 'latest';
  try {
    const source = registries.open(step.source.registry, includePrivate ? 'pull' : 'anonymous');
    const head = await source.headManifest(
      step.source.repository,
      tag,
      signal,
      includePrivate ? 'mirrors' : 'itself',
    );
    if (head !== null) {
      const { digest, mediaType } = head;
      return { digest, isSchema1: isSchema1(mediaType), isIndex: isIndex(mediaType), problem: null };
    }
    return {
      ...notAsked,
      problem: new CopyFailure('not-found', `${step.canonical} is not there.`),
    };
  } catch (problem) {
    return { ...notAsked, problem };
  }
}

/** Deleted, or made private: not to be seen any more, in contrast to a registry that is down for a while. */
export function isGone(upstream: Upstream): boolean {
  return ['not-found', 'unauthorized', 'denied'].includes(codeOf(upstream.problem) ?? '');
}

/** What a person should know where the backup is there, and the source did not answer. */
export function describeSilence(step: CopyStep, upstream: Upstream): string[] {
  if (upstream.problem === null) return [];
  return [
    isGone(upstream)
      ? `${step.canonical} is not publicly pullable any more (deleted, or private); the backup is kept.`
      : `${step.canonical} could not be asked for: whether its tag moved is not known.`,
  ];
}
