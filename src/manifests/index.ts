export { type DocumentPart, parsePart, splitDocuments } from './documents.ts';
export { findImages } from './find-images.ts';
export { findPodSpecs } from './find-pod-specs.ts';
export { findServiceAccounts } from './find-service-accounts.ts';
export { describeHold } from './hold.ts';
export { rewriteManifest } from './rewrite.ts';
export { type ScanOptions, scanManifests } from './scan.ts';
export { canChangeTag, canHoldDigest } from './split-image.ts';
export type * from './types.ts';
