import { reachOfHost } from './addresses.ts';
import { showUrl } from './redactor.ts';

/** Where we stand when an answer names another URL. */
export interface Standpoint {
  /** The URL that answered. */
  readonly from: URL;
  /** The registry's own address, from its settings. */
  readonly base: URL;
  /** The registry's own connection leads to a private address, so its storage may be private too. */
  readonly isInside: boolean;
}

/**
 * Whether a URL that an answer names (redirect, token realm, upload Location) may be asked: https stays https, and
 * nothing outside leads inside. Null when it may, else what is wrong with it.
 */
export function findTargetProblem(target: URL, { from, base, isInside }: Standpoint): string | null {
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return `leads to ${target.protocol}`;
  if (from.protocol === 'https:' && target.protocol === 'http:')
    return `leads from https to plain http: ${showUrl(target)}`;
  if (target.host === base.host) return null;
  const reach = reachOfHost(target.hostname);
  if (reach === 'link-local') return `leads to a link-local address: ${showUrl(target)}`;
  if (reach === 'private' && !isInside) return `leads to a private address: ${showUrl(target)}`;
  return null;
}
