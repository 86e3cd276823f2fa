import type { Digest, ImageName } from '../reference/index.ts';
import type { Registries } from '../registry/index.ts';

/**
 * One part of a backup that is not as it must be. `missing`: not there, or of another size; `wrong-bytes`: its bytes
 * do not have its digest (found with `deep` alone, manifests apart); `invalid`: a manifest that cannot be read.
 */
export interface Damage {
  readonly kind: 'missing' | 'wrong-bytes' | 'invalid';
  readonly part: 'manifest' | 'config' | 'layer';
  readonly digest: string;
  /** A sentence for people. */
  readonly message: string;
}

/** What was found of one backup. `failed`: the registry could not be asked, so that nothing is known. */
export type VerifyOutcome =
  | {
      readonly status: 'whole' | 'broken';
      readonly reference: ImageName;
      /** What the reference names; null when the registry does not have it. */
      readonly digest: Digest | null;
      readonly manifests: number;
      readonly blobs: number;
      /** Of all blobs that were checked, as their manifests give them. */
      readonly bytes: number;
      /** Sorted; empty when it is whole. */
      readonly damages: readonly Damage[];
    }
  | {
      readonly status: 'failed';
      readonly reference: ImageName;
      readonly error: { readonly code: string; readonly message: string };
    };

/** Of `verifyBackups`: one more was looked at. */
export interface VerifyEvent {
  readonly kind: 'verified';
  readonly outcome: VerifyOutcome;
  readonly done: number;
  readonly total: number;
}

export interface VerifyOptions {
  readonly registries: Registries;
  /** Images at a time. */
  readonly concurrency: number;
  /** Read every blob again and hash it; each digest once for a registry, however many repositories share it. */
  readonly deep: boolean;
  /** Look at layers of publishers, too, as they were copied. */
  readonly foreignLayers?: boolean;
  readonly onEvent?: (event: VerifyEvent) => void;
  readonly signal?: AbortSignal;
}
