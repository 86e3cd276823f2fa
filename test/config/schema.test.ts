import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/index.ts';

describe('the published schema', () => {
  it('is the same each time', () => {
    expect(JSON.stringify(configSchema())).toBe(JSON.stringify(configSchema()));
  });

  it('describes every key, so that editors can', () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, value] of Object.entries(node)) {
        if (key === 'properties')
          for (const [name, property] of Object.entries(value))
            if (!Object.hasOwn(Object(property), 'description')) bare.push(`${path}.${name}`);
        visit(value, `${path}.${key}`);
      }
    };
    visit(configSchema(), '');
    expect(Object.keys(Object(configSchema().properties))).toHaveLength(20);
    expect(bare).toEqual([]);
  });

  it('accepts what is right and refuses unknown keys, as the program does', () => {
    const accepts = new Ajv({ strict: false }).compile(configSchema());
    expect(
      accepts({ backup: 'ghcr.io/a', platforms: ['linux/amd64'], registries: { 'x.io': { mirrors: [] } } }),
    ).toBe(true);
    expect(accepts({})).toBe(true);
    expect(accepts({ bakcup: 'x' })).toBe(false);
    expect(accepts({ registries: { 'x.io': { mirror: 'x' } } })).toBe(false);
    expect(accepts({ pin: 'both' })).toBe(false);
    expect(accepts({ rules: [{ kind: 'K' }] })).toBe(false);
  });
});
