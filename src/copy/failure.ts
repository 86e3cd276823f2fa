/** Why one image could not be copied. `code` is one of `RegistryErrorCode`, or of those that copying adds. */
export class CopyFailure extends Error {
  override readonly name = 'CopyFailure';
  readonly code: string;

  constructor(code: CopyFailureCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * `not-found`: upstream has no such image; `unsupported`: a form that is not copied; `invalid`: an image that
 * breaks its specification; `conflict`: a tag of the backup names something else; `platform-missing`: a chosen
 * platform that the image does not have; `unproven`: the backup did not give back what was put there.
 */
export type CopyFailureCode =
  | 'not-found'
  | 'unsupported'
  | 'invalid'
  | 'conflict'
  | 'platform-missing'
  | 'unproven'
  | 'rate-limited'
  | 'unauthorized'
  | 'interrupted';

export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
}

/** What an outcome says of anything that was thrown. An aborted run explains every error that follows. */
export function describeFailure(error: unknown, signal?: AbortSignal): ErrorFacts {
  if (signal?.aborted === true)
    return { code: 'interrupted', message: 'The run was stopped before this image was complete.' };
  if (error instanceof Error) return { code: codeOf(error) ?? 'failed', message: error.message };
  return { code: 'failed', message: String(error) };
}

export function codeOf(error: unknown): string | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

/** The registry that a `RegistryError` is of. */
export function registryOf(error: unknown): string | null {
  const registry: unknown = error instanceof Error && 'registry' in error ? error.registry : null;
  return typeof registry === 'string' ? registry : null;
}
