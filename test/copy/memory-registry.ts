import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Digest, parseDigest } from '../../src/reference/index.ts';
import {
  type Descriptor,
  type RawManifest,
  type Registries,
  type Registry,
  RegistryError,
  type RegistryUse,
} from '../../src/registry/index.ts';
import type { BuiltImage } from '../support/images.ts';

/** One call of the interface, as a test counts and orders it. */
export interface Call {
  readonly registry: string;
  readonly use: RegistryUse;
  readonly method:
    | 'HEAD'
    | 'GET'
    | 'PUT'
    | 'HEAD blob'
    | 'GET blob'
    | 'PUT blob'
    | 'mount'
    | 'referrers'
    | 'tags';
  readonly repository: string;
  /** Tag or digest. */
  readonly what: string;
}

interface Stored {
  readonly tags: Map<string, Digest>;
  readonly manifests: Map<string, RawManifest>;
  readonly blobs: Map<string, Buffer>;
}

/** Registries that live in memory and do nothing by themselves: for the order and number of requests. */
export class MemoryRegistries implements Registries {
  readonly calls: Call[] = [];
  readonly connections = 16;
  /** May throw, or wait, before a call is served. */
  before: (call: Call) => void | Promise<void> = () => undefined;
  /** Registries without a referrers API. */
  readonly withoutReferrers = new Set<string>();
  readonly withoutMounts = new Set<string>();
  /** Registries that count pulls, and what is left of them. */
  readonly pullsLeft = new Map<string, number>();
  /** Registries that say of what needs credentials that it is not there. */
  readonly hiding = new Set<string>();
  readonly #stored = new Map<string, Stored>();

  open(host: string, use: RegistryUse): Registry {
    return new MemoryRegistry(host, use, this);
  }

  close(): void {}

  at(host: string, repository: string): Stored {
    const key = `${host}/${repository}`;
    const stored = this.#stored.get(key) ?? { tags: new Map(), manifests: new Map(), blobs: new Map() };
    this.#stored.set(key, stored);
    return stored;
  }

  /** Puts an image there without a call. */
  async add(host: string, repository: string, tag: string | null, image: BuiltImage): Promise<Digest> {
    const stored = this.at(host, repository);
    for (const blob of image.blobs) {
      const chunks: Buffer[] = [];
      for await (const chunk of blob.open()) chunks.push(chunk as Buffer);
      stored.blobs.set(blob.digest, Buffer.concat(chunks));
    }
    for (const { digest, mediaType, bytes } of image.manifests)
      stored.manifests.set(digest, { digest: digestOf(digest), mediaType, bytes });
    const root = digestOf(image.root.digest);
    if (tag !== null) stored.tags.set(tag, root);
    return root;
  }

  count(filter: Partial<Call>): number {
    return this.select(filter).length;
  }

  select(filter: Partial<Call>): Call[] {
    return this.calls.filter((call) =>
      Object.entries(filter).every(([key, value]) => call[key as keyof Call] === value),
    );
  }

  async note(call: Call, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true)
      throw new RegistryError('interrupted', 'was stopped', { registry: call.registry });
    this.calls.push(call);
    await this.before(call);
    // As over a network, no answer is there at once.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

export function digestOf(text: string): Digest {
  const parsed = parseDigest(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

class MemoryRegistry implements Registry {
  readonly host: string;
  readonly hasMirrors = false;
  readonly #use: RegistryUse;
  readonly #all: MemoryRegistries;

  constructor(host: string, use: RegistryUse, all: MemoryRegistries) {
    this.host = host;
    this.#use = use;
    this.#all = all;
  }

  async ping(): Promise<void> {}

  rateLimit(): null {
    return null;
  }

  pullsLeft(): number | null {
    return this.#all.pullsLeft.get(this.host) ?? null;
  }

  async verifiesDigests(): Promise<boolean> {
    return true;
  }

  async headManifest(repository: string, what: string, signal?: AbortSignal) {
    await this.#note('HEAD', repository, what, signal);
    const found = this.#find(repository, what);
    return found && { mediaType: found.mediaType, digest: found.digest, size: found.bytes.length };
  }

  async getManifest(repository: string, what: string, signal?: AbortSignal) {
    await this.#note('GET', repository, what, signal);
    const left = this.#all.pullsLeft.get(this.host);
    if (left !== undefined) this.#all.pullsLeft.set(this.host, left - 1);
    return this.#find(repository, what);
  }

  async headBlob(repository: string, blob: Descriptor, signal?: AbortSignal) {
    await this.#note('HEAD blob', repository, blob.digest, signal);
    return this.#blobs(repository).get(blob.digest)?.length === blob.size;
  }

  async headBlobSize(repository: string, digest: Digest, signal?: AbortSignal) {
    await this.#note('HEAD blob', repository, digest, signal);
    return this.#blobs(repository).get(digest)?.length ?? null;
  }

  async openBlob(repository: string, blob: Descriptor, signal?: AbortSignal) {
    await this.#note('GET blob', repository, blob.digest, signal);
    const bytes = this.#blobs(repository).get(blob.digest);
    if (bytes === undefined) throw this.#error('not-found', `no blob ${blob.digest}`);
    return Readable.from([bytes], { objectMode: false });
  }

  async putBlob(
    repository: string,
    blob: Descriptor,
    open: (signal: AbortSignal, wasWrong: boolean) => Promise<Readable>,
    signal?: AbortSignal,
  ) {
    await this.#note('PUT blob', repository, blob.digest, signal);
    const chunks: Buffer[] = [];
    for await (const chunk of await open(signal ?? new AbortController().signal, false))
      chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (digest !== blob.digest || bytes.length !== blob.size) throw this.#error('invalid', 'other bytes');
    this.#blobs(repository).set(blob.digest, bytes);
  }

  async mountBlob(repository: string, blob: Descriptor, from: string, signal?: AbortSignal) {
    await this.#note('mount', repository, `${blob.digest} from ${from}`, signal);
    const bytes = this.#blobs(from).get(blob.digest);
    if (bytes === undefined || this.#all.withoutMounts.has(this.host)) return false;
    this.#blobs(repository).set(blob.digest, bytes);
    return true;
  }

  async putManifest(repository: string, what: string, manifest: RawManifest, signal?: AbortSignal) {
    await this.#note('PUT', repository, what, signal);
    const stored = this.#all.at(this.host, repository);
    for (const part of partsOf(manifest)) {
      if (!stored.blobs.has(part) && !stored.manifests.has(part))
        throw this.#error('refused', `${part} is not there`);
    }
    stored.manifests.set(manifest.digest, manifest);
    if (!what.includes(':')) stored.tags.set(what, manifest.digest);
  }

  async listReferrers(repository: string, digest: Digest, signal?: AbortSignal) {
    await this.#note('referrers', repository, digest, signal);
    const { tags, manifests } = this.#all.at(this.host, repository);
    if (this.#all.withoutReferrers.has(this.host)) {
      const index = manifests.get(tags.get(digest.replace(':', '-')) ?? '');
      return index === undefined ? [] : (JSON.parse(index.bytes.toString()).manifests as Descriptor[]);
    }
    return [...manifests.values()]
      .filter((one) => JSON.parse(one.bytes.toString()).subject?.digest === digest)
      .map((one) => ({ mediaType: one.mediaType, digest: one.digest, size: one.bytes.length }));
  }

  async listTags(repository: string, signal?: AbortSignal) {
    await this.#note('tags', repository, '', signal);
    return [...this.#all.at(this.host, repository).tags.keys()];
  }

  async deleteManifest(): Promise<void> {
    throw this.#error('refused', 'not in memory');
  }

  #find(repository: string, what: string): RawManifest | null {
    if (this.#use === 'anonymous' && this.#all.hiding.has(this.host)) return null;
    const { tags, manifests } = this.#all.at(this.host, repository);
    return manifests.get(tags.get(what) ?? what) ?? null;
  }

  #blobs(repository: string): Map<string, Buffer> {
    return this.#all.at(this.host, repository).blobs;
  }

  #note(method: Call['method'], repository: string, what: string, signal?: AbortSignal): Promise<void> {
    return this.#all.note({ registry: this.host, use: this.#use, method, repository, what }, signal);
  }

  #error(code: 'refused' | 'invalid' | 'not-found', problem: string): RegistryError {
    return new RegistryError(code, problem, { registry: this.host });
  }
}

function partsOf(manifest: RawManifest): string[] {
  const {
    config,
    layers = [],
    manifests = [],
  } = JSON.parse(manifest.bytes.toString()) as {
    readonly config?: { readonly digest: string };
    readonly layers?: readonly { readonly digest: string; readonly urls?: readonly string[] }[];
    readonly manifests?: readonly { readonly digest: string }[];
  };
  const copied = layers.filter((layer) => layer.urls === undefined);
  return [...(config === undefined ? [] : [config]), ...copied, ...manifests].map((one) => one.digest);
}
