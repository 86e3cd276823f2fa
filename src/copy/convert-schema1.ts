import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Digest, parseDigest } from '../reference/index.ts';
import type { Descriptor, RawManifest } from '../registry/index.ts';
import { ensureBlob } from './copy-blob.ts';
import { CopyFailure } from './failure.ts';
import { type Job, throwIfStopped } from './job.ts';
import { digestOf, makeManifest } from './make-manifest.ts';
import { isRecord, readJson } from './manifest-parts.ts';
import { originKey } from './platforms.ts';

const schema2 = 'application/vnd.docker.distribution.manifest.v2+json';
const configType = 'application/vnd.docker.container.image.v1+json';
const layerType = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
/** Docker's limit for the layers of an image is 127. */
const mostLayers = 512;

interface Layer {
  readonly digest: Digest;
  /** The old config of this layer (docker/docker image/spec/v1.md). */
  readonly history: Readonly<Record<string, unknown>>;
  readonly isEmpty: boolean;
}

/**
 * A schema 2 image of the same layers, which names its origin. Schema 1 knows neither sizes nor the digests of what
 * is in the layers: the layers are copied first, and read again from the backup. Same input, same bytes.
 */
export async function convertSchema1(job: Job, raw: RawManifest): Promise<RawManifest> {
  const layers = readLayers(raw);
  const newest = layers.at(-1)?.history ?? {};
  const descriptors: Descriptor[] = [];
  const diffIds: string[] = [];
  for (const { digest } of layers.filter((layer) => !layer.isEmpty)) {
    throwIfStopped(job);
    const layer = { mediaType: layerType, digest, size: await sizeOf(job, digest) };
    await ensureBlob(job, layer);
    diffIds.push(await diffIdOf(job, layer));
    descriptors.push(layer);
  }
  const config = Buffer.from(
    JSON.stringify({
      ...Object.fromEntries(Object.entries(newest).filter(([key]) => !oldKeys.has(key))),
      rootfs: { type: 'layers', diff_ids: diffIds },
      history: layers.map(toHistory),
    }),
  );
  const described = { mediaType: configType, digest: digestOf(config), size: config.length };
  const { backup, at, run } = job;
  const open = async (): Promise<Readable> => Readable.from([config], { objectMode: false });
  await backup.putBlob(at.repository, described, open, run.options.signal);
  run.contents.addBlob(at, described);
  return makeManifest({
    schemaVersion: 2,
    mediaType: schema2,
    config: described,
    layers: descriptors,
    annotations: { [originKey]: raw.digest },
  });
}

/** What only the chain of old images needs. */
const oldKeys = new Set(['id', 'parent', 'Size', 'parent_id', 'layer_id', 'throwaway']);

/** Oldest first; schema 1 has the newest first. */
function readLayers(raw: RawManifest): Layer[] {
  const { fsLayers, history } = readJson(raw);
  const isSane =
    Array.isArray(fsLayers) &&
    Array.isArray(history) &&
    fsLayers.length === history.length &&
    fsLayers.length > 0 &&
    fsLayers.length <= mostLayers;
  if (!isSane) throw invalid(raw, 'its layers and its history do not match');
  return fsLayers
    .map((layer: unknown, index): Layer => {
      const digest = parseDigest(isRecord(layer) ? String(layer['blobSum']) : '');
      if (!digest.ok) throw invalid(raw, digest.problem);
      const entry: unknown = history[index];
      const old = readOld(raw, isRecord(entry) ? entry['v1Compatibility'] : null);
      return { digest: digest.value, history: old, isEmpty: old['throwaway'] === true };
    })
    .toReversed();
}

function readOld(raw: RawManifest, text: unknown): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(text));
    if (isRecord(value)) return value;
  } catch {
    // told below
  }
  throw invalid(raw, 'its history is not JSON');
}

function toHistory({ history, isEmpty }: Layer): Record<string, unknown> {
  const container = isRecord(history['container_config']) ? history['container_config'] : {};
  const command = Array.isArray(container['Cmd']) ? container['Cmd'].join(' ') : '';
  return {
    ...(typeof history['created'] === 'string' ? { created: history['created'] } : {}),
    ...(typeof history['author'] === 'string' ? { author: history['author'] } : {}),
    ...(command === '' ? {} : { created_by: command }),
    ...(typeof history['comment'] === 'string' ? { comment: history['comment'] } : {}),
    ...(isEmpty ? { empty_layer: true } : {}),
  };
}

async function sizeOf(job: Job, digest: Digest): Promise<number> {
  const { source, step, run } = job;
  const size = await source.headBlobSize(step.source.repository, digest, run.options.signal);
  if (size !== null) return size;
  throw new CopyFailure('not-found', `${step.canonical}: its layer ${digest} is not there, or has no size.`);
}

/** The digest of a layer's content (image-spec config.md § Layer DiffID). Gzip grows at most a thousandfold. */
async function diffIdOf(job: Job, layer: Descriptor): Promise<string> {
  const { run, at, step } = job;
  const { registries, signal } = run.options;
  const stream = await registries.open(at.registry, 'read').openBlob(at.repository, layer, signal);
  const hash = createHash('sha256');
  try {
    await pipeline(stream, createGunzip(), async (content) => {
      for await (const chunk of content) hash.update(chunk as Buffer);
    });
  } catch (cause) {
    throwIfStopped(job);
    if (!(cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_'))) throw cause;
    throw new CopyFailure('unsupported', `${step.canonical}: its layer ${layer.digest} is not gzip.`, {
      cause,
    });
  }
  return `sha256:${hash.digest('hex')}`;
}

function invalid(raw: RawManifest, what: string): CopyFailure {
  return new CopyFailure('invalid', `The schema 1 manifest ${raw.digest} is broken: ${what}.`);
}
