import type { Descriptor, Registry } from '../registry/index.ts';
import { isRecord } from './manifest-parts.ts';

/** Configs are a few KiB; what is larger is not read into memory. */
export const largestConfig = 4 * 1024 * 1024;

/** The bytes of a small blob. */
export async function readBlob(
  registry: Registry,
  repository: string,
  blob: Descriptor,
  signal?: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await registry.openBlob(repository, blob, signal)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `os/architecture[/variant]` as an image config says it (image-spec config.md); null when it does not. */
export function platformOfConfig(bytes: Buffer): string | null {
  let config: unknown;
  try {
    config = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (!isRecord(config) || typeof config['os'] !== 'string' || typeof config['architecture'] !== 'string')
    return null;
  const variant =
    typeof config['variant'] === 'string' && config['variant'] !== '' ? [config['variant']] : [];
  return [config['os'], config['architecture'], ...variant].join('/');
}
