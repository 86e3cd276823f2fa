import { HoldfastError } from '../error.ts';
import { showsSecret } from '../manifests/index.ts';
import type { Credentials } from '../registry/index.ts';
import { planWork, policyOf } from './plan-work.ts';
import { parseCertificate, sealText } from './seal-text.ts';
import { surveyPullSecrets } from './survey-pull-secrets.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';

/** How a pull secret gets to the cluster without its credentials standing in the repository. */
export type SecretSource =
  /** An ExternalSecret that reads a Docker config from a store. */
  | { readonly kind: 'external'; readonly store: string; readonly storeKind: string; readonly key: string }
  /** A SealedSecret; `certificate` is the controller's, PEM. */
  | {
      readonly kind: 'sealed';
      readonly certificate: string;
      readonly findCredentials: (registry: string, repository: string) => Promise<Credentials | null>;
    }
  /** A manifest with `{name}` and `{namespace}`. */
  | { readonly kind: 'template'; readonly text: string };

export interface WrittenSecrets {
  /** YAML documents; empty when no namespace lacks the Secret. */
  readonly text: string;
  readonly namespaces: readonly string[];
  /** Pods whose manifests name no namespace need it, too. */
  readonly unnamed: boolean;
  /** Whether anything uses the backup, or will. */
  readonly used: boolean;
}

/** Manifests of the pull secret for the namespaces that use a backup and have none. Never a Secret with data. */
export async function writeSecrets(work: Work, source: SecretSource): Promise<WrittenSecrets> {
  const { pullSecret } = work.config;
  if (pullSecret === null)
    throw new HoldfastError(
      'config',
      'No pull secret is named: write --pull-secret NAME, or pullSecret in .holdfast.yaml.',
    );
  const survey = await surveyWork(work);
  const plan = planWork(survey, work);
  const uses = [...plan.steps, ...plan.backups].flatMap((each) => each.uses);
  const { lacking, namespaces: using } = surveyPullSecrets(survey, uses, pullSecret);
  const namespaces = lacking.flatMap((namespace) => namespace ?? []);
  const write = await openWriter(work, source, pullSecret.name);
  return {
    text: namespaces.map((namespace) => `---\n${write(namespace)}`).join(''),
    namespaces,
    unnamed: lacking.includes(null),
    used: using.length > 0,
  };
}

async function openWriter(
  work: Work,
  source: SecretSource,
  name: string,
): Promise<(namespace: string) => string> {
  switch (source.kind) {
    case 'external':
      return (namespace) => formatExternal(name, namespace, source);
    case 'template':
      return openTemplate(source.text, name);
    case 'sealed': {
      const { registry, repository } = policyOf(work).backup;
      const credentials = await source.findCredentials(registry, repository);
      const key = parseCertificate(source.certificate);
      const config = formatDockerConfig(registry, credentials);
      return (namespace) => formatSealed(name, namespace, sealText(key, config, namespace, name));
    }
  }
}

function formatExternal(
  name: string,
  namespace: string,
  { store, storeKind, key }: Extract<SecretSource, { kind: 'external' }>,
): string {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  secretStoreRef:
    kind: ${storeKind}
    name: ${store}
  target:
    name: ${name}
    template:
      type: kubernetes.io/dockerconfigjson
  data:
    - secretKey: .dockerconfigjson
      remoteRef:
        key: ${JSON.stringify(key)}
`;
}

function formatSealed(name: string, namespace: string, sealed: string): string {
  return `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  encryptedData:
    .dockerconfigjson: ${sealed}
  template:
    metadata:
      name: ${name}
      namespace: ${namespace}
    type: kubernetes.io/dockerconfigjson
`;
}

/** A template of a plain Secret with data would put credentials into the repository. */
function openTemplate(text: string, name: string): (namespace: string) => string {
  const fill = (namespace: string) =>
    text
      .replaceAll('{name}', name)
      .replaceAll('{namespace}', namespace)
      .replace(/^---\r?\n/, '')
      .replace(/\n*$/, '\n');
  const shown = showsSecret(fill('default'));
  if (shown === null)
    throw new HoldfastError('config', 'The template is not YAML once {name} and {namespace} are filled in.');
  if (shown)
    throw new HoldfastError(
      'config',
      'The template is a plain Secret, which would show its credentials to every reader: use an ExternalSecret or a SealedSecret.',
    );
  return fill;
}

/** As the kubelet reads it: user name and password, no identity token. */
function formatDockerConfig(registry: string, credentials: Credentials | null): string {
  if (credentials === null)
    throw new HoldfastError(
      'config',
      `No credentials are known for ${registry}: log in with an account that may only pull, \`docker login ${registry}\`.`,
    );
  if (credentials.kind !== 'password')
    throw new HoldfastError(
      'config',
      `The credentials for ${registry} are an identity token, which nodes cannot use: log in with a user name and a password.`,
    );
  const { username, password } = credentials;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const host = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
  return JSON.stringify({ auths: { [host]: { username, password, auth } } });
}
