import { HoldfastError } from '../error.ts';

/** Where a git remote is. `url` holds no user information for http(s), so that it may be shown and be an argument. */
export interface RemoteUrl {
  readonly url: string;
  readonly scheme: 'https' | 'http' | 'ssh' | 'file';
  /** With its port; empty for a folder. */
  readonly host: string;
  /** `acme/gitops`, without a leading slash and `.git`. */
  readonly path: string;
  /** What stood before the `@` of an http(s) URL: as secret as a token. */
  readonly userInfo: string | null;
}

/** Reads what git accepts as a remote: a URL, `git@host:path`, or a folder. Other transports run programs: refused. */
export function parseRemoteUrl(text: string): RemoteUrl {
  const scp = /^(?:[\w.-]+@)?([\w.-]{2,}):(?!\/\/|:)([^\\].*)$/.exec(text);
  if (scp) return remote(text, 'ssh', scp[1] ?? '', scp[2] ?? '', null);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (text === '' || text.startsWith('-'))
      throw new HoldfastError('usage', 'The git remote has no address: give a URL.');
    return remote(text, 'file', '', text, null);
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['https', 'http', 'ssh', 'file'].includes(scheme))
    throw new HoldfastError(
      'usage',
      `A git remote over ${scheme}: is not supported: use https, ssh or a folder.`,
    );
  if (scheme === 'ssh') return remote(withoutPassword(text), 'ssh', url.host, url.pathname, null);
  if (scheme === 'file') return remote(text, 'file', '', url.pathname, null);
  const userInfo =
    url.username === '' && url.password === ''
      ? null
      : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return remote(url.href, scheme === 'http' ? 'http' : 'https', url.host, url.pathname, userInfo);
}

/** Whether it names a folder by its path. One that is a `file:` URL is cloned, as any other URL is. */
export function isFolder(place: string): boolean {
  return parseRemoteUrl(place).scheme === 'file' && !/^file:/i.test(place);
}

/**
 * The same address for people and as a key: without what opens it, be it in front of an `@` or in a query. Never
 * throws; of what is no remote nothing in front of the last `@` is shown.
 */
export function cleanRemoteUrl(text: string): string {
  try {
    const { url, scheme } = parseRemoteUrl(text);
    if (scheme === 'file') return url;
    // `oauth2:secret@host/path` passes for a path on the host `oauth2`.
    if (!url.includes('://')) return /^[\w.-]+@/.test(url) ? url : url.replace(/^.*@/s, '');
    return withoutQuery(url);
  } catch {
    return withoutQuery(text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1'));
  }
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

/** ssh takes a user from an address, and no password. */
function withoutPassword(text: string): string {
  return text.replace(/^(ssh:\/\/[^/@:]*):[^/]*@/i, '$1@');
}

function remote(
  url: string,
  scheme: RemoteUrl['scheme'],
  host: string,
  path: string,
  userInfo: string | null,
): RemoteUrl {
  return { url, scheme, host, path: path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, ''), userInfo };
}
