import type { ImageRule } from '../types.ts';
import { dataRules } from './rules-data.ts';
import { platformRules } from './rules-platform.ts';

const formats = ['reference', 'repository', 'tag', 'map'] as const;

/** The built-in rules; a user's own come after them. Pod specs need none: they are known by their shape. */
export const builtInRules: readonly (ImageRule & { readonly source: string })[] = [
  ...platformRules,
  ...dataRules,
].flatMap((rules) =>
  formats.flatMap((format) =>
    Object.entries(rules[format] ?? {}).flatMap(([where, fields]) => {
      const [apiVersion = '', ...kinds] = where.split(' ');
      return kinds.flatMap((kind) =>
        fields.split(' ').map((field) => ({ apiVersion, kind, field, format, source: rules.source })),
      );
    }),
  ),
);

/** Those whose fields do not hold the word that nearly all others hold. */
export const wordlessRules: readonly ImageRule[] = builtInRules.filter(
  ({ field }) => !field.includes('mage'),
);
