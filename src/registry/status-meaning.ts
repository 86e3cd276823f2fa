import type { RegistryErrorCode } from './types.ts';

/** What a status that the caller did not expect is called. */
export function codeOfStatus(status: number): RegistryErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'denied';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'invalid';
}

/** In words, where nothing more is known of the registry. */
export function describeStatus(status: number): string {
  if (status === 401)
    return 'it takes credentials, and has none or refused ours: log in with docker login, or check the password';
  if (status === 403) return 'access is denied: check what the credentials may do';
  if (status === 404) return 'it is not there';
  if (status === 407) return 'the proxy wants a user and password: HTTPS_PROXY can hold them';
  if (status === 413)
    return 'it takes no body of this size: raise the limit of the registry, or of a proxy before it (nginx: client_max_body_size)';
  if (status === 429) return 'too many requests';
  if (status >= 500) return `the registry failed with status ${status}: run again, or look into its log`;
  return status >= 400 ? `the registry refused with status ${status}` : `unexpected answer ${status}`;
}
