import { spawn } from 'node:child_process';
import { HoldfastError } from '../error.ts';
import { parseJsonObject, toCredentials } from './docker-config.ts';
import type { Credentials } from './settings.ts';

const timeout = 30_000;
const longestAnswer = 256 * 1024;

/**
 * Asks `docker-credential-<helper> get`. The host goes in by stdin, the secret comes out by stdout: neither is ever on
 * a command line. Null when the helper has nothing for the host.
 */
export function askCredentialHelper(
  helper: string,
  serverAddress: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Credentials | null> {
  const program = `docker-credential-${helper}`;
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void =>
      reject(
        new HoldfastError(
          'environment',
          `the credential helper ${program} ${why}: repair it, or take it out of Docker's config.json`,
        ),
      );
    const child = spawn(program, ['get'], {
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (output.length < longestAnswer) output += chunk;
    });
    child.stdin.on('error', () => {}); // a helper need not read what it does not want
    child.on('error', (error) => {
      refuse('code' in error && error.code === 'ENOENT' ? 'is not on the PATH' : 'could not be started');
    });
    child.on('close', (code, signal) => {
      if (signal !== null) return refuse(`did not answer within ${timeout / 1000} s`);
      if (code === 0) {
        const answer = parseJsonObject(output);
        const { Username: username, Secret: secret } = answer ?? {};
        if (typeof username !== 'string' || typeof secret !== 'string') return refuse('gave no JSON answer');
        return resolve(username === '' && secret === '' ? null : toCredentials(username, secret));
      }
      if (/credentials not found|no credentials/i.test(output)) return resolve(null);
      refuse(`ended with exit code ${code}`);
    });
    child.stdin.end(`${serverAddress}\n`);
  });
}
