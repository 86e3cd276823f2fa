/**
 * What stops a run before or while it works, as opposed to an outcome that is reported for one image.
 * `usage` and `config`: what the user wrote; `access`: what a registry, a forge or a cluster refused;
 * `environment`: what the machine lacks (file, disk, network, program); `conflict`: the world changed under us.
 */
export type ErrorCode = 'usage' | 'config' | 'access' | 'environment' | 'conflict' | 'interrupted';

/** A failure that a person can mend: `message` is one sentence that names the cure and holds no secret. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
