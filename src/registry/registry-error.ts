import type { RegistryErrorCode } from './types.ts';

interface Circumstances {
  readonly registry: string;
  readonly repository?: string | null | undefined;
  /** The HTTP status that was answered. */
  readonly status?: number | undefined;
  /** The registry's own words: redacted, bounded, without control characters. */
  readonly detail?: string | undefined;
  /** When it makes sense to ask again. */
  readonly retryAt?: Date | undefined;
  readonly cause?: unknown;
}

/** What a registry did not do, and why. `message` is one sentence for people; no field holds a secret. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;
  /** What went wrong, without saying where. */
  readonly problem: string;
  readonly registry: string;
  readonly repository: string | null;
  readonly status: number | null;
  readonly detail: string | null;
  readonly retryAt: Date | null;

  constructor(code: RegistryErrorCode, problem: string, circumstances: Circumstances) {
    const { registry, repository, status, detail, retryAt, cause } = circumstances;
    const where = repository ? `${registry}/${repository}` : registry;
    super(`${where}: ${problem}${detail ? ` (${detail})` : ''}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.problem = problem;
    this.registry = registry;
    this.repository = repository ?? null;
    this.status = status ?? null;
    this.detail = detail || null;
    this.retryAt = retryAt ?? null;
  }
}
