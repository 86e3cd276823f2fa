import type { Place } from '../types.ts';
import type { OverlayEntry } from './overlay-entry.ts';

/** A name of an image, and where it stands. */
export interface NamedImage {
  readonly name: string;
  readonly place: Place;
}

/** A Flux Kustomization or an Argo CD Application: a folder that it delivers, and whose images it decides. */
export interface Delivery {
  readonly name: string | null;
  /** As they are written; see `placeDeliveries`. */
  readonly folders: readonly string[];
  /** Those that it leaves out. */
  readonly left: readonly string[];
  /** It puts these in place of the entries of the same names that the kustomization of a folder has. */
  readonly overlay: readonly OverlayEntry[];
  /** Names whose images it may decide, in a way that is not followed. */
  readonly guards: readonly NamedImage[];
  /** An image updater writes new tags of these images back. */
  readonly updated: readonly NamedImage[];
  readonly file: string;
  /** 0-based index of the document in its file. */
  readonly document: number;
  /** Field path in the document, below which its patches stand. */
  readonly path: string;
  readonly layer: 'flux' | 'argocd';
  /** 1-based, of the object or its source. */
  readonly line: number;
  /** What a folder without a kustomization gives: every file below it, or those in it. */
  readonly whole: boolean;
  /** Which of its folders it delivers is not known. */
  readonly loose?: true;
  /** It names no source, so that it may be a patch of the object of its name. */
  readonly partial: boolean;
  /** It adds these to those of the kustomization; their paths begin at the folder. */
  readonly components: readonly DeliveredComponent[];
}

export interface DeliveredComponent {
  readonly path: string;
  readonly place: Place;
  /** Nothing is said against one that is not there. */
  readonly optional: boolean;
}

/** An `ImageUpdater` object of the Argo CD image updater: names the images of the Applications that it matches. */
export interface Updater {
  readonly applications: string;
  readonly images: readonly NamedImage[];
}

export interface Deliveries {
  readonly deliveries: readonly Delivery[];
  readonly updaters: readonly Updater[];
}
