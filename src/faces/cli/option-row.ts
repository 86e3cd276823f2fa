import type { SettingKey } from '../../config/index.ts';
import type { CommandName } from './command-name.ts';

/** What the value of an option is; a `switch` takes none. */
export type OptionKind = 'text' | 'list' | 'number' | 'choice' | 'switch' | 'optional';

/** One option of the command line. The same row names its configuration key and, through that, its variable. */
export interface OptionRow {
  /** Long flag without dashes: `exclude-image`. */
  readonly flag: string;
  readonly short?: string;
  /** What the value stands for in the help: `REGISTRY/PREFIX`. */
  readonly value?: string;
  readonly kind: OptionKind;
  readonly choices?: readonly string[];
  /** Smallest of a number; 1 by default. */
  readonly least?: number;
  /** The one command that means this by it, where two have a flag of the same name. */
  readonly only?: CommandName;
  /** Dotted key of the configuration file; null for what concerns this call alone. */
  readonly key: SettingKey | null;
  readonly help: string;
  readonly group: 'what' | 'where' | 'how' | 'output';
}
