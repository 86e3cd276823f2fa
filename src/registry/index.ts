export { type Clock, systemClock } from './clock.ts';
export { digestOf } from './digest-of.ts';
export { findDockerCredentials, parseDockerConfig } from './docker-config.ts';
export { isEcr } from './ecr.ts';
export { findPullCredentials } from './find-pull-credentials.ts';
export { openRegistries } from './open-registries.ts';
export { RegistryError } from './registry-error.ts';
export type { AwsCredentials, Credentials, OnWait, RegistriesOptions, RegistrySettings } from './settings.ts';
export type * from './types.ts';
