import type { Access, Need } from './access.ts';
import type { Answer, Asked } from './asked.ts';
import type { RegistryRoom } from './registry-room.ts';
import { isRepositoryName, parseRoute, type Route } from './route.ts';
import { serveBlob } from './serve-blobs.ts';
import { listReferrers, listTags } from './serve-listings.ts';
import { serveManifest } from './serve-manifests.ts';
import { openUpload, serveUpload } from './serve-uploads.ts';
import { specError } from './spec-error.ts';

/** One request to the registry: who, then whether the name can be, then the end point. */
export async function serveRegistry(room: RegistryRoom, access: Access, asked: Asked): Promise<Answer> {
  const route = parseRoute(asked.path);
  if (!route) return { status: 404, headers: {}, body: Buffer.from('404 page not found\n') };
  if (route.kind === 'token') return access.giveToken(asked);
  const answer =
    access.check(asked, needsOf(route, asked)) ??
    checkName(room, route, asked) ??
    (await serve(room, route, asked));
  return { ...answer, headers: { 'docker-distribution-api-version': 'registry/2.0', ...answer.headers } };
}

async function serve(
  room: RegistryRoom,
  route: Exclude<Route, { kind: 'token' }>,
  asked: Asked,
): Promise<Answer> {
  switch (route.kind) {
    case 'base':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') };
    case 'manifest':
      return serveManifest(room, route.name, route.tagOrDigest, asked);
    case 'blob':
      return serveBlob(room, route.name, route.digest, asked);
    case 'uploads':
      return asked.method === 'POST'
        ? openUpload(room, route.name, asked)
        : specError(405, 'UNSUPPORTED', 'an upload is opened by POST');
    case 'upload':
      return serveUpload(room, route.name, route.id, asked);
    case 'tags':
      return listTags(room, route.name, asked);
    case 'referrers':
      return listReferrers(room, route.name, route.digest, asked);
  }
}

function checkName(room: RegistryRoom, route: Route, asked: Asked): Answer | null {
  if (!('name' in route)) return null;
  const { maxNameSegments = Number.POSITIVE_INFINITY, repositories } = room.options;
  if (!isRepositoryName(route.name) || route.name.split('/').length > maxNameSegments) {
    return specError(400, 'NAME_INVALID', 'invalid repository name', { detail: route.name });
  }
  const writes = asked.method === 'POST' || asked.method === 'PUT' || asked.method === 'PATCH';
  if (writes && repositories && !repositories.includes(route.name)) {
    return specError(
      404,
      'NAME_UNKNOWN',
      `the repository with name '${route.name}' does not exist in the registry`,
    );
  }
  return null;
}

/** The scopes that docker-registry asks for; a mount needs to pull from the other repository too. */
function needsOf(route: Route, asked: Asked): readonly Need[] {
  if (!('name' in route)) return [];
  const { name } = route;
  if (asked.method === 'GET' || asked.method === 'HEAD') return [{ name, actions: ['pull'] }];
  if (asked.method === 'DELETE') return [{ name, actions: ['delete'] }];
  const from = route.kind === 'uploads' && asked.query.has('mount') ? asked.query.get('from') : null;
  const push: Need = { name, actions: ['pull', 'push'] };
  return from === null ? [push] : [push, { name: from, actions: ['pull'] }];
}
