import {
  findRepositoryProblem,
  type ImageReference,
  type Parsed,
  parseImageReference,
  quote,
  type RepositoryPrefix,
} from '../reference/index.ts';
import { nearest } from './nearest.ts';

const placeholders = {
  host: (name) => hostAsPath(name.registry),
  path: (name) => name.repository,
  'path-dashed': (name) => name.repository.replaceAll('/', '-'),
  name: (name) => name.repository.split('/').at(-1) ?? '',
  tail: (name) => tailOf(name),
} as const satisfies Record<string, (name: RepositoryPrefix) => string>;

type Placeholder = keyof typeof placeholders;

/** How backups are named below the backup prefix: a checked template such as `{host}/{path}`. */
export interface Naming {
  readonly template: string;
  readonly parts: readonly (string | { readonly placeholder: Placeholder })[];
}

/** Reads a naming template; placeholders are those of the contract, section "Names, tags, and the lock file". */
export function parseNaming(template: string): Parsed<Naming> {
  const parts: (string | { readonly placeholder: Placeholder })[] = [];
  for (const text of template.split(/(\{[^{}]*\})/)) {
    if (!text.startsWith('{') || !text.endsWith('}')) {
      if (text !== '') parts.push(text);
      continue;
    }
    const word = text.slice(1, -1);
    if (!isPlaceholder(word)) return bad(unknownPlaceholder(word, template));
    parts.push({ placeholder: word });
  }
  const naming = { template, parts };
  if (!parts.some((part) => typeof part !== 'string' && part.placeholder !== 'host'))
    return bad(
      `the naming ${quote(template)} gives all images of a registry one name: it needs {path}, {path-dashed}, {name} or {tail}`,
    );
  const problem = findRepositoryProblem(formatName(naming, { registry: 'ghcr.io', repository: 'acme/app' }));
  return problem === null
    ? { ok: true, value: naming }
    : bad(`the naming ${quote(template)} cannot be used: ${problem}`);
}

/** The name of a source below the backup prefix; not checked for validity. */
export function formatName(naming: Naming, source: RepositoryPrefix): string {
  return naming.parts
    .map((part) => (typeof part === 'string' ? part : placeholders[part.placeholder](source)))
    .join('');
}

/**
 * The source that a name below the backup prefix stands for, where the template says it without doubt: when it ends
 * in `{host}/{path}`. Null for the other templates, which lose the host.
 */
export function parseName(naming: Naming, name: string): RepositoryPrefix | null {
  const start = '{host}/{path}';
  if (!naming.template.endsWith(start)) return null;
  const literal = naming.template.slice(0, -start.length);
  const slash = name.indexOf('/', literal.length);
  if (literal.includes('{') || !name.startsWith(literal) || slash < 0) return null;
  const host = name.slice(literal.length, slash).replace(/_(?=[0-9]+$)/, ':');
  const parsed = parseImageReference(`${host}/${name.slice(slash + 1)}`);
  if (!parsed.ok || parsed.value.tag !== null) return null;
  const { registry, repository } = parsed.value;
  // `team/app` is read back as something else: we never gave that name.
  return formatName(naming, parsed.value) === name ? { registry, repository } : null;
}

/** The reference that has the name of `source` and the tag and digest of `like`. */
export function withName(source: RepositoryPrefix, like: ImageReference): ImageReference {
  const { registry, repository } = source;
  return { ...like, registry, repository };
}

/** `localhost:5000` is `localhost_5000`; trimmed, as a repository name neither starts with `_` nor has three. */
function hostAsPath(host: string): string {
  return host
    .toLowerCase()
    .replace(/[:[\]]/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/_{3,}/g, '__');
}

/** The path without its first segment, if there is more than one once Docker Hub's `library/` is dropped. */
function tailOf(name: RepositoryPrefix): string {
  const path = name.registry === 'docker.io' ? name.repository.replace(/^library\//, '') : name.repository;
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(slash + 1);
}

function isPlaceholder(word: string): word is Placeholder {
  return Object.hasOwn(placeholders, word);
}

function unknownPlaceholder(word: string, template: string): string {
  const known = Object.keys(placeholders);
  const near = nearest(word, known);
  const cure =
    near === null ? `write one of ${known.map((name) => `{${name}}`).join(', ')}` : `did you mean {${near}}?`;
  return `the naming ${quote(template)} has the unknown placeholder {${word}}: ${cure}`;
}

function bad(problem: string): Parsed<never> {
  return { ok: false, problem };
}
