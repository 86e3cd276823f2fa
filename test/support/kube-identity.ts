import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { KubeApiserver } from './kube-apiserver.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');

/** Who the daemon is under `deploy/`. */
export const daemonUser = 'system:serviceaccount:holdfast:holdfast';

/** Applies `deploy/` as a person would, and writes a kubeconfig with a token of the daemon's ServiceAccount. */
export async function applyDeploy(kube: KubeApiserver): Promise<string> {
  await kube.kubectl(['apply', '-k', deploy]);
  return writeKubeconfig(kube, await requestToken(kube), 'daemon');
}

export async function requestToken(kube: KubeApiserver): Promise<string> {
  const request = JSON.stringify({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  });
  const path = '/api/v1/namespaces/holdfast/serviceaccounts/holdfast/token';
  const answer = await kube.kubectl(['create', '--raw', path, '-f', '-'], request);
  return (JSON.parse(answer) as { status: { token: string } }).status.token;
}

/** A kubeconfig whose token stands in a file, as in a Pod; a test can change what the file holds. */
export async function writeKubeconfig(kube: KubeApiserver, token: string, name: string): Promise<string> {
  const tokenFile = join(kube.folder, `${name}.token`);
  await writeFile(tokenFile, token);
  const path = join(kube.folder, `${name}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 't',
        cluster: { server: kube.url, 'certificate-authority': join(kube.folder, 'ca.crt') },
      },
    ],
    users: [{ name, user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } }],
    contexts: [{ name, context: { cluster: 't', user: name } }],
    'current-context': name,
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}
