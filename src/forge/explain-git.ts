import { HoldfastError } from '../error.ts';
import type { RemoteUrl } from './remote-url.ts';

const asksForCredentials = /could not read (?:Username|Password)|terminal prompts disabled/;

/** git's own words, which are English because of `LC_ALL=C`, and the sentence that names the cure. */
const known: readonly (readonly [
  said: RegExp,
  code: HoldfastError['code'],
  sentence: (where: string) => string,
])[] = [
  [
    asksForCredentials,
    'access',
    (where) => `${where} asks for credentials: set GITHUB_TOKEN, or let git log in there by itself.`,
  ],
  [
    /Authentication failed|Invalid username or (?:password|token)|HTTP 401|error: 401|Bad credentials/i,
    'access',
    (where) => `${where} does not accept the token: it may be expired or revoked. Make a new one.`,
  ],
  [
    /GH006|protected branch hook declined|GH013|Repository rule violations/i,
    'access',
    (where) =>
      `${where} protects the branch against this push: take holdfast/** out of the rule, or let the bot push there.`,
  ],
  [
    /refusing to allow .* to create or update workflow/i,
    'access',
    (where) =>
      `${where} lets this token change no workflow file: exclude .github/workflows/** or give the token the workflows permission.`,
  ],
  [
    /archived so it is read-only|repository (?:is|was) archived/i,
    'access',
    (where) =>
      `${where} is archived and takes no changes: unarchive it, or take it out of the configuration.`,
  ],
  [
    /Permission to .* denied|Write access to repository not granted|HTTP 403|error: 403|Permission denied|not allowed to push/i,
    'access',
    (where) => `${where} does not let this token push: give it the permission contents: write.`,
  ],
  [
    /exists; cannot create/i,
    'usage',
    (where) =>
      `${where} has a branch named "holdfast", beside which git can hold no holdfast/…: rename that branch.`,
  ],
  [
    /stale info|\(fetch first\)|\(non-fast-forward\)|cannot lock ref|failed to update ref/i,
    'conflict',
    (where) => `The branch at ${where} changed while holdfast worked: nothing was pushed. Run it again.`,
  ],
  [
    /not our ref|couldn't find remote ref/i,
    'conflict',
    (where) =>
      `${where} no longer has the commit that this run is about: its branch was force-pushed or deleted. Run it on the newest commit.`,
  ],
  [
    /error: 30[1278]|unable to update url base from redirection|redirect/i,
    'access',
    (where) => `${where} has moved: set the remote to its new address.`,
  ],
  [
    /Repository not found|HTTP 404|error: 404|not found|does not appear to be a git repository|does not exist/i,
    'access',
    (where) => `${where} is not there, or this token may not see it: check the address and the token.`,
  ],
  [
    /Could not resolve host|Failed to connect|Connection refused|Connection timed out|Operation too slow|timed out|Could not connect|unexpected disconnect|early EOF|RPC failed|error: 5\d\d|HTTP 5\d\d|Empty reply|hung up/i,
    'environment',
    (where) => `${where} cannot be reached, or broke off: run it again when it answers.`,
  ],
  [
    /not a git repository/i,
    'usage',
    () =>
      'This folder is not a git checkout: run holdfast pr inside of one, or name a repository with --clone.',
  ],
  [
    /detected dubious ownership/i,
    'environment',
    () => 'git does not trust this checkout, which belongs to another user: add it to safe.directory.',
  ],
  [
    /spawn git ENOENT|ENOENT.*git/,
    'environment',
    () => 'git is not installed, or not on the PATH: install git 2.30 or newer.',
  ],
];

/**
 * Turns what git wrote to stderr into one sentence. `said` must hold no secret any more. `tried`: a credential was
 * sent; git then only says that it would ask for another one.
 */
export function explainGit(text: string, remote: RemoteUrl | null, tried: boolean): HoldfastError {
  const said = tried && asksForCredentials.test(text) ? 'Authentication failed' : text;
  const where = remote === null ? 'The git remote' : remote.url;
  const cause = new Error(said);
  for (const [pattern, code, sentence] of known)
    if (pattern.test(said)) return new HoldfastError(code, sentence(where), { cause });
  const line = said
    .split('\n')
    .map((text) =>
      text
        .replace(/^(?:fatal|error|remote): */, '')
        .replace(/[.\s]+$/, '')
        .trim(),
    )
    .find((text) => text !== '');
  return new HoldfastError('environment', `git could not go on: ${line ?? 'it gave no reason'}.`, { cause });
}
