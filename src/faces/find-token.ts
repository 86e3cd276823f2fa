import type { Environment } from '../config/index.ts';

/** The token for GitHub that the environment has. An empty variable is one that was not set, as in a workflow. */
export function findToken(env: Environment): string | null {
  return env['GITHUB_TOKEN']?.trim() || env['GH_TOKEN']?.trim() || null;
}
