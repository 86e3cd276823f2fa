import { resolve } from 'node:path';
import { prune, type Work } from '../../backup/index.ts';
import { githubServer, isFolder, parseRemoteUrl, takesToken } from '../../forge/index.ts';
import type { Report } from '../../report/index.ts';
import { findToken } from '../find-token.ts';
import { clusterOptions } from './cluster.ts';
import type { Io } from './io.ts';
import type { Invocation } from './program.ts';

const historyDays = 30;
const minAgeDays = 7;

/** Translates the flags of `prune`, and runs it. */
export async function executePrune(work: Work, { values }: Invocation, io: Io): Promise<Report> {
  const token = findToken(io.env);
  return prune(work, {
    repositories: readList(values['repository']).map((place) =>
      isFolder(place) ? resolve(io.cwd, place) : place,
    ),
    clusters: (values['cluster'] === true ? [null] : readList(values['cluster'])).map((context) =>
      clusterOptions(context, io.env),
    ),
    keep: readList(values['keep']),
    history: readNumber(values['history'], historyDays),
    minAge: readNumber(values['min-age'], minAgeDays),
    yes: values['yes'] === true,
    now: new Date(),
    accessTo: (place) => ({ environment: io.env, token: isGitHub(place, io) ? token : null }),
  });
}

/** The token is GitHub's: repositories may be anywhere, and no other server is sent it. */
function isGitHub(place: string, { env }: Io): boolean {
  return takesToken(parseRemoteUrl(place), null, githubServer(env));
}

function readList(value: Invocation['values'][string] | undefined): readonly string[] {
  return typeof value === 'object' ? value : [];
}

function readNumber(value: Invocation['values'][string] | undefined, usual: number): number {
  return typeof value === 'number' ? value : usual;
}
