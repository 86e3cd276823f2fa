import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import type { ForgeRequest } from '../../src/embedded/index.ts';

type Node = { [key: string]: unknown };

const description = JSON.parse(readFileSync(new URL('github-openapi.json', import.meta.url), 'utf8')) as {
  readonly paths: Record<string, Record<string, Node>>;
  readonly components: Node;
};

/** Most schemas name the same others: one function for each takes a fifth of the time that copies of it would. */
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  inlineRefs: false,
  code: { optimize: false },
});
ajv.addSchema({ $id: 'github', ...(nullable(description) as Node) });
const compiled = new Map<string, ValidateFunction>();

/**
 * What in an exchange is not as GitHub's own OpenAPI description says: an unknown operation, an undocumented status,
 * a wrong request or answer. Empty when all is well.
 */
export function findContractBreaches({ method, path, body, status, answer }: ForgeRequest): string[] {
  const where = `${method} ${path} → ${status}`;
  const found = findOperation(method, path.split('?')[0] ?? '');
  if (found === null) return [`${where}: no operation of GitHub's description`];
  const [template, operation] = found;
  const base = ['paths', template, method.toLowerCase()];
  const breaches: string[] = [];
  // A body is what GitHub documents, whenever GitHub took it.
  if (operation['requestBody'] && status < 300)
    breaches.push(
      ...check([...base, 'requestBody', 'content', 'application/json', 'schema'], body, `${where}: request`),
    );
  // These come from in front of any operation: bad credentials, limits, failures.
  if ([401, 403, 429, 500, 502, 503].includes(status)) return breaches;
  const documented = (operation['responses'] as Node)[String(status)] as Node | undefined;
  // GitHub refuses wrong input everywhere; its description of check runs does not say so.
  if (documented === undefined && status === 422) return breaches;
  if (documented === undefined) return [...breaches, `${where}: not a documented status`];
  if (status === 204) return breaches;
  // Of some refusals it says the status alone.
  if (!('$ref' in documented || 'content' in documented)) return breaches;
  const at =
    typeof documented['$ref'] === 'string'
      ? documented['$ref'].slice(2).split('/')
      : [...base, 'responses', String(status)];
  return [
    ...breaches,
    ...check([...at, 'content', 'application/json', 'schema'], answer, `${where}: answer`),
  ];
}

function check(at: readonly string[], value: unknown, where: string): string[] {
  const pointer = `github#/${at.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const validate = compiled.get(pointer) ?? ajv.compile({ $ref: pointer });
  compiled.set(pointer, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, 5).map((error) => `${where}${error.instancePath} ${error.message}`);
}

function findOperation(method: string, path: string): readonly [string, Node] | null {
  const candidates = Object.entries(description.paths).flatMap(([template, methods]): [string, Node][] => {
    const operation = methods[method.toLowerCase()];
    // These parameters take slashes.
    const pattern = template.replace(/\{(?:ref|path|basehead)\}/g, '.+').replace(/\{\w+\}/g, '[^/]+');
    return operation && new RegExp(`^${pattern}$`).test(path) ? [[template, operation]] : [];
  });
  return candidates[0] ?? null;
}

/** OpenAPI 3.0's `nullable` in the words of JSON Schema. */
function nullable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nullable);
  if (value === null || typeof value !== 'object') return value;
  const { nullable: may, ...rest } = value as Node;
  const node = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, nullable(item)]));
  return may === true
    ? { anyOf: [node, { type: 'null' }] }
    : may === undefined
      ? node
      : { ...node, nullable: may };
}
