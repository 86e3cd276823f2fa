import { randomUUID, sign } from 'node:crypto';
import { listen, planFaults, type RequestRecord } from '../../src/embedded/index.ts';
import { makeCertificate } from './certificate.ts';

export { makeCertificate };

export interface TokenServer {
  /** For docker-registry's `auth.token`. */
  readonly token: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certFile: string;
  };
  readonly requests: readonly RequestRecord[];
  close(): Promise<void>;
}

export interface TokenServerOptions {
  readonly users: Readonly<Record<string, string>>;
  /** Without credentials: pull, or nothing. */
  readonly anonymousPull?: boolean;
  /** Seconds that docker-registry takes a token for. It forgives 60 s, so 2 means `exp` 58 s in the past. */
  readonly lifetime?: number;
  /** What clients are told of it; the truth by default. */
  readonly claimedLifetime?: number;
}

/** A token server for docker-registry: RS256 with an x5c header, GET and POST. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const certificate = makeCertificate();
  const requests: RequestRecord[] = [];
  const x5c = [certificate.cert.replaceAll(/-----.*-----|\s/g, '')];
  const service = 'test-registry';
  const issuer = 'test-issuer';
  const lifetime = options.lifetime ?? 300;
  const listener = await listen(
    async (asked) => {
      const chunks: Buffer[] = [];
      for await (const chunk of asked.body) chunks.push(chunk);
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const [name, password] = asked.headers.authorization?.startsWith('Basic ')
        ? Buffer.from(asked.headers.authorization.slice(6), 'base64').toString('utf8').split(':')
        : [form.get('username'), form.get('password')];
      const known = typeof name === 'string' && options.users[name] === password;
      if (typeof name === 'string' && !known) return { status: 401, headers: {}, body: Buffer.from('{}') };
      const scopes = [...asked.query.getAll('scope'), form.get('scope') ?? ''].flatMap((scope) =>
        scope.split(' '),
      );
      const access = scopes.flatMap((scope) => {
        const match = /^repository:(.+):([^:]+)$/.exec(scope);
        if (!match) return [];
        const wanted = (match[2] ?? '').split(',');
        const actions = known
          ? wanted
          : wanted.filter((action) => action === 'pull' && options.anonymousPull);
        return [{ type: 'repository', name: match[1], actions }];
      });
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: issuer,
        sub: name ?? '',
        aud: service,
        exp: now + lifetime - 60,
        nbf: now - 600,
        iat: now - 600,
        jti: randomUUID(),
        access,
      };
      const head = { typ: 'JWT', alg: 'RS256', x5c };
      const unsigned = [head, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = sign('RSA-SHA256', Buffer.from(unsigned), certificate.key).toString('base64url');
      const token = `${unsigned}.${signature}`;
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(
          JSON.stringify({ token, access_token: token, expires_in: options.claimedLifetime ?? lifetime }),
        ),
      };
    },
    { faults: planFaults([]), record: (request) => void requests.push(request) },
  );
  return {
    token: { realm: `${listener.url}/token`, service, issuer, certFile: certificate.certFile },
    requests,
    async close() {
      await listener.close();
      certificate.remove();
    },
  };
}
