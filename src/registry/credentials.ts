import { askCredentialHelper } from './credential-helper.ts';
import { type DockerConfig, findDockerCredentials, readDockerConfig } from './docker-config.ts';
import type { Credentials, RegistriesOptions } from './settings.ts';
import type { RegistryUse } from './types.ts';

/** Finds credentials: those of the settings, then of Docker's and podman's files, then those that the face was given. */
export class CredentialSources {
  readonly #options: RegistriesOptions;
  readonly #files: Promise<readonly DockerConfig[]>;
  /** What helpers answered: each is asked once for a host. */
  readonly #helped = new Map<string, Promise<Credentials | null>>();

  constructor(options: RegistriesOptions) {
    this.#options = options;
    this.#files = readAll(options.credentialFiles ?? []);
    this.#files.catch(() => {}); // whoever asks first is told
  }

  async find(host: string, repository: string, use: RegistryUse): Promise<Credentials | null> {
    if (use === 'anonymous') return null;
    const settings = this.#options.settings?.[host];
    if (use === 'push' && settings?.push !== undefined) return { kind: 'password', ...settings.push };
    if (settings?.username !== undefined && settings.password !== undefined)
      return { kind: 'password', username: settings.username, password: settings.password };
    for (const config of await this.#files)
      for (const entry of findDockerCredentials(config, host, repository)) {
        if (entry.kind === 'credentials') return entry.credentials;
        const found = await this.#askHelper(entry.helper, entry.serverAddress);
        if (found !== null) return found;
      }
    const given = this.#options.credentials?.[host];
    if (given !== undefined || use === 'push') return given ?? null;
    return (await this.#options.pullCredentials?.(host, repository)) ?? null;
  }

  #askHelper(helper: string, serverAddress: string): Promise<Credentials | null> {
    const key = `${helper} ${serverAddress}`;
    let answer = this.#helped.get(key);
    if (answer === undefined) {
      answer = askCredentialHelper(helper, serverAddress, this.#options.helperEnvironment ?? {});
      this.#helped.set(key, answer);
    }
    return answer;
  }
}

async function readAll(paths: readonly string[]): Promise<readonly DockerConfig[]> {
  const configs = await Promise.all(paths.map((path) => readDockerConfig(path)));
  return configs.filter((config) => config !== null);
}
