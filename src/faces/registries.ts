import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/index.ts';
import { type Credentials, openRegistries, type Registries } from '../registry/index.ts';
import { version } from '../version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The registries as configuration and environment describe them; `onWait` hears when one makes us wait. */
export function openConfiguredRegistries(
  config: Config,
  env: Environment,
  onWait: (registry: string, until: Date, why: string) => void,
): Registries {
  return openRegistries({
    settings: config.registries,
    credentialFiles: findCredentialFiles(env),
    credentials: findCredentials(env),
    helperEnvironment: env,
    userAgent: `holdfast/${version}`,
    onWait,
    // With no proxy in this environment none is used, whatever the process has.
    ...(Object.keys(env).some((name) => /^(https?|all)_proxy$/i.test(name)) ? {} : { proxyFor: () => '' }),
  });
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
