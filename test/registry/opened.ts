import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import {
  type Descriptor,
  digestOf,
  openRegistries,
  type RawManifest,
  type RegistriesOptions,
  RegistryError,
} from '../../src/registry/index.ts';
import { instantClock } from './instant-clock.ts';

/** Registries for one test, closed after it. No proxy, no wait, unless the options say so. */
export function openForTest(options: RegistriesOptions = {}) {
  const clock = instantClock();
  const registries = openRegistries({ proxyFor: () => '', clock, idleTimeout: 400, ...options });
  onTestFinished(() => registries.close());
  return { registries, clock };
}

/** One registry under the name `registry.test`. */
export function openAt(url: string, options: RegistriesOptions = {}) {
  const settings = { 'registry.test': { endpoint: url, ...options.settings?.['registry.test'] } };
  const { registries, clock } = openForTest({ ...options, settings: { ...options.settings, ...settings } });
  return {
    registries,
    clock,
    pull: registries.open('registry.test', 'pull'),
    push: registries.open('registry.test', 'push'),
  };
}

export const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

export function blobOf(bytes: Buffer): Descriptor {
  return { mediaType: layerType, digest: digestOf(bytes), size: bytes.length };
}

export function manifestOf(value: unknown, mediaType = manifestType): RawManifest {
  const bytes = Buffer.from(JSON.stringify(value));
  return { mediaType, digest: digestOf(bytes), bytes };
}

export function streamOf(bytes: Buffer): () => Promise<Readable> {
  return () => Promise.resolve(Readable.from([bytes], { objectMode: false }));
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The error that a call ends in; fails when it does not. */
export async function errorOf(call: Promise<unknown>): Promise<RegistryError> {
  const outcome = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof RegistryError) return outcome;
  throw new Error(`expected a RegistryError, got ${String(outcome)}`, { cause: outcome });
}
