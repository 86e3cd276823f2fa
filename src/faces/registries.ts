import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config, Environment } from '../config/index.ts';
import { HoldfastError } from '../error.ts';
import {
  type AwsCredentials,
  type Credentials,
  findPullCredentials,
  isEcr,
  type OnWait,
  openRegistries,
  type Registries,
  type RegistriesOptions,
} from '../registry/index.ts';
import { version } from '../version.ts';

/** The registries as configuration and environment describe them; `onWait` hears when one makes us wait. */
export function openConfiguredRegistries(
  config: Config,
  env: Environment,
  onWait: OnWait,
  pullCredentials: RegistriesOptions['pullCredentials'] = async () => null,
): Registries {
  return openRegistries({
    pullCredentials,
    ...credentialOptions(config, env),
    ...(config.createRepositories && { createRepositories: () => findAwsCredentials(env) }),
    userAgent: `holdfast/${version}`,
    onWait,
    // With no proxy in this environment none is used, whatever the process has.
    ...(Object.keys(env).some((name) => /^(https?|all)_proxy$/i.test(name)) ? {} : { proxyFor: () => '' }),
  });
}

/**
 * Before a run that writes: whether `createRepositories` can do what it says. Throws `HoldfastError` when it cannot, as
 * each image would find out for itself.
 */
export function checkCreateRepositories({ createRepositories, backup }: Config, env: Environment): void {
  if (!createRepositories || backup === null) return;
  const host = backup.split('/', 1)[0] ?? backup;
  if (!isEcr(host))
    throw new HoldfastError(
      'config',
      `createRepositories (--create-repositories) is for a backup on ECR, and has no meaning at ${host}: leave it away.`,
    );
  findAwsCredentials(env);
}

/** What pulls from a registry would log in with. */
export async function findConfiguredCredentials(
  config: Config,
  env: Environment,
  registry: string,
  repository: string,
): Promise<Credentials | null> {
  return findPullCredentials(credentialOptions(config, env), registry, repository);
}

function credentialOptions(config: Config, env: Environment) {
  return {
    settings: config.registries,
    credentialFiles: findCredentialFiles(env),
    credentials: findCredentials(env),
    helperEnvironment: env,
  };
}

/** Where docker and podman keep what `login` was told (docker-login, containers-auth.json(5)). */
function findCredentialFiles(env: Environment): string[] {
  const home = env['HOME'] ?? homedir();
  const docker = env['DOCKER_CONFIG'] ?? join(home, '.docker');
  const podman = env['REGISTRY_AUTH_FILE'];
  const runtime = env['XDG_RUNTIME_DIR'];
  return [
    ...(podman ? [podman] : []),
    join(docker, 'config.json'),
    ...(runtime ? [join(runtime, 'containers/auth.json')] : []),
    join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'containers/auth.json'),
  ];
}

/** Inside GitHub Actions the job's token opens ghcr.io. */
function findCredentials(env: Environment): Record<string, Credentials> {
  const token = env['GITHUB_ACTIONS'] === 'true' ? env['GITHUB_TOKEN'] : undefined;
  if (!token) return {};
  const username = env['GITHUB_ACTOR'] ?? 'x-access-token';
  return { 'ghcr.io': { kind: 'password', username, password: token } };
}

/** The variables of the AWS command line, and of every workflow that logs in to AWS. */
function findAwsCredentials(env: Environment): AwsCredentials {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey)
    throw new HoldfastError(
      'config',
      'Creating ECR repositories takes AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    );
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
