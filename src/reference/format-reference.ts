import type { ImageReference } from './types.ts';

/** What names an image, apart from how it was written. */
export type ImageName = Omit<ImageReference, 'written'>;

/** `docker.io/library/nginx:1.25@sha256:…`: in full, with the tag and digest that it has and no others. */
export function formatReference(name: ImageName): string {
  return `${name.registry}/${name.repository}${suffix(name)}`;
}

/** The key of an image: `formatReference`, with the default tag `latest` where there is neither tag nor digest. */
export function canonicalName(name: ImageName): string {
  const isBare = name.tag === null && name.digest === null;
  return formatReference(isBare ? { ...name, tag: 'latest' } : name);
}

/** As people write it: `nginx:1.25`, `grafana/grafana`, `ghcr.io/acme/app`. It parses to the same name. */
export function familiarName(name: ImageName): string {
  if (name.registry !== 'docker.io') return formatReference(name);
  const [first = '', ...rest] = name.repository.split('/');
  if (rest.length === 0 || /[.:]/.test(first) || first === 'localhost') return formatReference(name);
  const isOfficial = first === 'library' && rest.length === 1;
  return (isOfficial ? rest.join('/') : name.repository) + suffix(name);
}

function suffix(name: ImageName): string {
  return (name.tag === null ? '' : `:${name.tag}`) + (name.digest === null ? '' : `@${name.digest}`);
}
