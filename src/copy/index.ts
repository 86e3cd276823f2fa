export { copyImages, openCopies } from './copy-images.ts';
export { describeImage, type ImageFacts } from './describe-image.ts';
export { lookUp } from './look-up.ts';
export { isIndex } from './manifest-parts.ts';
export { pruneBackups } from './prune-backups.ts';
export type * from './prune-types.ts';
export type * from './types.ts';
export { verifyBackups } from './verify-backups.ts';
export type * from './verify-types.ts';
