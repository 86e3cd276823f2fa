import { findOtherImages, mayHoldOther } from './find-other-images.ts';
import type { Form, FormContext, TextPiece } from './found-image.ts';
import { findHelmImages, mayHoldHelm } from './helm/find-helm-images.ts';
import { findPatchImages, mayHoldPatch } from './kustomize/find-patch-images.ts';
import { findPodImages } from './pod-spec.ts';
import { mayBeBrokenPod, mayHoldPod } from './prefilter.ts';
import { findCustomImages, mayHoldCustom } from './rules/find-custom-images.ts';

/** A form, and the cheapest test that says whether a text can hold it. */
export interface FormRow {
  readonly find: Form;
  readonly mayHold: (piece: TextPiece, context: FormContext) => boolean;
}

/** Every form that an image is written in; a new one is a file of its own and a row here. */
export const forms: readonly FormRow[] = [
  { find: findPodImages, mayHold: mayHoldPod },
  { find: findPatchImages, mayHold: mayHoldPatch },
  { find: findHelmImages, mayHold: mayHoldHelm },
  { find: findCustomImages, mayHold: mayHoldCustom },
  { find: findOtherImages, mayHold: mayHoldOther },
  // It finds nothing, and has text that is broken before its containers read, so that this is told.
  { find: () => [], mayHold: mayBeBrokenPod },
];
