/** A text file, decoded strictly as UTF-8; a BOM is part of `text`. `path` is relative to the root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Where the image is decided; see the contract's `scan --output json`. */
export type Layer = 'pod' | 'kustomize' | 'helm-values' | 'flux' | 'argocd' | 'custom' | 'other';

/** The Kubernetes object that a use stands in. */
export interface Workload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string | null;
  readonly namespace: string | null;
}

/**
 * Why the text alone says that a use cannot or must not be edited. Each has a sentence in `describeHold`.
 * `template`, `variable`, `placeholder`, `scheme`, `empty`, `invalid`: not the name of an image.
 * The others name an image that is decided, generated, written back or protected elsewhere.
 */
export type HoldReason =
  | 'template'
  | 'variable'
  | 'placeholder'
  | 'scheme'
  | 'empty'
  | 'invalid'
  | 'ignored'
  | 'flux-setter'
  | 'image-updater'
  | 'overlay'
  | 'generated'
  | 'encrypted'
  | 'chart-template'
  | 'duplicate-key'
  | 'multi-line'
  | 'quoted-text'
  | 'shared-anchor'
  | 'unknown-tag'
  | 'base-tag'
  | 'unknown-registry'
  | 'chart-digest'
  | 'number'
  | 'composed'
  | 'hub'
  | 'reported-only'
  | 'tested'
  | 'not-followed'
  | 'needs-entry';

/** One place that names an image. */
export interface ImageUse {
  readonly file: string;
  /** 1-based; of the value (of its text for a block scalar). */
  readonly line: number;
  readonly column: number;
  /**
   * UTF-16 offsets in the file of the scalar that is edited, quotes included; of a block scalar with one line, that
   * line's text alone. An alias has its anchor's.
   */
  readonly range: readonly [start: number, end: number];
  /** The value as YAML reads it. */
  readonly written: string;
  readonly layer: Layer;
  /** `spec.template.spec.containers[0].image`; list items as `items[2].spec…`. */
  readonly field: string;
  readonly workload: Workload;
  /** 0-based index of the document in its file. */
  readonly document: number;
  /** Field path of the pod spec that this use belongs to (`spec.template.spec`), where pull secrets go. */
  readonly podSpec: string | null;
  readonly hold: HoldReason | null;
  /** What decides or writes back this image (`overlay`, `image-updater`), for the person who must edit there. */
  readonly heldBy: Place | null;
  /** Where the name is spread over several scalars, or is to be added. Then `written` is put together from them. */
  readonly parts?: ImageParts;
  /** Every image that the same text names (a new name for several tags): one edit moves them all, or none. */
  readonly together?: readonly string[];
  /** Where its name stands, if another use is that name's: this one says the tag alone, and an edit there moves it. */
  readonly nameAt?: NamePlace;
  /** Name of the container that it is the image of; of a JSON patch the path that it writes to. */
  readonly container?: string;
  /** The Pods of other files that run it, where an overlay decides it: they need the pull secret. */
  readonly runs?: readonly PodPlace[];
}

/** The scalar that says the name of images whose tags stand in other places. */
export interface NamePlace extends Place {
  /** As `ImageUse.range`. */
  readonly range: readonly [start: number, end: number];
}

/** A pod spec, as `findPodSpecs` names it. */
export interface PodPlace {
  readonly file: string;
  readonly document: number;
  readonly podSpec: string;
}

/** An image whose name is not one scalar. */
export type ImageParts = SplitImage | AddedEntry | Override;

/**
 * The keys of one map that say an image together. A part that is null is one that this place cannot say; one without
 * a range can be added.
 */
export interface SplitImage {
  readonly kind: 'split';
  /** Field path of the map in its document. */
  readonly map: string;
  readonly registry: ImagePart | null;
  readonly repository: ImagePart;
  readonly tag: ImagePart | null;
  readonly digest: ImagePart | null;
  /** Whether Helm values are for a chart of Bitnami; absent where nothing tells. */
  readonly bitnami?: boolean;
}

export interface ImagePart {
  readonly key: string;
  /** As `ImageUse.range`. Null where the key is not there. */
  readonly range: readonly [start: number, end: number] | null;
  /** What it says, or what counts while the key is not there. */
  readonly written: string;
}

/** An Argo CD override. One that keeps the name (`nginx:1.25`) says another one as `nginx=other:1.25`. */
export interface Override {
  readonly kind: 'override';
  /** Empty where a new name is written already. */
  readonly name: string;
  /** A digest is written there already. Beside a tag, Argo CD would not read one. */
  readonly pinned: boolean;
}

/** An entry of a kustomization's `images` that does not stand there yet. */
export interface AddedEntry {
  readonly kind: 'entry';
  /** Key of the list in the document's map. */
  readonly list: string;
  /** The name that the entry has to match. */
  readonly name: string;
  /** It matches several tags, so that it can say a new name and no more. */
  readonly bare?: true;
}

/** A line that a person can go to; 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A ServiceAccount of the manifests: Pods that use it and name no pull secrets of their own take its list. */
export interface ServiceAccount {
  readonly name: string;
  readonly namespace: string | null;
  /** Names, in the order they are written. */
  readonly imagePullSecrets: readonly string[];
  readonly file: string;
  /** 0-based index of the document in its file. */
  readonly document: number;
  /** Field path of the object in its document: empty, or `items[2]` in a List. */
  readonly path: string;
  /** 1-based, of the object's first line. */
  readonly line: number;
  /** False when the object is ignored, encrypted, generated, or comes from an alias. */
  readonly editable: boolean;
}

/** A manifest that makes a Secret, in one of the ways that repositories have. */
export interface SecretManifest {
  readonly name: string;
  readonly namespace: string | null;
  readonly form: 'plain' | 'sealed' | 'external' | 'encrypted' | 'generated';
  /** Of one that makes it in several namespaces: in every one, or in those that labels select. */
  readonly reach?: 'every' | 'selected';
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** A pod spec that can be given pull secrets. */
export interface PodSpec {
  readonly document: number;
  /** Field path in the document (`spec.template.spec`), as in `ImageUse.podSpec`. */
  readonly path: string;
  readonly workload: Workload;
  readonly serviceAccountName: string | null;
  /** Names as written. Null when the field is absent, so that the ServiceAccount's list counts. */
  readonly imagePullSecrets: readonly string[] | null;
  /** False when the object is ignored, encrypted, generated, a chart's template, or comes from an alias. */
  readonly editable: boolean;
}

/** A file or document that could not be read, or not as a whole. `line` is 1-based, 0 for the file itself. */
export interface Unread {
  readonly file: string;
  readonly line: number;
  readonly reason:
    | 'unreadable'
    | 'binary'
    | 'undecodable'
    | 'too-large'
    | 'syntax'
    | 'lost-image'
    | 'chart-template'
    | 'symlink'
    | 'not-edited';
  readonly message: string;
}

/** All that the text of the manifests says. Sorted by file, document and position. */
export interface Scan {
  readonly uses: readonly ImageUse[];
  readonly skipped: readonly Unread[];
}

/** An image field of a custom resource; the user's `rules` and the built-in table have this shape. */
export interface ImageRule {
  readonly apiVersion: string;
  readonly kind: string;
  /**
   * Dotted path: `spec.image`, `spec.steps[].image` for each item of a list (also `[*]`), `spec.images.*` for each value
   * of a map, `args["--image="]` for each item that begins so.
   */
  readonly field: string;
  readonly format: 'reference' | 'repository' | 'tag' | 'map';
}

/** Where values say `false`, and shall say `true`; or where they lack the key. */
export type SwitchPlace = WrittenSwitch | MissingSwitch;

export interface WrittenSwitch {
  readonly document: number;
  readonly range: readonly [start: number, end: number];
  readonly written: string;
  /** 1-based. */
  readonly line: number;
}

export interface MissingSwitch {
  readonly document: number;
  /** Field path of the map that gets the keys. */
  readonly map: string;
  /** Each below the one before. */
  readonly keys: readonly string[];
}

/** What shall become true of one file. */
export interface ManifestChange {
  readonly images: readonly { readonly use: ImageUse; readonly to: string }[];
  readonly switches?: readonly SwitchPlace[];
  /**
   * `names` are appended in order, each only where it is missing. `podSpec` is the path of the map that holds the
   * list: a pod spec, or a ServiceAccount (empty, or `items[2]` in a List).
   */
  readonly pullSecrets: readonly {
    readonly document: number;
    readonly podSpec: string;
    readonly names: readonly string[];
  }[];
}

/** One replaced span. `line` is 1-based, `before` and `after` are whole lines for people, without line ends. */
export interface TextEdit {
  readonly file: string;
  readonly range: readonly [start: number, end: number];
  /** What takes the place of that range. */
  readonly text: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
  /** It brings a pull secret, and no part of an image. */
  readonly pullSecret?: true;
  /** It adds a key to this map, which an image is said by (`SplitImage.map`). */
  readonly keyOf?: { readonly document: number; readonly map: string };
}

/** The rewritten text, or why the file was left as it is. Never both, never half. */
export type Rewritten =
  | { readonly ok: true; readonly text: string; readonly edits: readonly TextEdit[] }
  | { readonly ok: false; readonly line: number; readonly problem: string };
