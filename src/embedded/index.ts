export { type AddImageOptions, addImage } from './add-image.ts';
export type { Answer, Asked, Serve } from './asked.ts';
export type { Listener, RequestRecord, TlsFiles } from './exchange.ts';
export { listen } from './exchange.ts';
export type { Fault, FaultPlan, FaultRule, Faults, RandomFaults } from './fault-plan.ts';
export { everyFault, planFaults } from './fault-plan.ts';
export * from './forge/index.ts';
export { startRegistry } from './start-registry.ts';
export type {
  EmbeddedRegistry,
  RecordFilter,
  RegistryAuth,
  RegistryOptions,
  RegistrySnapshot,
  RegistryUser,
} from './types.ts';
