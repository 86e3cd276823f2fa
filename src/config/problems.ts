import type { z } from 'zod';
import { nearest } from '../plan/index.ts';
import { quote } from '../reference/index.ts';
import { type ConfigLayer, configSchema, layerSchema } from './schema.ts';

type Path = readonly PropertyKey[];

/** One thing that is wrong with a layer: where, and a sentence with the cure. No value of a secret is in it. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

interface Described extends Problem {
  /** True when the key itself is wrong, so that its value does not matter. */
  readonly unknown?: boolean;
}

export type CheckedLayer =
  | { readonly ok: true; readonly value: ConfigLayer }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks one layer, whatever it came from. */
export function checkLayer(layer: unknown): CheckedLayer {
  const says = (key: string) => typeof layer === 'object' && layer !== null && Object.hasOwn(layer, key);
  const result = layerSchema(says).safeParse(layer);
  const stray = findStrayVariables(layer, []);
  if (result.success && stray.length === 0) return { ok: true, value: result.data };
  const found = (result.error?.issues ?? []).flatMap((issue) => describeIssue(issue, issue.path, layer));
  const places = new Set(found.filter(({ unknown }) => unknown).map(({ path }) => path.join('.')));
  const strayPlaces = new Set(stray.map(({ path }) => path.join('.')));
  return {
    ok: false,
    problems: [
      ...stray.filter(({ path }) => !places.has(path.join('.'))),
      ...found.filter(({ path, unknown }) => unknown || !strayPlaces.has(path.join('.'))),
    ],
  };
}

function describeIssue(issue: z.core.$ZodIssue, path: Path, layer: unknown): readonly Described[] {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = findKeys(path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: describeUnknown(key, known),
        unknown: true,
      }));
    }
    case 'invalid_type':
      if (path.reduce<unknown>((value, key) => get(value, String(key)), layer) === undefined)
        return [{ path, message: 'it is missing' }];
      return [{ path, message: `it must be ${kinds[issue.expected] ?? issue.expected}` }];
    case 'invalid_value':
      return [{ path, message: `it must be ${issue.values.map(String).join(' or ')}` }];
    case 'invalid_union':
      return [{ path, message: 'it must be all, or a list such as [linux/amd64, linux/arm64]' }];
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    case 'too_small':
    case 'too_big':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_element':
    case 'custom':
      return [{ path, message: issue.message }];
    default:
      return [{ path, message: 'it is not valid' }];
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text (in quotes if it looks like a number)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function describeUnknown(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === null
    ? `it is not a known key: write one of ${known.join(', ')}`
    : `it is not a known key: did you mean ${quote(near)}?`;
}

/** The keys that may stand at a path, as the published schema has them. */
function findKeys(path: Path): readonly string[] {
  let schema: unknown = configSchema();
  for (const key of path) {
    schema =
      typeof key === 'number'
        ? get(schema, 'items')
        : (get(get(schema, 'properties'), String(key)) ?? get(schema, 'additionalProperties'));
  }
  const properties = get(schema, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function get(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}

/** `${VAR}` outside of username and password would be taken literally; better to say so. */
function findStrayVariables(value: unknown, path: Path): readonly Problem[] {
  if (typeof value === 'string')
    return /\$\{\w+\}/.test(value) && !isCredential(path)
      ? [
          {
            path,
            message:
              '${…} is expanded in username and password alone: write the value, or set it by a HOLDFAST_ variable',
          },
        ]
      : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => findStrayVariables(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => findStrayVariables(item, [...path, key]));
}

function isCredential(path: Path): boolean {
  if (path[0] !== 'registries') return false;
  const inside = path[2] === 'push' ? path.slice(3) : path.slice(2);
  return inside.length === 1 && (inside[0] === 'username' || inside[0] === 'password');
}

/** `registries.docker.io.mirrors[0]`. */
export function formatKey(path: Path): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}
