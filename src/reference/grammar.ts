import { quote } from './quote.ts';

/*
 * The grammar of github.com/distribution/reference, which Docker and containerd use. Each check answers null when
 * the text is right, else a sentence with what is wrong and what would be right. All expressions are linear: what
 * may follow a repetition never starts with what is repeated.
 */

const hostName = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const component = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const longestRepository = 255;
const longestTag = 128;

/** `ghcr.io`, `localhost:5000`, `[2001:db8::1]:5000`. */
export function findHostProblem(host: string): string | null {
  const isAddress = host.startsWith('[');
  const closing = isAddress ? host.indexOf(']') : 0;
  const colon = closing < 0 ? -1 : host.indexOf(':', closing);
  const name = colon < 0 ? host : host.slice(0, colon);
  if (colon >= 0 && !/^[0-9]+$/.test(host.slice(colon + 1)))
    return `the port of the registry ${quote(host)} must be a number, as in localhost:5000`;
  if (isAddress)
    return /^\[[a-fA-F0-9:]+\]$/.test(name)
      ? null
      : `the registry ${quote(host)} is not an IPv6 address in brackets, as in [2001:db8::1]:5000`;
  if (name === '') return 'the registry before the first "/" is empty';
  const wrong = name.split('.').find((part) => !hostName.test(part));
  if (wrong === undefined) return null;
  return wrong === ''
    ? `the registry ${quote(host)} has an empty part: dots stand between names, as in ghcr.io`
    : `the registry ${quote(host)} may only have letters, digits, "-" inside and dots between names`;
}

/** The path: `library/nginx`. At most 255 characters, as Docker counts (without the host). */
export function findRepositoryProblem(repository: string): string | null {
  if (repository === '') return 'the repository name is empty';
  if (repository.length > longestRepository)
    return `the repository name has ${repository.length} characters, at most ${longestRepository} are allowed`;
  if (/[A-Z]/.test(repository))
    return `the repository name ${quote(repository)} has upper-case letters: write ${quote(repository.toLowerCase())}`;
  const wrong = repository.split('/').find((part) => !component.test(part));
  if (wrong === undefined) return null;
  if (wrong === '')
    return `the repository name ${quote(repository)} has an empty part: one "/" between names`;
  const foreign = /[^a-z0-9._-]/u.exec(wrong);
  if (foreign !== null)
    return `the repository name ${quote(repository)} has ${quote(foreign[0])}: only a-z, 0-9, ".", "_", "-" and "/" are allowed`;
  return (
    `the part ${quote(wrong)} of the repository name must start and end with a letter or digit, ` +
    'with one ".", one or two "_", or any number of "-" between them'
  );
}

/** `1.25`, at most 128 characters. */
export function findTagProblem(tag: string): string | null {
  if (tag === '') return 'the tag after ":" is empty: write one, or leave the ":" out';
  if (tag.length > longestTag)
    return `the tag has ${tag.length} characters, at most ${longestTag} are allowed`;
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(tag)) return null;
  return `the tag ${quote(tag)} may only have letters, digits, "_", "." and "-", and not start with "." or "-"`;
}
