import type { HoldReason, ImageRule, Layer, SourceFile } from './types.ts';
import type { MapNode, TreeNode } from './yaml/tree.ts';
import type { KubernetesObject, Spot } from './yaml/walk.ts';

/** A value that names an image, as a form found it in the tree. */
export interface FoundImage {
  readonly layer: Layer;
  readonly field: string;
  readonly podSpec: string | null;
  readonly object: KubernetesObject | null;
  /** Null, a map or a list where no text is written. */
  readonly node: TreeNode | null;
  /** Offset of the key. */
  readonly at: number;
  /** The key, or one above it, is written twice. */
  readonly duplicate: boolean;
  /** Where `node` is one of several scalars that say the name together. */
  readonly split?: FoundSplit;
  /** Where `node` says more than the image: the span of the image in the file, and what it says. */
  readonly inside?: FoundInside;
  /** What the form itself has against an edit. */
  readonly hold?: HoldReason;
  /** See `ImageUse.container`. */
  readonly container?: string;
}

/** A name in several scalars of one map; see `SplitImage`. */
export interface FoundSplit {
  readonly map: string;
  readonly registry: FoundPart | null;
  readonly repository: FoundPart;
  readonly tag: FoundPart | null;
  readonly digest: FoundPart | null;
}

export interface FoundPart {
  readonly key: string;
  /** Null where the key is not there. */
  readonly node: TreeNode | null;
  /** What counts there: empty for nothing. */
  readonly written: string;
}

export interface FoundInside {
  readonly range: readonly [start: number, end: number];
  readonly written: string;
  /** See `Override`. */
  readonly override?: { readonly name: string; readonly pinned: boolean };
}

/** A file, or one document of it, before it is parsed. */
export interface TextPiece {
  readonly text: string;
  /** See `listKinds`. */
  readonly kinds: ReadonlySet<string>;
}

/** What a form may look at beside the map. */
export interface FormContext {
  readonly file: SourceFile;
  readonly rules: readonly ImageRule[];
  /** It is a file of Helm values, by its name or because an object names it. */
  readonly isValues: boolean;
  /** The Helm chart that the file lies beside, if it does. */
  readonly chart: ChartFacts | null;
}

/** What a Helm chart says of its values. */
export interface ChartFacts {
  /** The tag of an image that names none, where the templates are certain; `path` is that of the image's map. */
  readonly defaultTag: (path: string) => string | null;
  /** Whether the templates put more into the name of that image than its values. */
  readonly addsText: (path: string) => boolean;
}

/** A form is asked of every map of a document and yields the images that it knows there. */
export type Form = (map: MapNode, spot: Spot, context: FormContext) => Iterable<FoundImage>;

/** Every part that is written. */
export function partsOf({ split }: FoundImage): readonly FoundPart[] {
  return [split?.registry, split?.repository, split?.tag, split?.digest].flatMap((part) =>
    part?.node ? part : [],
  );
}
