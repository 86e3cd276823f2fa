import type { Answer } from './asked.ts';

/** distribution-spec § Error Codes, and the two that docker-registry adds (UNKNOWN, TAG_INVALID). */
export type SpecErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'TAG_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'UNKNOWN';

/** The JSON error body that the specification asks for. */
export function specError(
  status: number,
  code: SpecErrorCode,
  message: string,
  extra: { readonly detail?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Answer {
  const error = { code, message, ...(extra.detail === undefined ? {} : { detail: extra.detail }) };
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...extra.headers },
    body: Buffer.from(`${JSON.stringify({ errors: [error] })}\n`),
  };
}
