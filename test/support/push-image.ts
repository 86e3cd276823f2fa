import type { OutgoingHttpHeaders } from 'node:http';
import { ask, type Reply } from './http-client.ts';
import type { BuiltBlob, BuiltImage } from './images.ts';

export interface PushTarget {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  readonly repository: string;
  /** Null: by digest alone. */
  readonly tag: string | null;
  /** For example `authorization`. */
  readonly headers?: OutgoingHttpHeaders;
}

/** Pushes an image, blobs that are not there first. Gives the digest of its root. Throws on any refusal. */
export async function pushImage(target: PushTarget, image: BuiltImage): Promise<string> {
  for (const blob of image.blobs) await pushBlob(target, blob);
  for (const manifest of image.manifests) {
    const last = manifest === image.root && target.tag !== null;
    expectStatus(
      201,
      await ask(`${target.url}/v2/${target.repository}/manifests/${last ? target.tag : manifest.digest}`, {
        method: 'PUT',
        headers: { ...target.headers, 'content-type': manifest.mediaType },
        body: manifest.bytes,
      }),
    );
  }
  return image.root.digest;
}

export async function pushBlob(target: PushTarget, blob: BuiltBlob): Promise<void> {
  const base = `${target.url}/v2/${target.repository}/blobs`;
  const headers = { ...target.headers };
  const head = await ask(`${base}/${blob.digest}`, { method: 'HEAD', headers });
  if (head.status === 200) return;
  const opened = expectStatus(202, await ask(`${base}/uploads/`, { method: 'POST', headers }));
  const location = new URL(opened.headers.location ?? '', `${base}/uploads/`);
  location.searchParams.set('digest', blob.digest);
  expectStatus(
    201,
    await ask(location.href, {
      method: 'PUT',
      headers: { ...headers, 'content-length': blob.size, 'content-type': 'application/octet-stream' },
      body: blob.open(),
    }),
  );
}

function expectStatus(status: number, reply: Reply): Reply {
  if (reply.status !== status) {
    throw new Error(`the registry answered ${reply.status}, not ${status}: ${reply.body.toString('utf8')}`);
  }
  return reply;
}
