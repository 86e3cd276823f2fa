import {
  constants,
  createCipheriv,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { HoldfastError } from '../error.ts';

/** The public key of a Sealed Secrets controller, from the PEM of its certificate (`kubeseal --fetch-cert`). */
export function parseCertificate(pem: string): KeyObject {
  // OpenSSL would take the public half of it, and nobody would learn that the private one lies about.
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    throw new HoldfastError(
      'config',
      'The certificate of the Sealed Secrets controller holds a private key: keep that out of here, and write the ' +
        'certificate alone with `kubeseal --fetch-cert`.',
    );
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Told below, without what OpenSSL says of the text.
  }
  throw new HoldfastError(
    'config',
    'The certificate of the Sealed Secrets controller is not one: write it anew with `kubeseal --fetch-cert`.',
  );
}

/**
 * Encrypts as `kubeseal` does: a session key by RSA-OAEP with SHA-256, the text by AES-256-GCM with it and a nonce of
 * zeros, which is safe as each key is used once. The label binds the result to its namespace and name.
 * Source: bitnami-labs/sealed-secrets docs/developer/crypto.md, pkg/crypto/crypto.go.
 */
export function sealText(key: KeyObject, text: string, namespace: string, name: string): string {
  const session = randomBytes(32);
  const wrapped = publicEncrypt(
    {
      key,
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: 'sha256',
      oaepLabel: Buffer.from(`${namespace}/${name}`),
    },
    session,
  );
  const cipher = createCipheriv('aes-256-gcm', session, Buffer.alloc(12));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(wrapped.length);
  return Buffer.concat([length, wrapped, sealed]).toString('base64');
}
