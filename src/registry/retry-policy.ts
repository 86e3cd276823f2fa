import type { Clock } from './clock.ts';

/** Bounds of all attempts at one request. Milliseconds. */
export const retryBounds = {
  attempts: 8,
  /** Where nobody listens, and nobody did before in this run. */
  attemptsAtStranger: 5,
  /** Where somebody listens and never said a word: each attempt takes as long as our patience. */
  attemptsAtSilence: 3,
  /** Where there is another way: a mount saves the bytes of a blob, and is not worth a long wait. */
  attemptsAtOptional: 3,
  /** Of all waits and attempts together; no wait begins that would end later. */
  total: 5 * 60_000,
  /** An attempt counts for no more: bytes that flow for an hour and are cut then are worth another one. */
  longestAttempt: 60_000,
  firstDelay: 250,
  longestDelay: 20_000,
  /** A registry that asks for a longer pause than this gets no further request: the error says until when. */
  longestRetryAfter: 2 * 60_000,
  /** The same where there is another place to ask. */
  longestRetryAfterAtMirror: 2000,
} as const;

const passing = new Set([408, 425, 429, 499, 500, 502, 503, 504, 522]);

/** Answers that another attempt may change. */
export function isPassingStatus(status: number): boolean {
  return passing.has(status);
}

/** Full jitter: any time up to twice as long as before the last attempt. `attempt` counts from 1. */
export function backOff(attempt: number, clock: Clock): number {
  const most = Math.min(retryBounds.longestDelay, retryBounds.firstDelay * 2 ** (attempt - 1));
  return Math.round(clock.random() * most);
}

/** Milliseconds that a Retry-After header asks for: seconds, or an HTTP date. Null when absent or not understood. */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
