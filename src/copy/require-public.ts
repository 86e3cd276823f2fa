import type { CopyStep } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { RegistryError } from '../registry/index.ts';
import { CopyFailure } from './failure.ts';
import type { Run } from './job.ts';
import type { Resolution } from './resolution.ts';

/**
 * Throws unless strangers may pull the digest, the backup has it already, or private images are wanted. Where the tag
 * was asked for without credentials that is known; a digest costs a HEAD, which is no pull. The registry itself is
 * asked: a mirror may show to everybody what it pulled with credentials of its own.
 */
export async function requirePublic(
  { options, contents }: Run,
  step: CopyStep,
  { digest, isPublic }: Pick<Resolution, 'digest' | 'isPublic'>,
): Promise<void> {
  if (options.includePrivate || isPublic || contents.hasManifest(step.backup, digest)) return;
  const { registry, repository } = step.source;
  const find = (use: 'anonymous' | 'pull') =>
    options.registries.open(registry, use).headManifest(repository, digest, options.signal, 'itself');
  if ((await find('anonymous')) !== null) return;
  // Some registries answer 404 where others answer 401, so that strangers do not learn what is there.
  if ((await find('pull')) === null) throw noManifest(step, digest);
  throw new RegistryError('unauthorized', `it shows ${digest} to those with credentials alone`, {
    registry,
    repository,
  });
}

/** `any more` only of what is known to have been there. */
export function noManifest({ source, locked }: CopyStep, digest: Digest): CopyFailure {
  const since = locked?.digest === digest || locked?.origin === digest ? ' any more' : '';
  return new CopyFailure(
    'not-found',
    `${source.registry}/${source.repository} has no manifest ${digest}${since}.`,
  );
}
