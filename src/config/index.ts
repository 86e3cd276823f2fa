export type { ConfigFile } from './config-file.ts';
export { configFileNames } from './config-file-names.ts';
export type { Environment } from './expand-variables.ts';
export { type ConfigSources, loadConfig } from './load-config.ts';
export { findRepositoryFile, type RepositoryConfig, restrictToRepository } from './repository-file.ts';
export { configSchema } from './schema.ts';
export { seedSettings } from './seed-settings.ts';
export { type Setting, type SettingKey, variables } from './settings.ts';
export type * from './types.ts';
