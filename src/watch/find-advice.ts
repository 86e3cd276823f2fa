import type { Targets, Unexplained } from './find-targets.ts';
import type { ProposalState } from './types.ts';

/**
 * The sentence for each image that is known to be named nowhere. Of a repository that was not read yet, as it cannot
 * be reached or as the mode does not propose, nothing is said.
 */
export function findAdvice(
  { repositories, homeless, passing }: Targets,
  proposals: readonly ProposalState[],
): ReadonlyMap<string, string> {
  const lost = repositories.flatMap(({ elsewhere }) =>
    elsewhere.filter((one) => isNamedNowhere(one, one.among, proposals)),
  );
  return new Map([...passing, ...lost, ...homeless].map(({ canonical, sentence }) => [canonical, sentence]));
}

/** All of these repositories were read as a whole, and none names it. */
export function isNamedNowhere(
  { canonical }: Pick<Unexplained, 'canonical'>,
  among: readonly string[],
  proposals: readonly ProposalState[],
): boolean {
  return among.every((url) => {
    const here = proposals.filter(({ repository }) => repository === url);
    return here.length > 0 && here.every(({ sources }) => sources !== null && !sources.includes(canonical));
  });
}
