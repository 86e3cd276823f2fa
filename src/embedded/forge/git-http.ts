import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bareEnvironment } from './bare-git.ts';

/**
 * One request of git's smart HTTP protocol, answered by git's own `http-backend` (git-http-backend(1)): a CGI
 * program, so that what a client meets is git itself. Resolves with the status that was sent.
 */
export async function serveGit(
  request: IncomingMessage,
  response: ServerResponse,
  served: {
    readonly folder: string;
    /** Below the repository: `/info/refs`. */
    readonly path: string;
    readonly query: string;
    readonly login: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): Promise<number> {
  const child = spawn('git', ['http-backend'], {
    env: {
      ...bareEnvironment(served.environment),
      GIT_PROJECT_ROOT: served.folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '3',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_CONFIG_KEY_1: 'safe.directory',
      GIT_CONFIG_VALUE_1: '*',
      GIT_CONFIG_KEY_2: 'uploadpack.allowFilter',
      GIT_CONFIG_VALUE_2: 'true',
      PATH_INFO: served.path,
      QUERY_STRING: served.query,
      REQUEST_METHOD: request.method ?? 'GET',
      REMOTE_USER: served.login,
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['content-length'] && { CONTENT_LENGTH: request.headers['content-length'] }),
      ...(request.headers['content-encoding'] && {
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      }),
      ...(request.headers['git-protocol'] && { GIT_PROTOCOL: String(request.headers['git-protocol']) }),
    },
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  child.stderr.resume();
  response.on('close', () => child.kill());
  return new Promise((resolve, reject) => {
    let head: Buffer | null = Buffer.alloc(0);
    let status = 200;
    child.on('error', reject);
    child.stdout.on('data', (chunk: Buffer) => {
      if (head === null) {
        response.write(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      for (const line of head.toString('latin1', 0, end).split('\r\n')) {
        const [name = '', value = ''] = line.split(/: */, 2);
        if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.writeHead(status);
      response.write(head.subarray(end + 4));
      head = null;
    });
    child.on('close', () => {
      if (head !== null) response.writeHead(500);
      response.end();
      resolve(head === null ? status : 500);
    });
  });
}
