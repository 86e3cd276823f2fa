export type { LiveOwner, OwnerSource, Revision } from './live-owner.ts';
export type { LivePod, RunningContainer } from './live-pod.ts';
export { type LiveImage, type LiveWorkload, type PullAccess, toImageUses } from './live-workload.ts';
export { type Cluster, type ClusterOptions, openCluster } from './open-cluster.ts';
export { type ClusterReading, readCluster } from './read-cluster.ts';
export { ClusterError } from './requests.ts';
export { type ClusterWatch, type LiveWorld, watchCluster } from './watch-cluster.ts';
export { type EventWriter, openEventWriter, type WorkloadEvent } from './write-events.ts';
