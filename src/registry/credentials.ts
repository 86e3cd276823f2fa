import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from './clock.ts';
import { askCredentialHelper } from './credential-helper.ts';
import { type DockerConfig, findDockerCredentials, readDockerConfig } from './docker-config.ts';
import type { Credentials, RegistriesOptions } from './settings.ts';
import type { RegistryUse } from './types.ts';

/** Milliseconds for which a helper's answer counts: what clouds give lives an hour to twelve, and we may live longer. */
const helperAnswerLife = 5 * 60_000;
/** Milliseconds until files are read again: a mounted secret may be replaced. */
const fileLife = 60_000;

interface HelperAnswer {
  readonly credentials: Promise<Credentials | null>;
  readonly askedAt: number;
  /** What was refused, and made us ask again. */
  readonly after: Credentials | null;
}

/** Finds credentials: those of the settings, then of Docker's and podman's files, then those that the face was given. */
export class CredentialSources {
  readonly #options: RegistriesOptions;
  readonly #clock: Clock;
  #files: Promise<readonly DockerConfig[]>;
  #filesReadAt: number;
  /** By helper and host. */
  readonly #helped = new Map<string, HelperAnswer>();

  constructor(options: RegistriesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#filesReadAt = this.#clock.now();
    this.#files = readAll(options.credentialFiles ?? []);
    this.#files.catch(() => {}); // whoever asks first is told
  }

  /** `refused`: what was found before and not taken; files and helpers may have something newer. */
  async find(
    host: string,
    repository: string,
    use: RegistryUse,
    refused: Credentials | null = null,
  ): Promise<Credentials | null> {
    if (use === 'anonymous') return null;
    const settings = this.#options.settings?.[host];
    if (use === 'push' && settings?.push !== undefined) return { kind: 'password', ...settings.push };
    if (settings?.username !== undefined && settings.password !== undefined)
      return { kind: 'password', username: settings.username, password: settings.password };
    for (const config of await this.#readFiles(refused !== null))
      for (const entry of findDockerCredentials(config, host, repository)) {
        if (entry.kind === 'credentials') return entry.credentials;
        const found = await this.#askHelper(entry.helper, entry.serverAddress, refused);
        if (found !== null) return found;
      }
    const given = this.#options.credentials?.[host];
    if (given !== undefined || use === 'push') return given ?? null;
    return (await this.#options.pullCredentials?.(host, repository)) ?? null;
  }

  #readFiles(isRefused: boolean): Promise<readonly DockerConfig[]> {
    const now = this.#clock.now();
    if (!isRefused && now - this.#filesReadAt < fileLife) return this.#files;
    const known = this.#files;
    this.#filesReadAt = now;
    // A file that is being written, or that is broken by now, takes nothing away.
    this.#files = readAll(this.#options.credentialFiles ?? []).catch(() => known);
    return this.#files;
  }

  /** A helper that gives again what was refused is not asked a third time for it. */
  async #askHelper(
    helper: string,
    serverAddress: string,
    refused: Credentials | null,
  ): Promise<Credentials | null> {
    const key = `${helper} ${serverAddress}`;
    const held = this.#helped.get(key);
    if (held !== undefined && this.#clock.now() - held.askedAt < helperAnswerLife) {
      const credentials = await held.credentials;
      const isRefused = refused !== null && isDeepStrictEqual(credentials, refused);
      if (!isRefused || isDeepStrictEqual(held.after, refused)) return credentials;
      // Another request may have asked in the meantime.
      if (this.#helped.get(key) !== held) return this.#askHelper(helper, serverAddress, refused);
    }
    const { helperEnvironment = {} } = this.#options;
    const credentials = askCredentialHelper(helper, serverAddress, helperEnvironment);
    this.#helped.set(key, { credentials, askedAt: this.#clock.now(), after: refused });
    return credentials;
  }
}

async function readAll(paths: readonly string[]): Promise<readonly DockerConfig[]> {
  const configs = await Promise.all(paths.map((path) => readDockerConfig(path)));
  return configs.filter((config) => config !== null);
}
