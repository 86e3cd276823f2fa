export { copyImages } from './copy-images.ts';
export type * from './types.ts';
export { verifyBackups } from './verify-backups.ts';
export type * from './verify-types.ts';
