export {
  type Cluster,
  type ClusterOptions,
  type ClusterWatch,
  type EventWriter,
  type LiveOwner,
  type LivePod,
  type LiveWorkload,
  type LiveWorld,
  type OwnerSource,
  openCluster,
  openEventWriter,
  type PullAccess,
  type Revision,
  readCluster,
  type WorkloadEvent,
  watchCluster,
} from './cluster/index.ts';
export { type FoundLock, readLock } from './lock-place.ts';
export { type Reading, type ReadOptions, readManifests } from './read-manifests.ts';
export { eachUncommitted } from './read-uncommitted.ts';
export { type RenderOptions, renderChart } from './render-chart.ts';
export { type FileChange, type WriteResult, writeManifests } from './write-manifests.ts';
