import { openInnerText } from '../inner-text.ts';
import { resolveFromRoot } from '../tree-paths.ts';
import type { Place } from '../types.ts';
import { Lines } from '../yaml/lines.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import type { MapNode, ScalarNode, TreeNode } from '../yaml/tree.ts';
import { type Spot, walkMaps } from '../yaml/walk.ts';
import type { Delivery, NamedImage } from './delivery.ts';
import { mayBeOperation } from './patch-operation.ts';
import { matchesTarget } from './patch-target.ts';
import { listPatchedEntries, listPatchTexts, readPatchedPath } from './patched-entries.ts';
import { speaksKustomize } from './speaks-kustomize.ts';

/** What a patch says of objects that deliver. */
export interface DeliveryPatch {
  readonly layer: Delivery['layer'];
  readonly isFor: (name: string | null) => boolean;
  readonly images: readonly NamedImage[];
  readonly folders: readonly string[];
}

/** The patches of a file, and those that it is: operations of RFC 6902. */
export function findDeliveryPatches(file: OpenFile): readonly DeliveryPatch[] {
  if (!mayPatch(file)) return [];
  const lines = new Lines(file.text);
  const place = (node: TreeNode) => ({ file: file.path, line: lines.at(node.start).line });

  function readText(text: ScalarNode, name: string | null, targeted: boolean): DeliveryPatch[] {
    return openInnerText(file.text, text).flatMap((inner) => {
      const found: DeliveryPatch[] = [];
      walkMaps(inner.root, (map, spot) => {
        const own = targeted ? name : (spot.object?.workload.name ?? null);
        found.push(...readMap(map, spot, own, (node) => place(inner.place(node) ?? text)));
      });
      return found;
    });
  }

  return file.documents.flatMap(({ read }) => {
    const found: DeliveryPatch[] = [];
    walkMaps(read.root, (map, spot) => {
      for (const { node, name, targeted } of listPatchTexts(map))
        if (node.kind === 'scalar') found.push(...readText(node, name, targeted));
      if (mayBeOperation(spot) && spot.key !== 'kustomize') found.push(...readMap(map, spot, null, place));
    });
    return found;
  });
}

function readMap(
  map: MapNode,
  spot: Spot,
  name: string | null,
  place: (node: TreeNode) => Place,
): DeliveryPatch[] {
  const entries = listPatchedEntries(map, spot);
  const patched = readPatchedPath(map, spot);
  const folder = patched && resolveFromRoot(patched.path);
  const layer = entries[0]?.layer ?? patched?.layer;
  if (layer === undefined) return [];
  const images = entries.map((entry) => ({ name: entry.name, place: place(entry.at) }));
  return [
    { layer, isFor: (other) => matchesTarget(name, other), images, folders: folder === null ? [] : [folder] },
  ];
}

/** A patch says what it is of, or is a list of operations. */
function mayPatch(file: OpenFile): boolean {
  const { text } = file;
  if (/\/spec\/(?:images|path|sources?\b|template\/spec\/sources?\b)/.test(text)) return true;
  if (!text.includes('patch')) return false;
  return speaksKustomize(file);
}

/** Deliveries with what the patches of their objects may decide, and where else they may deliver. */
export function patchDeliveries(
  deliveries: readonly Delivery[],
  patches: readonly DeliveryPatch[],
): readonly Delivery[] {
  const merged = deliveries.filter(({ partial }) => partial).map(asPatch);
  if (patches.length + merged.length === 0) return deliveries;
  return deliveries.flatMap((delivery) => {
    if (delivery.partial) return [delivery];
    const own = [...patches, ...merged].filter(
      ({ layer, isFor }) => layer === delivery.layer && isFor(delivery.name),
    );
    if (own.length === 0) return [delivery];
    const folders = own.flatMap((patch) => patch.folders);
    const elsewhere = folders.length === 0 ? [] : [{ ...delivery, folders }];
    const images = own.flatMap((patch) => patch.images);
    if (images.length === 0) return [delivery, ...elsewhere];
    // A list that is merged over another one takes its place.
    const guards = [...delivery.guards, ...images, ...delivery.overlay];
    return [delivery, ...elsewhere].map((each): Delivery => ({ ...each, guards, loose: true }));
  });
}

/** A document of an object's name alone that is merged over the object. */
function asPatch({ layer, name, overlay, folders }: Delivery): DeliveryPatch {
  return { layer, isFor: (other) => other === name, images: overlay, folders };
}
