import type { Answer, Asked } from './asked.ts';
import type { RegistryRoom } from './registry-room.ts';
import { isDigest } from './route.ts';
import { specError } from './spec-error.ts';

/** distribution-spec § Listing tags: sorted, with `n`, `last` and a Link to the next page. */
export function listTags(room: RegistryRoom, name: string, asked: Asked): Answer {
  const repository = room.store.repositories.get(name);
  if (!repository)
    return specError(404, 'NAME_UNKNOWN', 'repository name not known to registry', { detail: { name } });
  const asksFor = asked.query.get('n');
  if (asksFor !== null && !/^\d+$/.test(asksFor)) return specError(400, 'UNSUPPORTED', 'n is not a number');
  const most = room.options.tagsPerPage ?? Number.POSITIVE_INFINITY;
  const limit = Math.min(most, asksFor === null ? Number.POSITIVE_INFINITY : Number(asksFor));
  const last = asked.query.get('last') ?? '';
  const rest = [...repository.tags.keys()].toSorted().filter((tag) => tag > last);
  const tags = rest.slice(0, limit);
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  const end = tags.at(-1);
  if (end !== undefined && tags.length < rest.length) {
    headers['link'] = `</v2/${name}/tags/list?n=${limit}&last=${encodeURIComponent(end)}>; rel="next"`;
  }
  return { status: 200, headers, body: Buffer.from(`${JSON.stringify({ name, tags })}\n`) };
}

/** distribution-spec § Listing referrers: an index, empty when nothing refers to the digest. */
export function listReferrers(room: RegistryRoom, name: string, digest: string, asked: Asked): Answer {
  if (room.options.referrers === false)
    return { status: 404, headers: {}, body: Buffer.from('404 page not found\n') };
  if (!isDigest(digest)) return specError(400, 'DIGEST_INVALID', 'that is not a digest');
  const wanted = asked.query.get('artifactType');
  const manifests = [...(room.store.repositories.get(name)?.manifests.values() ?? [])]
    .filter((manifest) => manifest.subject === digest)
    .filter((manifest) => wanted === null || manifest.artifactType === wanted)
    .map((manifest) => ({
      mediaType: manifest.mediaType,
      digest: manifest.digest,
      size: manifest.bytes.length,
      ...(manifest.artifactType === null ? {} : { artifactType: manifest.artifactType }),
      ...(manifest.annotations === null ? {} : { annotations: manifest.annotations }),
    }))
    .toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return {
    status: 200,
    headers: {
      'content-type': mediaType,
      ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
    },
    body: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests })),
  };
}
