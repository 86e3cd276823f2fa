import { describe, expect, it } from 'vitest';
import { type Environment, loadConfig, seedSettings } from '../../src/config/index.ts';

async function load(env: Environment) {
  return loadConfig({ flags: [], env, file: null, seeds: seedSettings(env) });
}

describe("the seeds' own variables", () => {
  it('of image-cloner keep backup, namespaces and concurrency', async () => {
    const config = await load({
      BACKUP_REGISTRY: 'quay.io/acme',
      NAMESPACES_TO_IGNORE: 'monitoring, dev',
      MAX_CONCURRENT_RECONCILES: '5',
    });
    expect(config.backup).toBe('quay.io/acme');
    expect(config.exclude.namespaces).toEqual(['kube-system', 'monitoring', 'dev']);
    expect(config.concurrency).toBe(5);
  });

  it('of image-clone-controller keep registry, account and namespaces', async () => {
    const env = {
      REGISTRY: 'ghcr.io',
      REGISTRY_USERNAME: 'me',
      REGISTRY_PASSWORD: 'not ${A} variable',
      EXCLUDE_NAMESPACES: 'local-path-storage',
    };
    const config = await load({ ...env, HOLDFAST_BACKUP: 'ghcr.io/acme' });
    expect(config.backup).toBe('ghcr.io/acme');
    expect(config.registries).toEqual({ 'ghcr.io': { username: 'me', password: 'not ${A} variable' } });
    expect(config.exclude.namespaces).toEqual(['kube-system', 'local-path-storage']);
    expect((await load(env)).backup).toBe('ghcr.io');
  });

  it('of copyimage-controller keep registry, repository and account, line ends of Secrets aside', async () => {
    const config = await load({
      PRIV_OCI_REGISTRY: 'index.docker.io\n',
      PRIV_OCI_REPOSITORY: 'acme\n',
      PRIV_OCI_REGISTRY_USERNAME: 'me\n',
      PRIV_OCI_REGISTRY_PASSWORD: 'secret\n',
      HOLDFAST_NAMING: '{tail}',
    });
    expect(config.backup).toBe('docker.io/acme');
    expect(config.registries).toEqual({ 'docker.io': { username: 'me', password: 'secret' } });
  });

  it('are weaker than ours', async () => {
    const config = await load({
      BACKUP_REGISTRY: 'quay.io/old',
      HOLDFAST_BACKUP: 'ghcr.io/new',
      NAMESPACES_TO_IGNORE: 'a',
      HOLDFAST_EXCLUDE_NAMESPACES: 'b',
    });
    expect(config.backup).toBe('ghcr.io/new');
    expect(config.exclude.namespaces).toEqual(['kube-system', 'b']);
  });

  it('that name two backups are an error, unless they mean the same', async () => {
    const both = {
      BACKUP_REGISTRY: 'docker.io/acme',
      PRIV_OCI_REGISTRY: 'index.docker.io',
      PRIV_OCI_REPOSITORY: 'acme',
    };
    expect((await load(both)).backup).toBe('docker.io/acme');
    await expect(load({ ...both, PRIV_OCI_REPOSITORY: 'other' })).rejects.toThrow(
      /BACKUP_REGISTRY and PRIV_OCI_REGISTRY name different backups: set HOLDFAST_BACKUP/,
    );
  });

  it('both lists of namespaces count while a migration goes on', async () => {
    expect((await load({ NAMESPACES_TO_IGNORE: 'a', EXCLUDE_NAMESPACES: 'b' })).exclude.namespaces).toEqual([
      'kube-system',
      'a',
      'b',
    ]);
  });

  it('name themselves in an error, and never their value when it is a secret', async () => {
    await expect(load({ BACKUP_REGISTRY: 'acme' })).rejects.toThrow(/^BACKUP_REGISTRY: the backup "acme"/);
    await expect(load({ REGISTRY_PASSWORD: 'hunter2' })).rejects.toThrow(
      /^REGISTRY_USERNAME is set without REGISTRY/,
    );
    await expect(load({ MAX_CONCURRENT_RECONCILES: 'x' })).rejects.toThrow(
      /^MAX_CONCURRENT_RECONCILES: it must be a number/,
    );
  });

  it('are nothing when none is set', () => {
    expect(seedSettings({ PATH: '/bin', REGISTRY: '' })).toEqual([]);
  });
});
