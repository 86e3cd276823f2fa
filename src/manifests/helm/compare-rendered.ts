import { parsePart, splitDocuments } from '../yaml/documents.ts';

/** What a chart renders: as it stands, once more as it stands, and with the edits. */
export interface Renderings {
  readonly before: string;
  /** What differs from `before` here differs at random (a password that the chart makes up), and says nothing. */
  readonly again: string;
  readonly after: string;
}

/** What the edits may change. */
export interface Expected {
  /** Whether `after` is the backup of the image that `before` names. */
  readonly isMove: (before: string, after: string) => boolean;
  /** A name that lists of `imagePullSecrets` may gain; null for none. */
  readonly pullSecret: string | null;
}

export interface RenderedDifference {
  /** Values that name a backup now. */
  readonly images: number;
  readonly pullSecrets: number;
  /** Places that differ in anything else: object and path, never the value. Sorted. */
  readonly others: readonly string[];
}

/** Compares rendered objects value by value. Null where one of the texts is no YAML. */
export function compareRendered(
  { before, again, after }: Renderings,
  { isMove, pullSecret }: Expected,
): RenderedDifference | null {
  const [old, twice, now] = [listLeaves(before), listLeaves(again), listLeaves(after)];
  if (old === null || twice === null || now === null) return null;
  const others: string[] = [];
  let images = 0;
  let pullSecrets = 0;
  for (const place of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(place), now.get(place)];
    if (was === is || was !== twice.get(place)) continue;
    if (was !== undefined && is !== undefined && differsByMoves(was, is, isMove)) images++;
    else if (was === undefined && is === pullSecret && /\.imagePullSecrets\.\d+(?:\.name)?$/.test(place))
      pullSecrets++;
    else if (!(was === '[]' && is === undefined && place.endsWith('.imagePullSecrets'))) others.push(place);
  }
  return { images, pullSecrets, others: others.toSorted() };
}

/** Also in arguments (`--image=nginx:1.25`) and in text that holds several. */
function differsByMoves(before: string, after: string, isMove: Expected['isMove']): boolean {
  const separators = /([\s"'=,]+)/;
  const now = after.split(separators);
  const was = before.split(separators);
  return was.length === now.length && was.every((word, i) => word === now[i] || isMove(word, now[i] ?? ''));
}

/** Every scalar and every empty collection, by `Kind/namespace/name.path`. Null for what is no YAML. */
function listLeaves(text: string): Map<string, string> | null {
  const leaves = new Map<string, string>();
  const seen = new Map<string, number>();
  for (const part of splitDocuments(text)) {
    const { document } = parsePart(part);
    if (document.errors.length > 0) return null;
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch {
      return null; // aliases that would fill the memory
    }
    const name = nameObject(value);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    addLeaves(value, count === 1 ? name : `${name}#${count}`, leaves);
  }
  return leaves;
}

function nameObject(value: unknown): string {
  const { kind, metadata } = fieldsOf(value);
  const { namespace, name } = fieldsOf(metadata);
  return [kind, namespace, name].filter((word) => typeof word === 'string').join('/');
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function addLeaves(value: unknown, path: string, leaves: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) {
    leaves.set(path, String(value));
    return;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) leaves.set(path, Array.isArray(value) ? '[]' : '{}');
  for (const [key, inner] of entries) addLeaves(inner, `${path}.${key}`, leaves);
}
