import { HoldfastError } from '../error.ts';
import { privateAddressCode } from './addresses.ts';
import { TooLargeError } from './body.ts';
import { StallError } from './stall-error.ts';
import type { RegistryErrorCode } from './types.ts';

/** What a failed connection means, in words, and whether another attempt may do better. */
export interface ConnectionFailure {
  readonly code: RegistryErrorCode;
  readonly problem: string;
  readonly isWorthRetrying: boolean;
}

/** Of an error that `exchange` or `readBody` threw; null when it is none of theirs. */
export function findConnectionFailure(error: unknown): ConnectionFailure | null {
  if (error instanceof TooLargeError)
    return final('invalid', 'the answer is larger than any of its kind may be');
  if (error instanceof StallError) return passing('unavailable', `the connection stalled: ${error.message}`);
  const code = error instanceof HoldfastError ? null : codeOf(error);
  if (code === null) return null;
  switch (code) {
    case 'ENOTFOUND':
      return final('name-not-resolved', 'the host name does not resolve: check its spelling and your DNS');
    case 'EAI_AGAIN':
      return passing('name-not-resolved', 'the host name could not be looked up: DNS does not answer');
    case 'ECONNREFUSED':
      return passing(
        'unreachable',
        'the connection was refused: is the registry running, and the port right?',
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return passing(
        'unreachable',
        'there is no way to the registry: check the network and the proxy settings',
      );
    case privateAddressCode:
      return final('invalid', 'the answer points at a private address');
    case 'HPE_HEADER_OVERFLOW':
      return final('invalid', 'the head of the answer is too large');
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return final('tls', 'no TLS is spoken there: use --plain-http for a registry without TLS');
    default:
  }
  if (isCertificateCode(code))
    return final('tls', `its certificate is not trusted (${code}): set caFile for a private authority`);
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code.startsWith('ERR_OSSL'))
    return final('tls', `TLS failed (${code})`);
  return passing('unavailable', `the connection broke (${code})`);
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // A name with several addresses fails with all their errors at once.
  if (error instanceof AggregateError && !('code' in error)) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function isCertificateCode(code: string): boolean {
  return (
    code.startsWith('CERT_') ||
    code.includes('CERT') ||
    code === 'HOSTNAME_MISMATCH' ||
    code === 'INVALID_CA' ||
    code === 'INVALID_PURPOSE'
  );
}

function final(code: RegistryErrorCode, problem: string): ConnectionFailure {
  return { code, problem, isWorthRetrying: false };
}

function passing(code: RegistryErrorCode, problem: string): ConnectionFailure {
  return { code, problem, isWorthRetrying: true };
}
