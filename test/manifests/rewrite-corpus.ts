import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { SourceFile } from '../../src/manifests/index.ts';

const shared = process.env['HOLDFAST_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));

/** The archive of real manifests, or null where this machine has none. */
export const corpusArchive =
  [join(shared, 'corpus', 'manifests.tgz')].find((path) => existsSync(path)) ?? null;

/** Its YAML and JSON files as they are, read in memory; links and files that are not UTF-8 are left out. */
export function* readCorpus(archive: string): Generator<SourceFile> {
  for (const file of readCorpusTree(archive)) if (/\.(?:ya?ml|json)$/i.test(file.path)) yield file;
}

/** The same with every other file, for what is built from them. */
export function* readCorpusTree(archive: string): Generator<SourceFile> {
  const tar = gunzipSync(readFileSync(archive));
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let longName: string | null = null;
  for (let at = 0; at + 512 <= tar.length; ) {
    const field = (from: number, length: number) =>
      tar.toString('utf8', at + from, at + from + length).split('\0', 1)[0] ?? '';
    const size = Number.parseInt(field(124, 12), 8) || 0;
    const [type, prefix] = [field(156, 1), field(345, 155)];
    const body = tar.subarray(at + 512, at + 512 + size);
    const path: string = longName ?? (prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`);
    longName = type === 'L' ? body.toString('utf8').replace(/\0.*$/s, '') : null;
    at += 512 + Math.ceil(size / 512) * 512;
    if ((type !== '0' && type !== '') || /^\.?\/?$|\/$/.test(path)) continue;
    try {
      yield { path: path.replace(/^\.\//, ''), text: decoder.decode(body) };
    } catch {
      continue;
    }
  }
}
