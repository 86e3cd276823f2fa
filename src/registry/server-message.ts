import { parseJsonObject } from './docker-config.ts';

/** What an error answer says, as the distribution-spec writes it (§ Error Codes), or as plain text. Not yet redacted. */
export interface ServerMessage {
  /** `MANIFEST_UNKNOWN`; null when the body has none. */
  readonly code: string | null;
  readonly text: string;
}

export function parseServerMessage(body: Buffer, contentType: string | undefined): ServerMessage {
  const text = body.toString('utf8');
  const json = parseJsonObject(text);
  if (json === null) return { code: null, text: /html/i.test(contentType ?? '') ? pageTitle(text) : text };
  const first: unknown = Array.isArray(json.errors) ? json.errors[0] : json;
  const { code, message, error, error_description, details, detail } = (
    typeof first === 'object' && first !== null ? first : {}
  ) as Record<string, unknown>;
  const name = [code, error].find((value) => typeof value === 'string');
  const words = [message, error_description, details].find((value) => typeof value === 'string');
  const more = typeof detail === 'string' ? detail : describeDetail(detail);
  return {
    code: typeof name === 'string' ? name : null,
    text: [name, words, more].filter((part) => typeof part === 'string' && part !== '').join(': '),
  };
}

function describeDetail(detail: unknown): string {
  const text = typeof detail === 'object' && detail !== null ? JSON.stringify(detail) : '';
  return text === '{}' || text === '[]' ? '' : text;
}

function pageTitle(page: string): string {
  return /<title>([^<]*)/i.exec(page)?.[1] ?? '';
}
