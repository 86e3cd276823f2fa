import { ask } from './http-client.ts';
import { sha256 } from './images.ts';

const everyType = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** What is wrong with an image as a registry gives it, read and hashed whole. Empty: it is complete. */
export async function findDamage(
  url: string,
  repository: string,
  tagOrDigest: string,
): Promise<readonly string[]> {
  const reply = await ask(`${url}/v2/${repository}/manifests/${tagOrDigest}`, {
    headers: { accept: everyType },
  });
  const place = `${repository}@${tagOrDigest}`;
  if (reply.status !== 200) return [`${place}: ${reply.status}`];
  const damage: string[] = [];
  if (tagOrDigest.startsWith('sha256:') && sha256(reply.body) !== tagOrDigest)
    damage.push(`${place}: other bytes`);
  const body = reply.json() as {
    manifests?: readonly { digest: string }[];
    config?: { digest: string; size: number };
    layers?: readonly { digest: string; size: number; urls?: readonly string[] }[];
  };
  for (const child of body.manifests ?? []) damage.push(...(await findDamage(url, repository, child.digest)));
  for (const blob of [...(body.config ? [body.config] : []), ...(body.layers ?? [])]) {
    if ('urls' in blob) continue;
    const got = await ask(`${url}/v2/${repository}/blobs/${blob.digest}`);
    if (got.status !== 200) damage.push(`${repository}@${blob.digest}: ${got.status}`);
    else if (sha256(got.body) !== blob.digest) damage.push(`${repository}@${blob.digest}: other bytes`);
  }
  return damage;
}

/** Tag → digest of a repository; empty when it is not there. */
export async function readTags(url: string, repository: string): Promise<Readonly<Record<string, string>>> {
  const list = await ask(`${url}/v2/${repository}/tags/list`);
  if (list.status !== 200) return {};
  const { tags } = list.json() as { tags: readonly string[] | null };
  const entries: [string, string][] = [];
  for (const tag of (tags ?? []).toSorted()) {
    const head = await ask(`${url}/v2/${repository}/manifests/${tag}`, {
      method: 'HEAD',
      headers: { accept: everyType },
    });
    entries.push([tag, String(head.headers['docker-content-digest'])]);
  }
  return Object.fromEntries(entries);
}
