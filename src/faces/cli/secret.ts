import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type SecretSource, type WrittenSecrets, writeSecrets } from '../../backup/index.ts';
import { type Config, loadConfig } from '../../config/index.ts';
import { HoldfastError } from '../../error.ts';
import { readConfigSource } from '../config-file.ts';
import { findConfiguredCredentials, openConfiguredRegistries } from '../registries.ts';
import { readSettings } from './execute.ts';
import type { Io } from './io.ts';
import type { Invocation } from './program.ts';

/** Writes the manifests of pull secrets to stdout, and what to know of them to stderr. */
export async function runSecret({ values, paths }: Invocation, io: Io): Promise<0 | 1> {
  const named = typeof values['config'] === 'string' ? values['config'] : null;
  const file = await readConfigSource(io.cwd, named);
  const config = await loadConfig({ flags: readSettings(values), env: io.env, file });
  const registries = openConfiguredRegistries(config, io.env, () => {});
  try {
    const source = await readSource(values, config, io);
    const work = { config, paths, cwd: io.cwd, registries, signal: io.signal };
    const written = await writeSecrets(work, source);
    io.stdout.write(written.text);
    if (values['quiet'] !== true)
      for (const line of summarize(written)) io.stderr.write(`holdfast: ${line}\n`);
    return written.unnamed ? 1 : 0;
  } finally {
    registries.close();
  }
}

function summarize({ namespaces, unnamed, used }: WrittenSecrets): readonly string[] {
  if (!used) return ['no manifest uses the backup, or will'];
  const written = namespaces.length > 0 ? [`written for ${namespaces.join(', ')}`] : [];
  if (unnamed)
    return [...written, 'some manifests that use the backup name no namespace; theirs needs the Secret, too'];
  return written.length > 0
    ? written
    : ['every namespace that uses the backup has the pull secret in its manifests'];
}

async function readSource(values: Invocation['values'], config: Config, io: Io): Promise<SecretSource> {
  const { certificate, store, key, template } = values;
  const given = ['certificate', 'store', 'template'].filter((flag) => flag in values);
  if (given.length > 1)
    throw new HoldfastError(
      'usage',
      `${given.map((flag) => `--${flag}`).join(' and ')} exclude each other: give one of them.`,
    );
  if (given.length === 0)
    throw new HoldfastError(
      'usage',
      'Say how the Secret gets its credentials: --store NAME and --key KEY for an ExternalSecret, --certificate FILE for a ' +
        'SealedSecret, or --template FILE.',
    );
  if (typeof certificate === 'string')
    return {
      kind: 'sealed',
      certificate: await readNamed(certificate, io),
      findCredentials: (registry, repository) =>
        findConfiguredCredentials(config, io.env, registry, repository),
    };
  if (typeof template === 'string') return { kind: 'template', text: await readNamed(template, io) };
  if (typeof store !== 'string' || typeof key !== 'string')
    throw new HoldfastError('usage', '--store needs --key KEY: where in the store the Docker config is.');
  const [name = '', kind = 'ClusterSecretStore'] = store.split('/').toReversed();
  if (!/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name) || !/^(?:Cluster)?SecretStore$/.test(kind))
    throw new HoldfastError(
      'usage',
      `--store ${store}: write the name of a ClusterSecretStore, or SecretStore/NAME.`,
    );
  return { kind: 'external', store: name, storeKind: kind, key };
}

async function readNamed(path: string, { cwd }: Io): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8');
  } catch (cause) {
    throw new HoldfastError('usage', `cannot read ${path}: check the path, it starts from ${cwd}`, { cause });
  }
}
