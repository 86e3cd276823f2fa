import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';
import {
  canonicalName,
  type Digest,
  type Parsed,
  parseDigest,
  parseImageReference,
  quote,
} from '../reference/index.ts';
import { lockVersion } from './lock-file.ts';
import { nearest } from './nearest.ts';
import { compareText } from './places.ts';
import { readPlainLock } from './read-plain-lock.ts';
import type { LockEntry, LockFile } from './types.ts';

const fields = ['digest', 'backup', 'platforms', 'origin'];

/** Reads a lock file. A problem names the line, its caller the file. */
export function parseLock(text: string): Parsed<LockFile> {
  const plain = readPlainLock(text);
  if (plain !== null) return { ok: true, value: { entries: plain } };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    strict: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const conflict = text.split('\n').findIndex((line) => /^(?:<{7}|={7}|>{7})/.test(line));
  if (conflict >= 0)
    return bad(
      conflict + 1,
      'a merge left its conflict markers: keep the entries of both sides, take the markers out',
    );
  try {
    const error = document.errors[0];
    if (error !== undefined) throw new LockProblem(error.pos[0], error.message.split('\n')[0] ?? error.code);
    return { ok: true, value: { entries: readLock(document.contents) } };
  } catch (error) {
    if (error instanceof LockProblem) return bad(lines.linePos(error.offset).line, error.message);
    throw error;
  }
}

class LockProblem extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

function readLock(root: unknown): readonly LockEntry[] {
  if (root === null) return [];
  if (!isMap(root)) throw new LockProblem(0, 'it must be a map with version and images');
  const known = ['version', 'images'];
  let found: string | null = null;
  let entries: readonly LockEntry[] = [];
  for (const pair of root.items) {
    const key = keyOf(pair);
    if (key.text === 'version') found = scalarOf(pair, key.text).text;
    else if (key.text === 'images') entries = readEntries(pair, key.offset);
    else throw new LockProblem(key.offset, unknownKey(key.text, known));
  }
  if (found !== lockVersion)
    throw new LockProblem(
      0,
      found === null
        ? `"version: ${lockVersion}" is missing`
        : `it has version ${found}, this holdfast reads version ${lockVersion}: use the holdfast that wrote it`,
    );
  return entries.toSorted((a, b) => compareText(a.source, b.source));
}

function readEntries(pair: Pair, offset: number): readonly LockEntry[] {
  if (isScalar(pair.value) && pair.value.source === '') return [];
  if (!isMap(pair.value)) throw new LockProblem(offset, 'images must be a map from sources to their backups');
  const entries = new Map<string, LockEntry>();
  const first = pair.value.commentBefore;
  for (const [index, item] of pair.value.items.entries()) {
    const key = keyOf(item);
    const entry = readEntry(item, key);
    if (entries.has(entry.source)) throw new LockProblem(key.offset, `${entry.source} is there twice`);
    const comment = (isScalar(item.key) ? item.key.commentBefore : null) ?? (index === 0 ? first : null);
    entries.set(entry.source, comment ? { ...entry, comment } : entry);
  }
  return [...entries.values()];
}

function readEntry(pair: Pair, key: { readonly text: string; readonly offset: number }): LockEntry {
  const source = parseImageReference(key.text);
  if (!source.ok) throw new LockProblem(key.offset, source.problem);
  if (!isMap(pair.value))
    throw new LockProblem(key.offset, `${key.text} must have { digest: …, backup: …, platforms: […] }`);
  const given = readFields(pair.value);
  const digest = given.get('digest');
  const backup = given.get('backup');
  const origin = given.get('origin');
  if (digest === undefined || backup === undefined)
    throw new LockProblem(key.offset, `${key.text} has no ${digest === undefined ? 'digest' : 'backup'}`);
  const parsedDigest = readDigest(digest, 'digest');
  const name = scalarOf(backup, 'backup');
  const parsedBackup = parseImageReference(name.text);
  if (!parsedBackup.ok) throw new LockProblem(name.offset, parsedBackup.problem);
  if (parsedBackup.value.tag === null || parsedBackup.value.digest !== null)
    throw new LockProblem(name.offset, `the backup ${name.text} must have a tag and no digest`);
  return {
    source: canonicalName(source.value),
    digest: parsedDigest,
    backup: canonicalName(parsedBackup.value),
    platforms: readPlatforms(given.get('platforms')),
    ...(origin !== undefined && { origin: readDigest(origin, 'origin') }),
  };
}

function readDigest(pair: Pair, key: string): Digest {
  const parsed = parseDigest(scalarOf(pair, key).text);
  if (!parsed.ok) throw new LockProblem(keyOf(pair).offset, parsed.problem);
  return parsed.value;
}

function readFields(map: YAMLMap): ReadonlyMap<string, Pair> {
  const given = new Map<string, Pair>();
  for (const pair of map.items) {
    const key = keyOf(pair);
    if (!fields.includes(key.text)) throw new LockProblem(key.offset, unknownKey(key.text, fields));
    given.set(key.text, pair);
  }
  return given;
}

function readPlatforms(pair: Pair | undefined): readonly string[] {
  if (pair === undefined) return [];
  const { value } = pair;
  if (!isSeq(value) || !value.items.every((item) => isScalar<string>(item)))
    throw new LockProblem(keyOf(pair).offset, 'platforms must be a list, as in [linux/amd64, linux/arm64]');
  return value.items.map((item) => item.value).toSorted(compareText);
}

function keyOf(pair: Pair): { readonly text: string; readonly offset: number } {
  if (!isScalar(pair.key)) throw new LockProblem(0, 'a key must be plain text');
  return { text: String(pair.key.value), offset: pair.key.range?.[0] ?? 0 };
}

function scalarOf(pair: Pair, key: string): { readonly text: string; readonly offset: number } {
  if (!isScalar(pair.value)) throw new LockProblem(keyOf(pair).offset, `${key} must be plain text`);
  return { text: String(pair.value.value), offset: pair.value.range?.[0] ?? 0 };
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `the key ${quote(key)} is not known: ${near === null ? `write one of ${known.join(', ')}` : `did you mean ${near}?`}`;
}

function bad(line: number, problem: string): Parsed<never> {
  return { ok: false, problem: `line ${line}: ${problem}` };
}
