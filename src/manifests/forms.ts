import type { Form } from './found-image.ts';
import { findPodImages } from './pod-spec.ts';

/** Every form that an image is written in; a new one is a file of its own and a row here. */
export const forms: readonly Form[] = [findPodImages];
