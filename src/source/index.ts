export { type ClusterOptions, openCluster, readCluster } from './cluster/index.ts';
export { type FoundLock, readLock } from './lock-place.ts';
export { type Reading, type ReadOptions, readManifests } from './read-manifests.ts';
export { type FileChange, type WriteResult, writeManifests } from './write-manifests.ts';
