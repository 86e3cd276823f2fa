import { familiarName, parseImageReference } from '../reference/index.ts';

/** `nginx:1.25` for `docker.io/library/nginx:1.25`. */
export function familiar(canonical: string): string {
  const parsed = parseImageReference(canonical);
  return parsed.ok ? familiarName(parsed.value) : canonical;
}
