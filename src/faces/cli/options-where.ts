import type { OptionRow } from './option-row.ts';

/** Options that say where registries and repositories are. */
export const whereOptions = [
  {
    flag: 'backup',
    value: 'REGISTRY/PREFIX',
    kind: 'text',
    key: 'backup',
    group: 'where',
    help: 'where copies go, such as ghcr.io/acme/backup',
  },
  {
    flag: 'naming',
    value: 'TEMPLATE',
    kind: 'text',
    key: 'naming',
    group: 'where',
    help: 'name of a copy under the backup prefix: {host}, {path}, {path-dashed}, {name}, {tail} (default: {host}/{path})',
  },
  {
    flag: 'endpoint',
    value: 'REGISTRY=URL',
    kind: 'list',
    key: 'registries.*.endpoint',
    group: 'where',
    help: 'reach a registry at another address; an http:// URL needs no more (repeatable)',
  },
  {
    flag: 'plain-http',
    value: 'HOST',
    kind: 'list',
    key: 'registries.*.plainHttp',
    group: 'where',
    help: 'talk plain HTTP to this registry (repeatable)',
  },
  {
    flag: 'create-repositories',
    kind: 'switch',
    key: 'createRepositories',
    group: 'where',
    help: 'create missing repositories of an ECR backup, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  },
  {
    flag: 'github-api',
    value: 'URL',
    kind: 'text',
    key: null,
    group: 'where',
    help: 'API of a GitHub Enterprise Server, such as https://github.corp/api/v3',
  },
] as const satisfies readonly OptionRow[];
