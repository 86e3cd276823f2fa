export { parseDigest } from './digest.ts';
export { canonicalName, familiarName, formatReference, type ImageName } from './format-reference.ts';
export { findHostProblem, findRepositoryProblem, findTagProblem } from './grammar.ts';
export { parseImageReference, parseRegistryHost } from './image-reference.ts';
export { isUnder, type RepositoryPrefix } from './is-under.ts';
export { quote } from './quote.ts';
export type * from './types.ts';
