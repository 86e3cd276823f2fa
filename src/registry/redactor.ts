/** Takes what we must not show out of what others wrote. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Remembers a secret, and the forms in which an answer could give it back. */
  hide(secret: string): void {
    for (const form of formsOf(secret)) this.#secrets.add(form);
  }

  /** Of a secret that is none any more. */
  forget(secret: string): void {
    for (const form of formsOf(secret)) this.#secrets.delete(form);
  }

  /** One line of at most `limit` characters: no secret, no query of a URL, no user in it, no control character. */
  clean(text: string, limit = 300): string {
    let clean = text;
    const found = [...this.#secrets].filter(
      (secret) => secret.length <= text.length && text.includes(secret),
    );
    for (const secret of found.toSorted((a, b) => b.length - a.length))
      clean = clean.replaceAll(secret, '***');
    // Whole secrets are gone, so cutting shows no part of one; and no text is long enough to make what follows slow.
    clean = clean.slice(0, 4 * limit);
    clean = clean
      .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***')
      .replaceAll(/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"'<>]*@/gi, '$1')
      .replaceAll(/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi, '$1?…')
      .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .trim();
    return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
  }
}

function formsOf(secret: string): readonly string[] {
  if (secret === '') return [];
  const form = new URLSearchParams({ secret }).toString().slice('secret='.length);
  const json = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    form,
    json,
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ];
}

/** A URL as it may be shown: without user, query (signatures of storage) and fragment. */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}
