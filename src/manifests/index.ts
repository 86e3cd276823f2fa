export { type DocumentPart, parsePart, splitDocuments } from './documents.ts';
export { findImages } from './find-images.ts';
export { describeHold } from './hold.ts';
export { type ScanOptions, scanManifests } from './scan.ts';
export type * from './types.ts';
