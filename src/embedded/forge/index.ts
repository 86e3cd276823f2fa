export { bareGit } from './bare-git.ts';
export { startForge } from './start-forge.ts';
export type * from './types.ts';
