import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type ImageRule, isValuesPath, lastKeyOf, type Unread, wordlessRules } from '../manifests/index.ts';

/** Larger files are read only when a person names them. */
export const largestFile = 5 * 1024 * 1024;

type Problem = Pick<Unread, 'reason' | 'message'>;

/** The text of a file; null when nothing in it can matter to a scan; else why it cannot be read. */
export type TextRead = { readonly text: string | null } | { readonly problem: Problem };

// Most files are small, and are dropped without ever becoming a string: one buffer serves them all.
const shared = Buffer.allocUnsafe(256 * 1024);

/** Reads one file as strict UTF-8, its BOM kept. `name` is what decides whether it matters without an image. */
export function readText(
  absolute: string,
  name: string,
  named: boolean,
  rules: readonly ImageRule[] = [],
): TextRead {
  let file: number;
  try {
    file = openSync(absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return readFailure(error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return { text: null };
    if (stat.size > largestFile && !named) {
      const size = `${(stat.size / 1024 / 1024).toFixed(1)} MB`;
      return unread('too-large', `The file has ${size}; name it on the command line to have it read.`);
    }
    return readBytes(file, stat.size, name, rules);
  } catch (error) {
    return readFailure(error);
  } finally {
    closeSync(file);
  }
}

function readBytes(file: number, size: number, name: string, rules: readonly ImageRule[]): TextRead {
  const buffer = size <= shared.length ? shared : Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const read = readSync(file, buffer, length, size - length, null);
    if (read === 0) break;
    length += read;
  }
  const bytes = buffer.subarray(0, length);
  const mark = length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfeff || mark === 0xfffe) {
    return unread('undecodable', 'The file is UTF-16; save it as UTF-8.');
  }
  if (bytes.includes(0)) return unread('binary', 'The file is binary.');
  if (!isUtf8(bytes)) return unread('undecodable', 'The file is not UTF-8; save it as UTF-8.');
  return { text: matters(bytes, name, rules) ? bytes.toString('utf8') : null };
}

/**
 * Bytes that hold neither `image` nor `Image` hold no image. What else a scan asks for: how overlays reach their bases,
 * the version of a chart, values that say a tag or a registry alone, or that say none where others do, which paths Argo CD and Flux deliver, the pull
 * secrets of service accounts, what makes Secrets, and the fields of rules.
 */
function matters(bytes: Buffer, name: string, rules: readonly ImageRule[]): boolean {
  const isRuled = ({ kind, field }: ImageRule) => bytes.includes(kind) && bytes.includes(lastKeyOf(field));
  return (
    bytes.includes('mage') ||
    /^kustomization(?:\.ya?ml)?$/i.test(name) ||
    name === 'Chart.yaml' ||
    name.endsWith('.tpl') ||
    isValuesPath(name) ||
    name.startsWith('.argocd-source') ||
    (/values/i.test(name) && (bytes.includes('repository') || bytes.includes('hub'))) ||
    bytes.includes('tag:') ||
    (bytes.includes('kind: ConfigMap') && bytes.includes('values')) ||
    bytes.includes('/tag') ||
    bytes.includes('registry:') ||
    bytes.includes('HelmRelease') ||
    bytes.includes('HelmRepository') ||
    bytes.includes('OCIRepository') ||
    bytes.includes('ServiceAccount') ||
    bytes.includes('Secret') ||
    bytes.includes('argoproj.io/') ||
    bytes.includes('kustomize.toolkit.fluxcd.io/') ||
    bytes.includes('HelmChartInflationGenerator') ||
    wordlessRules.some(isRuled) ||
    rules.some(isRuled)
  );
}

function unread(reason: Problem['reason'], message: string): TextRead {
  return { problem: { reason, message } };
}

function readFailure(error: unknown): TextRead {
  const code = (error as NodeJS.ErrnoException).code;
  // Listed by git, and deleted from the folder.
  if (code === 'ENOENT') return { text: null };
  if (code === 'ELOOP') return unread('symlink', 'The file is a symbolic link, which is not followed.');
  return unread('unreadable', `The file cannot be read (${code ?? String(error)}); check its permissions.`);
}
