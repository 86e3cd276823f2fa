import type { Config } from '../config/index.ts';
import type { Clock, Registries } from '../registry/index.ts';
import type { WatchEvents } from './events.ts';
import type { Identities } from './identify.ts';
import type { Ledger } from './ledger.ts';

/** What the parts of the daemon share. */
export interface WatchContext {
  readonly config: Config;
  readonly registries: Registries;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly identities: Identities;
  readonly events: WatchEvents;
  readonly signal: AbortSignal;
}
