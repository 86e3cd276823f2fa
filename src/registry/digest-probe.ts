import type { BlobTarget } from './blob-requests.ts';
import { cancelUpload, isDigestRefusal, startUpload } from './blob-upload.ts';
import { digestOf } from './digest-of.ts';
import { RegistryError } from './registry-error.ts';

/**
 * Uploads bytes under the digest of others. A registry that checks answers 400 DIGEST_INVALID, and then the bytes
 * that it takes need no second proof from us. The upload is cancelled, and nothing is ever tagged.
 */
export async function probeDigestCheck(target: BlobTarget): Promise<boolean> {
  const { endpoint, repository, scopes, signal } = target;
  const session = await startUpload(target);
  const digest = digestOf(Buffer.from('holdfast: a blob that nobody has'));
  const url = new URL(session.location);
  url.search += `${url.search === '' ? '' : '&'}digest=${encodeURIComponent(digest)}`;
  try {
    await endpoint.send({
      method: 'PUT',
      target: url,
      repository,
      scopes,
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.from('holdfast: other bytes'),
      accept: [201, 204],
      signal,
    });
    return false;
  } catch (error) {
    if (error instanceof RegistryError && isDigestRefusal(error)) return true;
    throw error;
  } finally {
    await cancelUpload(target, session);
  }
}
