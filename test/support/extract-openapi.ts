/**
 * Cuts GitHub's OpenAPI description down to the operations that holdfast uses, into `github-openapi.json`. The
 * package is 385 MB, so it is no dependency. Fetch its archive elsewhere and name the one file of it:
 *
 *     npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
 *     npx tsx test/support/extract-openapi.ts package/generated/api.github.com.json
 */
import { readFileSync, writeFileSync } from 'node:fs';

const source = '@octokit/openapi@23.0.2, generated/api.github.com.json (MIT)';

const operations: readonly (readonly [path: string, ...methods: string[]])[] = [
  ['/repos/{owner}/{repo}', 'get'],
  ['/repos/{owner}/{repo}/pulls', 'get', 'post'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}', 'get', 'patch'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}/merge', 'put'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', 'post'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}/files', 'get'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}/commits', 'get'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}/comments', 'get'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}/reviews', 'get', 'post'],
  ['/repos/{owner}/{repo}/pulls/comments/{comment_id}', 'delete'],
  ['/repos/{owner}/{repo}/issues/{issue_number}', 'patch'],
  ['/repos/{owner}/{repo}/issues/{issue_number}/labels', 'post'],
  ['/repos/{owner}/{repo}/issues/{issue_number}/assignees', 'post'],
  ['/repos/{owner}/{repo}/issues/{issue_number}/comments', 'get', 'post'],
  ['/repos/{owner}/{repo}/issues/comments/{comment_id}', 'patch'],
  ['/repos/{owner}/{repo}/git/ref/{ref}', 'get'],
  ['/repos/{owner}/{repo}/git/refs', 'post'],
  ['/repos/{owner}/{repo}/git/refs/{ref}', 'patch', 'delete'],
  ['/repos/{owner}/{repo}/git/trees', 'post'],
  ['/repos/{owner}/{repo}/git/commits', 'post'],
  ['/repos/{owner}/{repo}/git/commits/{commit_sha}', 'get'],
  ['/repos/{owner}/{repo}/compare/{basehead}', 'get'],
  ['/repos/{owner}/{repo}/contents/{path}', 'get'],
  ['/repos/{owner}/{repo}/check-runs', 'post'],
  ['/repos/{owner}/{repo}/check-runs/{check_run_id}', 'patch'],
  ['/repos/{owner}/{repo}/collaborators/{username}/permission', 'get'],
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Node = { [key: string]: Json };

const [input] = process.argv.slice(2);
if (input === undefined) throw new Error('name the api.github.com.json');
const whole = JSON.parse(readFileSync(input, 'utf8')) as Node;

const paths: Node = {};
for (const [path, ...methods] of operations) {
  const item = whole['paths'] && (whole['paths'] as Node)[path];
  if (!item) throw new Error(`the description has no ${path}`);
  paths[path] = Object.fromEntries(
    methods.map((method) => {
      const operation = (item as Node)[method] as Node | undefined;
      if (!operation) throw new Error(`the description has no ${method} ${path}`);
      const { operationId = null, requestBody = null, responses = null } = operation;
      return [method, slim({ operationId, requestBody, responses })];
    }),
  );
}
const components: Record<string, Node> = {};
collect(paths);
const cut = { source, openapi: whole['openapi'] ?? null, paths, components };
writeFileSync(new URL('github-openapi.json', import.meta.url), `${JSON.stringify(cut)}\n`);

/** Everything that is named by reference, and what that names in turn. */
function collect(value: Json): void {
  if (Array.isArray(value)) for (const item of value) collect(item);
  else if (value !== null && typeof value === 'object') {
    const reference = value['$ref'];
    if (typeof reference === 'string') {
      const [, , kind = '', name = ''] = reference.split('/');
      const group = (components[kind] ??= {});
      if (!(name in group)) {
        group[name] = slim(((whole['components'] as Node)[kind] as Node)[name] ?? null);
        collect(group[name] ?? null);
      }
    }
    for (const item of Object.values(value)) collect(item);
  }
}

/** Without the prose and the examples, which are most of it. A property may be called `description` too. */
function slim(value: Json, names = false): Json {
  if (Array.isArray(value)) return value.map((item) => slim(item));
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(
    ([key]) =>
      names ||
      !(
        key.startsWith('x-') ||
        ['description', 'example', 'examples', 'summary', 'externalDocs'].includes(key)
      ),
  );
  return Object.fromEntries(
    kept.map(([key, item]) => [
      key,
      key === 'enum' || key === 'required' ? item : slim(item, !names && key === 'properties'),
    ]),
  );
}
