import { CredentialSources } from './credentials.ts';
import type { Credentials, RegistriesOptions } from './settings.ts';

/** What pulls of a repository would log in with, or null when nothing is known for its registry. */
export async function findPullCredentials(
  options: RegistriesOptions,
  host: string,
  repository: string,
): Promise<Credentials | null> {
  return new CredentialSources(options).find(host, repository, 'pull');
}
