export { findAddedUses } from './added-uses.ts';
export { anchorTag } from './anchor-tag.ts';
export { parseBackupPrefix } from './backup-name.ts';
export { assembleChangeSet, type ChangedFile, type ChangeSet } from './change-set.ts';
export { explainLeft } from './explain-left.ts';
export {
  type CopyIndex,
  findDigests,
  findMentions,
  findSourceMentions,
  indexCopies,
} from './find-mentions.ts';
export { compileGlob, findGlobProblem } from './glob.ts';
export { compileJudge, safeNamespaces } from './judge.ts';
export { emptyLock, formatLock, lockFileName, mergeLock } from './lock-file.ts';
export { findLocked } from './lock-lookup.ts';
export { type Naming, parseNaming } from './naming.ts';
export { nearest } from './nearest.ts';
export { parseLock } from './parse-lock.ts';
export { editedFile } from './places.ts';
export { planChartSwitches } from './plan-chart-switches.ts';
export { mergeSteps, planCopies } from './plan-copies.ts';
export { type PruneDecision, type PrunePolicy, planPrune } from './plan-prune.ts';
export {
  type PodSpecsOfFile,
  type PullSecret,
  type PullSecretAddition,
  type PullSecretPlan,
  planPullSecrets,
} from './plan-pull-secrets.ts';
export { planRestore, type RestorePlan } from './plan-restore.ts';
export { findBackedUses, planFiles, planRewrites } from './plan-rewrites.ts';
export { type LockVersion, listRecordedCopies, type RecordedCopy } from './recorded-copies.ts';
export { parseShard, type Shard, shardOf } from './shard.ts';
export { splitLock } from './split-lock.ts';
export type * from './types.ts';
