import { createAccess } from './access.ts';
import { factsOf, parseObject } from './check-manifest.ts';
import { type Listener, listen, type RequestRecord } from './exchange.ts';
import { type FaultPlan, planFaults } from './fault-plan.ts';
import type { RegistryRoom } from './registry-room.ts';
import { createRepositoryStore, digestOf } from './repository-store.ts';
import { serveStorage } from './serve-blobs.ts';
import { serveRegistry } from './serve-registry.ts';
import type { EmbeddedRegistry, RecordFilter, RegistryOptions, RegistrySnapshot } from './types.ts';

const noFaults: FaultPlan = planFaults([]);

/** Starts a registry on a free port of the loopback address. `close` it. */
export async function startRegistry(options: RegistryOptions = {}): Promise<EmbeddedRegistry> {
  const store = createRepositoryStore(options.root ?? null);
  const access = createAccess(options.auth);
  const room: RegistryRoom = {
    options,
    store,
    uploads: new Map(),
    storageUrl: null,
    pullsLeft: options.rateLimit?.remaining ?? Number.POSITIVE_INFINITY,
  };
  const requests: RequestRecord[] = [];
  const storageRequests: RequestRecord[] = [];
  let plan = planFaults(options.faults ?? []);
  const tls = options.tls ? { tls: options.tls } : {};
  const listener = await listen(
    async (asked) => {
      await options.onRequest?.({ method: asked.method, path: asked.path });
      return serveRegistry(room, access, asked);
    },
    {
      ...tls,
      faults: { next: (request) => plan.next(request) },
      record: (request) => void requests.push(request),
    },
  );
  let storage: Listener | null = null;
  if (options.redirectBlobs) {
    storage = await listen((asked) => serveStorage(room, asked), {
      ...tls,
      faults: noFaults,
      record: (request) => void storageRequests.push(request),
    });
    room.storageUrl = storage.url;
  }
  const chosen = (filter?: RecordFilter): readonly RequestRecord[] =>
    requests.filter((request) => matches(request, filter));
  return {
    url: listener.url,
    host: listener.host,
    requests,
    storageRequests,
    count: (filter) => chosen(filter).length,
    bytesOut: (filter) => chosen(filter).reduce((sum, request) => sum + request.bytesOut, 0),
    bytesIn: (filter) => chosen(filter).reduce((sum, request) => sum + request.bytesIn, 0),
    forgetRequests() {
      requests.length = 0;
      storageRequests.length = 0;
    },
    setFaults(faults) {
      plan = planFaults(faults);
    },
    async addBlob(repository, bytes) {
      const digest = digestOf(bytes);
      const draft = await store.storage.draft();
      await draft.append(bytes);
      await draft.commit(digest);
      store.ensure(repository).blobs.add(digest);
      return digest;
    },
    addManifest(repository, tag, mediaType, bytes) {
      const digest = digestOf(bytes);
      const { manifests, tags } = store.ensure(repository);
      manifests.set(digest, { digest, mediaType, bytes, ...factsOf(parseObject(bytes) ?? {}) });
      if (tag !== null) tags.set(tag, digest);
      return digest;
    },
    manifest: (repository, tagOrDigest) => store.findManifest(repository, tagOrDigest),
    hasBlob: (repository, digest) => store.findBlob(repository, digest) !== null,
    damageBlob: (digest, bytes) => store.storage.replace(digest, bytes),
    snapshot: () => snapshotOf(room),
    openUploads: () => room.uploads.size,
    revokeTokens: () => access.revokeTokens(),
    connections: () => listener.connections(),
    async close() {
      await listener.close();
      await storage?.close();
      for (const upload of room.uploads.values()) await upload.draft.discard();
      room.uploads.clear();
    },
  };
}

function matches(request: RequestRecord, filter: RecordFilter = {}): boolean {
  return (
    (filter.method === undefined || filter.method === request.method) &&
    (filter.status === undefined || filter.status === request.status) &&
    (filter.path === undefined || filter.path.test(request.path + request.query))
  );
}

function snapshotOf(room: RegistryRoom): RegistrySnapshot {
  const sorted = [...room.store.repositories.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Object.fromEntries(
    sorted.map((repository) => [
      repository.name,
      {
        tags: Object.fromEntries([...repository.tags].toSorted(([a], [b]) => (a < b ? -1 : 1))),
        manifests: [...repository.manifests.keys()].toSorted(),
        blobs: [...repository.blobs].toSorted(),
      },
    ]),
  );
}
