import { HoldfastError } from '../error.ts';
import {
  findHostProblem,
  findRepositoryProblem,
  formatReference,
  type ImageReference,
  type Parsed,
  parseRegistryHost,
  quote,
  type RepositoryPrefix,
} from '../reference/index.ts';
import { formatName, type Naming } from './naming.ts';
import type { BackupRepository } from './types.ts';

/**
 * Where copies go: `ghcr.io/acme/backup`, or a registry alone (`localhost:5000`). The host must be written, so that
 * `acme/backup` is not taken for Docker Hub by surprise. No registry takes capitals, and an owner on GitHub may have
 * them (`ghcr.io/${{ github.repository_owner }}`): they can only mean the small letters.
 */
export function parseBackupPrefix(text: string): Parsed<RepositoryPrefix> {
  const written = text.replace(/\/+$/, '');
  const slash = written.indexOf('/');
  const host = slash < 0 ? written : written.slice(0, slash);
  const repository = slash < 0 ? '' : written.slice(slash + 1).toLowerCase();
  if (written === '')
    return bad('the backup is empty: write a registry and a path, as in ghcr.io/acme/backup');
  if (/^[a-z]+:\/\//i.test(written))
    return bad(`leave out the scheme of the backup ${quote(text)}: write it as in ghcr.io/acme/backup`);
  if (!/[.:]/.test(host) && host.toLowerCase() !== 'localhost')
    return bad(
      `the backup ${quote(text)} does not start with a registry: write it as in ghcr.io/acme/backup, ` +
        `or ${quote(`docker.io/${written}`)} for Docker Hub`,
    );
  if (findHostProblem(host) !== null) return bad(`the backup is not usable: ${findHostProblem(host)}`);
  if (repository.includes('@') || repository.includes(':'))
    return bad(`the backup ${quote(text)} has a tag or a digest: write the registry and the path alone`);
  const problem = repository === '' ? null : findRepositoryProblem(repository);
  if (problem !== null) return bad(`the backup is not usable: ${problem}`);
  const registry = parseRegistryHost(host);
  if (!registry.ok) return registry;
  if (registry.value === 'docker.io' && !/^[^/]+$/.test(repository))
    return bad(
      `Docker Hub has names of two levels: write the backup ${quote(text)} as docker.io/ and the name of your account, ` +
        'as in docker.io/acme',
    );
  return { ok: true, value: { registry: registry.value, repository } };
}

/**
 * The repository in the backup that holds a source. A name that no registry takes is a problem of that source;
 * a template that cannot work on Docker Hub stops the run, because every source would fail.
 */
export function planBackupName(
  source: ImageReference,
  prefix: RepositoryPrefix,
  naming: Naming,
): Parsed<BackupRepository> {
  const name = formatName(naming, source);
  const repository = prefix.repository === '' ? name : `${prefix.repository}/${name}`;
  if (prefix.registry === 'docker.io' && name.includes('/'))
    throw new HoldfastError(
      'config',
      `Docker Hub has names of two levels, and the naming ${quote(naming.template)} makes ` +
        `docker.io/${repository} of ${formatReference(source)}: use --naming '{path-dashed}'`,
    );
  const problem = findRepositoryProblem(repository);
  return problem === null
    ? { ok: true, value: { registry: prefix.registry, repository } }
    : bad(`its name in the backup would not be valid: ${problem}`);
}

function bad(problem: string): Parsed<never> {
  return { ok: false, problem };
}
