import { describe, expect, it } from 'vitest';
import { type Environment, loadConfig, seedSettings } from '../../src/config/index.ts';

function load(env: Environment) {
  return loadConfig({ flags: [], env, file: null, seeds: seedSettings(env) });
}

describe("the seeds' own variables", () => {
  it('of image-cloner keep backup, namespaces and concurrency', () => {
    const config = load({
      BACKUP_REGISTRY: 'quay.io/acme',
      NAMESPACES_TO_IGNORE: 'monitoring, dev',
      MAX_CONCURRENT_RECONCILES: '5',
    });
    expect(config.backup).toBe('quay.io/acme');
    expect(config.exclude.namespaces).toEqual(['kube-system', 'monitoring', 'dev']);
    expect(config.concurrency).toBe(5);
  });

  it('of image-clone-controller keep registry, account and namespaces', () => {
    const env = {
      REGISTRY: 'ghcr.io',
      REGISTRY_USERNAME: 'me',
      REGISTRY_PASSWORD: 'not ${A} variable',
      EXCLUDE_NAMESPACES: 'local-path-storage',
    };
    const config = load({ ...env, HOLDFAST_BACKUP: 'ghcr.io/acme' });
    expect(config.backup).toBe('ghcr.io/acme');
    expect(config.registries).toEqual({ 'ghcr.io': { username: 'me', password: 'not ${A} variable' } });
    expect(config.exclude.namespaces).toEqual(['kube-system', 'local-path-storage']);
    expect(load(env).backup).toBe('ghcr.io');
  });

  it('of copyimage-controller keep registry, repository and account, line ends of Secrets aside', () => {
    const config = load({
      PRIV_OCI_REGISTRY: 'index.docker.io\n',
      PRIV_OCI_REPOSITORY: 'acme\n',
      PRIV_OCI_REGISTRY_USERNAME: 'me\n',
      PRIV_OCI_REGISTRY_PASSWORD: 'secret\n',
      HOLDFAST_NAMING: '{tail}',
    });
    expect(config.backup).toBe('docker.io/acme');
    expect(config.registries).toEqual({ 'docker.io': { username: 'me', password: 'secret' } });
  });

  it('are weaker than ours', () => {
    const config = load({
      BACKUP_REGISTRY: 'quay.io/old',
      HOLDFAST_BACKUP: 'ghcr.io/new',
      NAMESPACES_TO_IGNORE: 'a',
      HOLDFAST_EXCLUDE_NAMESPACES: 'b',
    });
    expect(config.backup).toBe('ghcr.io/new');
    expect(config.exclude.namespaces).toEqual(['kube-system', 'b']);
  });

  it('that name two backups are an error, unless they mean the same', () => {
    const both = {
      BACKUP_REGISTRY: 'docker.io/acme',
      PRIV_OCI_REGISTRY: 'index.docker.io',
      PRIV_OCI_REPOSITORY: 'acme',
    };
    expect(load(both).backup).toBe('docker.io/acme');
    expect(() => load({ ...both, PRIV_OCI_REPOSITORY: 'other' })).toThrow(
      /BACKUP_REGISTRY and PRIV_OCI_REGISTRY name different backups: set HOLDFAST_BACKUP/,
    );
  });

  it('both lists of namespaces count while a migration goes on', () => {
    expect(load({ NAMESPACES_TO_IGNORE: 'a', EXCLUDE_NAMESPACES: 'b' }).exclude.namespaces).toEqual([
      'kube-system',
      'a',
      'b',
    ]);
  });

  it('name themselves in an error, and never their value when it is a secret', () => {
    expect(() => load({ BACKUP_REGISTRY: 'acme' })).toThrow(/^BACKUP_REGISTRY: the backup "acme"/);
    expect(() => load({ REGISTRY_PASSWORD: 'hunter2' })).toThrow(
      /^REGISTRY_USERNAME is set without REGISTRY/,
    );
    expect(() => load({ MAX_CONCURRENT_RECONCILES: 'x' })).toThrow(
      /^MAX_CONCURRENT_RECONCILES: it must be a number/,
    );
  });

  it('are nothing when none is set', () => {
    expect(seedSettings({ PATH: '/bin', REGISTRY: '' })).toEqual([]);
  });
});
