import { getInput } from '@actions/core';
import type { Setting, SettingKey } from '../../config/index.ts';
import { HoldfastError } from '../../error.ts';

/** Inputs that stand for a key of the configuration, and rank with flags. */
export const settingInputs: ReadonlyMap<string, SettingKey> = new Map([
  ['backup', 'backup'],
  ['paths', 'paths'],
  ['exclude-images', 'exclude.images'],
  ['exclude-namespaces', 'exclude.namespaces'],
  ['exclude-paths', 'exclude.paths'],
  ['include-private', 'includePrivate'],
  ['include-other', 'includeOther'],
  ['naming', 'naming'],
  ['pin', 'pin'],
  ['platforms', 'platforms'],
  ['referrers', 'referrers'],
  ['foreign-layers', 'foreignLayers'],
  ['convert-schema1', 'convertSchema1'],
  ['create-repositories', 'createRepositories'],
  ['updates', 'updates'],
  ['pull-secret', 'pullSecret.name'],
  ['pull-secret-attach', 'pullSecret.attach'],
  ['registries', 'registries'],
  ['endpoints', 'registries.*.endpoint'],
  ['plain-http', 'registries.*.plainHttp'],
  ['rules', 'rules'],
  ['concurrency', 'concurrency'],
  ['base', 'pullRequest.base'],
  ['group', 'pullRequest.group'],
  ['labels', 'pullRequest.labels'],
  ['reviewers', 'pullRequest.reviewers'],
  ['team-reviewers', 'pullRequest.teamReviewers'],
  ['assignees', 'pullRequest.assignees'],
  ['milestone', 'pullRequest.milestone'],
  ['draft', 'pullRequest.draft'],
  ['author', 'pullRequest.author'],
  ['max-prs', 'pullRequest.maxRequests'],
  ['max-files-per-pr', 'pullRequest.maxFiles'],
  ['max-images', 'pullRequest.maxImages'],
] as const);

/** Inputs that concern the run alone, with what they may say; null for free text. */
export const runInputs = {
  mode: ['auto', 'check', 'rewrite'],
  'github-token': null,
  config: null,
  'commit-via': ['api', 'git'],
  'recreate-closed': ['auto', 'always', 'never'],
  'dry-run': ['false', 'true'],
  'fail-on': ['new', 'any', 'error', 'none'],
  comment: ['true', 'false'],
  suggestions: ['true', 'false'],
  'copy-on-pr': ['false', 'true'],
  'trusted-authors': null,
} as const satisfies Record<string, readonly [string, ...string[]] | null>;

export type FailOn = (typeof runInputs)['fail-on'][number];

/** What the workflow asks for. */
export interface Inputs {
  readonly settings: readonly Setting[];
  readonly mode: (typeof runInputs)['mode'][number];
  readonly token: string | null;
  readonly config: string | null;
  readonly commitVia: 'git' | 'api';
  readonly recreateClosed: 'auto' | 'always' | 'never';
  readonly dryRun: boolean;
  readonly failOn: FailOn;
  readonly comment: boolean;
  readonly suggestions: boolean;
  readonly copyOnPullRequest: boolean;
  /** In lower case: logins have no case. */
  readonly trustedAuthors: readonly string[];
}

/** Reads the inputs; an empty one counts as not given. Throws `usage` for a word that an input does not take. */
export function readInputs(): Inputs {
  return {
    settings: [...settingInputs].flatMap(([name, key]) => {
      const value = getInput(name);
      return value === '' ? [] : [{ from: `the input ${name}`, key, value }];
    }),
    mode: readChoice('mode'),
    token: getInput('github-token') || null,
    config: getInput('config') || null,
    commitVia: readChoice('commit-via'),
    recreateClosed: readChoice('recreate-closed'),
    dryRun: readChoice('dry-run') === 'true',
    failOn: readChoice('fail-on'),
    comment: readChoice('comment') === 'true',
    suggestions: readChoice('suggestions') === 'true',
    copyOnPullRequest: readChoice('copy-on-pr') === 'true',
    trustedAuthors: getInput('trusted-authors')
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((login) => login !== ''),
  };
}

type ChoiceInput = {
  [Name in keyof typeof runInputs]: (typeof runInputs)[Name] extends null ? never : Name;
}[keyof typeof runInputs];

/** The first choice is the default, as in action.yml. */
function readChoice<Name extends ChoiceInput>(name: Name): (typeof runInputs)[Name][number] {
  const choices: readonly [string, ...string[]] = runInputs[name];
  const given = getInput(name).toLowerCase();
  const chosen = given === '' ? choices[0] : choices.find((choice) => choice === given);
  if (chosen === undefined)
    throw new HoldfastError('usage', `The input ${name} takes ${choices.join(', ')}, not "${given}".`);
  return chosen as (typeof runInputs)[Name][number];
}
