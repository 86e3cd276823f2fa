/** Takes what we must not show out of what others wrote. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Remembers a secret, and the forms in which an answer could give it back. */
  hide(secret: string): void {
    if (secret === '') return;
    const form = new URLSearchParams({ secret }).toString().slice('secret='.length);
    const json = JSON.stringify(secret).slice(1, -1);
    const base64 = Buffer.from(secret);
    for (const written of [secret, encodeURIComponent(secret), form, json]) this.#secrets.add(written);
    this.#secrets.add(base64.toString('base64')).add(base64.toString('base64url'));
  }

  /** One line of at most `limit` characters: no secret, no query of a URL, no user in it, no control character. */
  clean(text: string, limit = 300): string {
    let clean = text;
    const longestFirst = [...this.#secrets].toSorted((a, b) => b.length - a.length);
    for (const secret of longestFirst) clean = clean.replaceAll(secret, '***');
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

/** A URL as it may be shown: without user, query (signatures of storage) and fragment. */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}
