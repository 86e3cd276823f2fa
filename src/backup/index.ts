/**
 * The use cases: what each command does, with nothing of how a face asks for it or shows it. In all of them the
 * order is the promise: read, plan, copy, prove, and only then edit.
 *
 * Each is loaded when it is asked for: what copies needs nothing of what edits, or of git and GitHub, and starts sooner.
 */
export type { PruneChoice } from './prune.ts';
export type { ProposeWork } from './pull-request.ts';
export type { ReviewCall, Reviewed } from './review.ts';
export { readShard } from './sharding.ts';
export type { Work } from './work.ts';
export type { SecretSource, WrittenSecrets } from './write-secrets.ts';

export const scan: typeof import('./scan.ts').scan = async (...call) =>
  (await import('./scan.ts')).scan(...call);

export const plan: typeof import('./plan.ts').plan = async (...call) =>
  (await import('./plan.ts')).plan(...call);

export const planShards: typeof import('./plan.ts').planShards = async (...call) =>
  (await import('./plan.ts')).planShards(...call);

export const copy: typeof import('./copy-only.ts').copy = async (...call) =>
  (await import('./copy-only.ts')).copy(...call);

export const rewrite: typeof import('./rewrite.ts').rewrite = async (...call) =>
  (await import('./rewrite.ts')).rewrite(...call);

export const proposeBackup: typeof import('./pull-request.ts').proposeBackup = async (...call) =>
  (await import('./pull-request.ts')).proposeBackup(...call);

export const check: typeof import('./check.ts').check = async (...call) =>
  (await import('./check.ts')).check(...call);

export const review: typeof import('./review.ts').review = async (...call) =>
  (await import('./review.ts')).review(...call);

export const verify: typeof import('./verify.ts').verify = async (...call) =>
  (await import('./verify.ts')).verify(...call);

export const restore: typeof import('./restore.ts').restore = async (...call) =>
  (await import('./restore.ts')).restore(...call);

export const prune: typeof import('./prune.ts').prune = async (...call) =>
  (await import('./prune.ts')).prune(...call);

export const writeSecrets: typeof import('./write-secrets.ts').writeSecrets = async (...call) =>
  (await import('./write-secrets.ts')).writeSecrets(...call);
