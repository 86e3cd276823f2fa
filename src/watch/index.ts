export type { WatchEvents } from './events.ts';
export { familiar } from './familiar.ts';
export { findAdvice } from './find-advice.ts';
export type { LiveUse, OtherImage } from './picture.ts';
export type { ForgeAccess } from './propose-into.ts';
export { PullSecrets } from './pull-secrets.ts';
export { readPolicy } from './read-policy.ts';
export { type StartOptions, startWatch, type Watch, type WatchSnapshot } from './start-watch.ts';
export type * from './types.ts';
