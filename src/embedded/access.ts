import { randomUUID } from 'node:crypto';
import type { Answer, Asked } from './asked.ts';
import { readBody } from './registry-room.ts';
import { specError } from './spec-error.ts';
import type { RegistryAuth, RegistryUser } from './types.ts';

export type Action = 'pull' | 'push' | 'delete';

/** What one request needs to be allowed. */
export interface Need {
  readonly name: string;
  readonly actions: readonly Action[];
}

/** The doorkeeper of one registry. */
export interface Access {
  /** Null when the request may go on. No needs: the base end point, which asks who is there. */
  check(asked: Asked, needs: readonly Need[]): Answer | null;
  /** The token end point: GET with basic credentials, or POST with a password or an identity token. */
  giveToken(asked: Asked): Promise<Answer>;
  revokeTokens(): void;
}

interface Token {
  readonly granted: readonly Need[];
  readonly expiresAt: number;
  usesLeft: number;
}

const service = 'embedded-registry';

export function createAccess(auth: RegistryAuth | undefined): Access {
  const tokens = new Map<string, Token>();
  return {
    check(asked, needs) {
      if (!auth) return null;
      return auth.kind === 'basic' ? checkBasic(auth, asked, needs) : checkBearer(auth, tokens, asked, needs);
    },
    async giveToken(asked) {
      if (auth?.kind !== 'bearer') return specError(404, 'UNSUPPORTED', 'there is no token end point');
      return giveToken(auth, tokens, asked);
    },
    revokeTokens: () => tokens.clear(),
  };
}

function checkBasic(auth: RegistryAuth, asked: Asked, needs: readonly Need[]): Answer | null {
  const user = findUser(auth, basicCredentials(asked));
  if (asked.headers.authorization === undefined || !user) {
    const open = asked.headers.authorization === undefined && auth.anonymousPull;
    if (open && needs.every((need) => mayAnonymously(auth, need))) return null;
    return specError(401, 'UNAUTHORIZED', 'authentication required', {
      headers: { 'www-authenticate': 'Basic realm="embedded registry"' },
    });
  }
  return needs.every((need) => need.actions.every((action) => may(user, action)))
    ? null
    : specError(403, 'DENIED', 'requested access to the resource is denied');
}

function checkBearer(
  auth: RegistryAuth,
  tokens: Map<string, Token>,
  asked: Asked,
  needs: readonly Need[],
): Answer | null {
  const [scheme, value] = (asked.headers.authorization ?? '').split(' ');
  const token = scheme?.toLowerCase() === 'bearer' ? tokens.get(value ?? '') : undefined;
  const alive = token !== undefined && token.usesLeft > 0 && Date.now() < token.expiresAt;
  if (token && alive) {
    token.usesLeft -= 1;
    const allowed = needs.every((need) =>
      need.actions.every((action) =>
        token.granted.some((grant) => grant.name === need.name && grant.actions.includes(action)),
      ),
    );
    if (allowed) return null;
  }
  const scope = needs.map((need) => `repository:${need.name}:${need.actions.join(',')}`).join(' ');
  const error = value === undefined ? '' : `,error="${alive ? 'insufficient_scope' : 'invalid_token'}"`;
  const bearer = `Bearer realm="${asked.origin}/token",service="${auth.service ?? service}"${scope ? `,scope="${scope}"` : ''}${error}`;
  const challenge = auth.basicAfterToken === true && value !== undefined ? 'Basic realm="harbor"' : bearer;
  return specError(401, 'UNAUTHORIZED', 'authentication required', {
    headers: { 'www-authenticate': challenge },
    detail: needs,
  });
}

async function giveToken(auth: RegistryAuth, tokens: Map<string, Token>, asked: Asked): Promise<Answer> {
  const form = asked.method === 'POST' ? new URLSearchParams(String(await readBody(asked, 64 * 1024))) : null;
  const given = form ? formCredentials(auth, form) : basicCredentials(asked);
  const user = findUser(auth, given);
  if (given && !user) return specError(401, 'UNAUTHORIZED', 'incorrect username or password');
  if (form && !user)
    return specError(400, 'UNAUTHORIZED', 'the form names neither a password nor a refresh token');
  const asksFor = form
    ? (form.get('scope') ?? '').split(' ')
    : asked.query.getAll('scope').flatMap((s) => s.split(' '));
  const granted = asksFor.flatMap((scope): Need[] => {
    const match = /^repository:(.+):([a-z,*]+)$/.exec(scope);
    const name = match?.[1];
    if (name === undefined) return [];
    const actions = (match?.[2] ?? '')
      .split(',')
      .flatMap((action): readonly Action[] =>
        action === '*' ? ['pull', 'push', 'delete'] : isAction(action) ? [action] : [],
      )
      .filter((action) => (user ? may(user, action) : mayAnonymously(auth, { name, actions: [action] })));
    return [{ name, actions }];
  });
  const lifetime = auth.tokenLifetime ?? 60;
  const value = randomUUID();
  tokens.set(value, {
    granted,
    expiresAt: Date.now() + lifetime * 1000,
    usesLeft: auth.tokenUses ?? Number.POSITIVE_INFINITY,
  });
  const identity =
    user && form?.get('access_type') === 'offline' ? auth.identityTokens?.[user.name] : undefined;
  const body = {
    ...(form ? { access_token: value } : { token: value, access_token: value }),
    expires_in: lifetime,
    ...(identity === undefined ? {} : { refresh_token: identity }),
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

interface Given {
  readonly name: string;
  readonly password: string;
}

function basicCredentials(asked: Asked): Given | null {
  const [scheme, value] = (asked.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic' || value === undefined) return null;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return { name: text.slice(0, Math.max(0, colon)), password: text.slice(colon + 1) };
}

function formCredentials(auth: RegistryAuth, form: URLSearchParams): Given | null {
  if (form.get('grant_type') === 'password') {
    return { name: form.get('username') ?? '', password: form.get('password') ?? '' };
  }
  const identity = form.get('refresh_token');
  const owner = Object.entries(auth.identityTokens ?? {}).find(([, token]) => token === identity)?.[0];
  const user = auth.users.find((candidate) => candidate.name === owner);
  return user ?? (identity === null ? null : { name: '', password: '' });
}

function findUser(auth: RegistryAuth, given: Given | null): RegistryUser | null {
  return auth.users.find((user) => user.name === given?.name && user.password === given.password) ?? null;
}

function may(user: RegistryUser, action: Action): boolean {
  return action === 'pull' || user.pullOnly !== true;
}

function mayAnonymously(auth: RegistryAuth, need: Need): boolean {
  const { anonymousPull = false } = auth;
  const open = typeof anonymousPull === 'boolean' ? anonymousPull : anonymousPull.test(need.name);
  return open && need.actions.every((action) => action === 'pull');
}

function isAction(text: string): text is Action {
  return text === 'pull' || text === 'push' || text === 'delete';
}
