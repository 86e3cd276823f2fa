import type { Environment } from '../../config/index.ts';
import { HoldfastError } from '../../error.ts';

/** The two commits that a pull request, a merge queue or a push lies between. */
export interface CommitRange {
  /** Null when the event names none: everything counts as new. */
  readonly base: string | null;
  readonly head: string;
}

/** What started the workflow, as far as it matters here. */
export type RunEvent =
  | ({
      readonly kind: 'pull-request';
      readonly number: number;
      readonly author: string;
      /** GitHub's `author_association`: `OWNER`, `MEMBER`, `COLLABORATOR`, … */
      readonly association: string;
      /** From a fork, or by Dependabot: no secrets, and a token that may only read. */
      readonly restricted: boolean;
    } & CommitRange)
  | ({ readonly kind: 'merge-group' } & CommitRange)
  /** `branch` null: a tag. */
  | ({
      readonly kind: 'push';
      readonly branch: string | null;
      readonly defaultBranch: string | null;
      readonly deleted: boolean;
    } & CommitRange)
  | { readonly kind: 'run' }
  /** About a pull request, with secrets, and the request's files are whatever the workflow checks out. */
  | { readonly kind: 'pull-request-target'; readonly name: string }
  | { readonly kind: 'other'; readonly name: string };

type Json = { readonly [key: string]: unknown };
const dependabot = 'dependabot[bot]';

/** Reads GitHub's event file (`GITHUB_EVENT_PATH`). Decides by the payload, never by the power of a token. */
export function parseEvent(env: Environment, payload: unknown): RunEvent {
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  const event = object(payload);
  switch (name) {
    case 'pull_request':
      return parsePullRequest(env, event);
    case 'pull_request_target':
      return { kind: 'pull-request-target', name };
    case 'merge_group': {
      const group = object(event['merge_group']);
      return { kind: 'merge-group', base: commit(group['base_sha']), head: demand(group['head_sha']) };
    }
    case 'push':
      return parsePush(env, event);
    case 'schedule':
    case 'workflow_dispatch':
    case 'repository_dispatch':
      return { kind: 'run' };
    default:
      // `pull_request_review` and its like: the same request, and no more to be trusted.
      if (isObject(event['pull_request'])) return parsePullRequest(env, event);
      if (isAboutRequest(event)) return { kind: 'pull-request-target', name };
      return { kind: 'other', name };
  }
}

/** `issue_comment` on a pull request, or a `workflow_run` that one started. */
function isAboutRequest(event: Json): boolean {
  return (
    isObject(object(event['issue'])['pull_request']) ||
    text(object(event['workflow_run'])['event']).startsWith('pull_request')
  );
}

function parsePullRequest(env: Environment, event: Json): RunEvent {
  const pull = object(event['pull_request']);
  const [head, base, user] = [object(pull['head']), object(pull['base']), object(pull['user'])];
  const home = object(event['repository'])['full_name'] ?? env['GITHUB_REPOSITORY'];
  // A fork that was deleted has no repository any more.
  const from = object(head['repo'])['full_name'];
  const author = text(user['login']);
  return {
    kind: 'pull-request',
    number: Number(pull['number'] ?? event['number']),
    base: commit(base['sha']),
    head: demand(head['sha']),
    author,
    association: text(pull['author_association']),
    restricted:
      from === undefined || from !== home || author === dependabot || env['GITHUB_ACTOR'] === dependabot,
  };
}

function parsePush(env: Environment, event: Json): RunEvent {
  const branch = /^refs\/heads\/(.+)$/.exec(text(event['ref']) || (env['GITHUB_REF'] ?? ''))?.[1] ?? null;
  const defaultBranch = object(event['repository'])['default_branch'];
  return {
    kind: 'push',
    branch,
    defaultBranch: typeof defaultBranch === 'string' ? defaultBranch : null,
    deleted: event['deleted'] === true,
    base: commit(event['before']),
    head: commit(event['after']) ?? '',
  };
}

function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An id of a commit; GitHub writes zeros for none. */
function commit(value: unknown): string | null {
  const sha = text(value);
  return /^[0-9a-f]{40,64}$/.test(sha) && !/^0+$/.test(sha) ? sha : null;
}

function demand(value: unknown): string {
  const sha = commit(value);
  if (sha !== null) return sha;
  throw new HoldfastError(
    'environment',
    'The event file of this run (GITHUB_EVENT_PATH) does not name the commits of its event: run the Action in a workflow of GitHub.',
  );
}
