export { type Cluster, ClusterError, type ClusterOptions, openCluster } from './open-cluster.ts';
export { type ClusterReading, readCluster } from './read-cluster.ts';
