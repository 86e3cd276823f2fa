declare const digestBrand: unique symbol;

/** `sha256:<64 hex>` or `sha512:<128 hex>`, checked by `parseDigest`. Nothing else is called a digest. */
export type Digest = string & { readonly [digestBrand]: true };

/**
 * The name of an image. `registry` and `repository` are canonical (`docker.io`, `library/nginx`), `written` is
 * the text it was parsed from. `tag` is null when none was written, even where the default `latest` applies.
 */
export interface ImageReference {
  readonly written: string;
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: Digest | null;
}

/** The outcome of a parser: expected failures are values. `problem` is a sentence for people. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };
