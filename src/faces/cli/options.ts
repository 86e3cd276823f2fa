import { howOptions } from './options-how.ts';
import { outputOptions } from './options-output.ts';
import { whatOptions } from './options-what.ts';
import { whereOptions } from './options-where.ts';

export type { OptionRow } from './option-row.ts';

/** Every option that some command takes. Help, parser and configuration are made from this table. */
export const optionRows = [...whatOptions, ...whereOptions, ...howOptions, ...outputOptions] as const;

/** The flag of an option, without dashes. */
export type OptionFlag = (typeof optionRows)[number]['flag'];
