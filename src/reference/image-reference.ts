import { parseDigest } from './digest.ts';
import { findHostProblem, findRepositoryProblem, findTagProblem } from './grammar.ts';
import { quote } from './quote.ts';
import type { Digest, ImageReference, Parsed } from './types.ts';

const dockerHub = 'docker.io';

/**
 * Reads the name of an image as Docker and containerd do (`ParseNormalizedNamed` of distribution/reference): the
 * default host, `library/`, `index.docker.io` for `docker.io`. A host is compared without case, as DNS does.
 */
export function parseImageReference(text: string): Parsed<ImageReference> {
  const early = findEarlyProblem(text);
  if (early !== null) return bad(early);

  const at = text.indexOf('@');
  let digest: Digest | null = null;
  if (at >= 0) {
    const parsed = parseDigest(text.slice(at + 1));
    if (!parsed.ok) return parsed;
    digest = parsed.value;
  }
  const named = at < 0 ? text : text.slice(0, at);

  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? null : named.slice(colon + 1);
  const name = colon < 0 ? named : named.slice(0, colon);

  const { host, path } = splitName(name);
  const registry = canonicalHost(host);
  const repository = registry === dockerHub && !path.includes('/') ? `library/${path}` : path;
  const problem =
    findHostProblem(host) ??
    findRepositoryProblem(path) ??
    findRepositoryProblem(repository) ??
    (tag === null ? null : findTagProblem(tag));
  if (problem !== null) return bad(problem);
  return { ok: true, value: { written: text, registry, repository, tag, digest } };
}

/** The host of a registry alone, as in `registries:` of the configuration; canonical. */
export function parseRegistryHost(text: string): Parsed<string> {
  const problem = /^https?:\/\//i.test(text)
    ? `leave out the scheme of ${quote(text)}: a registry is named by its host, as in ghcr.io`
    : findHostProblem(text);
  return problem === null ? { ok: true, value: canonicalHost(text) } : bad(problem);
}

function findEarlyProblem(text: string): string | null {
  if (text === '') return 'the image name is empty';
  if (/\s/u.test(text)) return `the image name ${quote(text)} has white space in it`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return `the image name ${quote(text)} starts with a scheme: leave out everything up to "://"`;
  if (/^[a-f0-9]{64}$/.test(text))
    return `${quote(text)} is the ID of an image, not a name: write name@sha256:…`;
  return null;
}

/** The first part is a host when it could not be a Docker Hub user: `.`, `:`, `localhost` or upper-case. */
function splitName(name: string): { readonly host: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = slash === 0 || /[.:A-Z]/.test(first) || first === 'localhost';
  return isHost ? { host: first, path: name.slice(slash + 1) } : { host: dockerHub, path: name };
}

/** Lower-case where the result still reads as a host; `Team/app` keeps its case, as `team/app` is on Docker Hub. */
function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  if (lower === 'index.docker.io') return dockerHub;
  return /[.:]/.test(lower) || lower === 'localhost' ? lower : host;
}

function bad(problem: string): Parsed<never> {
  return { ok: false, problem };
}
