import { findDocumentHold } from '../document-holds.ts';
import type { Place, SourceFile } from '../types.ts';
import { splitDocuments } from '../yaml/documents.ts';
import { Lines } from '../yaml/lines.ts';
import { readDocument } from '../yaml/read-document.ts';
import { getText, getValue } from '../yaml/tree.ts';
import { readObject } from '../yaml/walk.ts';
import { type FieldSpec, readFieldSpecs } from './field-specs.ts';
import { type OverlayEntry, readEntry } from './overlay-entry.ts';

/** One step of a list of `transformers`: it decides images, or does something that is not followed. */
export type Transformation =
  | { readonly kind: 'images'; readonly entry: OverlayEntry; readonly specs: readonly FieldSpec[] }
  | { readonly kind: 'unknown'; readonly place: Place };

/** They leave images as they are. */
const harmless: ReadonlySet<string> = new Set(
  'LabelTransformer AnnotationsTransformer NamespaceTransformer PrefixTransformer SuffixTransformer PrefixSuffixTransformer ReplicaCountTransformer HashTransformer'.split(
    ' ',
  ),
);

/** They read or write images only where their text names one. */
const patching: ReadonlySet<string> = new Set(
  'PatchTransformer PatchStrategicMergeTransformer PatchJson6902Transformer ReplacementTransformer'.split(
    ' ',
  ),
);

/** They make no Pods. */
const makeNoPods: ReadonlySet<string> = new Set(
  'ConfigMapGenerator SecretGenerator IAMPolicyGenerator ksops SopsSecretGenerator'.split(' '),
);

/** What the transformers of a file do, in their order. Those that leave images alone are left out. */
export function readTransformers(file: SourceFile): Transformation[] {
  const lines = new Lines(file.text);
  return splitDocuments(file.text).flatMap((part): Transformation[] => {
    const { root } = readDocument(part);
    const kind = getText(root, 'kind');
    if (root === null || (kind !== null && harmless.has(kind))) return [];
    if (kind !== null && patching.has(kind) && !/\bpath\b|image|ontainers/.test(part.text)) return [];
    if (kind !== 'ImageTagTransformer' || root.kind !== 'map')
      return [{ kind: 'unknown', place: { file: file.path, line: lines.at(root.start).line } }];
    const image = getValue(root, 'imageTag');
    const name = getText(image, 'name');
    if (image?.kind !== 'map' || name === null) return [];
    const hold = findDocumentHold(part.text, root);
    const context = { file, lines, document: part.index, hold, shared: new Set<never>() };
    const place = { layer: 'kustomize', object: readObject(root), context } as const;
    const entry = readEntry(place, image, 'imageTag', name);
    return [{ kind: 'images', entry, specs: readFieldSpecs(root, 'fieldSpecs') }];
  });
}

/** Whether text in a kustomization itself is a transformer that may touch images. */
export function touchesImages(text: string): boolean {
  return splitDocuments(text).some((part) => {
    const kind = getText(readDocument(part).root, 'kind');
    if (kind !== null && harmless.has(kind)) return false;
    return kind === null || !patching.has(kind) || /\bpath\b|image|ontainers/.test(part.text);
  });
}

/** Whether a file of `generators` may make Pods. */
export function mayMakePods(text: string): boolean {
  return splitDocuments(text).some((part) => {
    const kind = getText(readDocument(part).root, 'kind');
    return kind === null || !makeNoPods.has(kind);
  });
}
