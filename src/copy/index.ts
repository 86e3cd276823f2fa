export { copyImages } from './copy-images.ts';
export type * from './types.ts';
