/**
 * The few classes of the Kubernetes client that we use. Imported lazily and only from here, so that a bundler takes
 * these alone and nobody pays for them who has no cluster.
 */
export { KubeConfig } from '@kubernetes/client-node';
