import type { Form, FormContext, FoundImage, TextPiece } from '../found-image.ts';
import { findHelmImages } from '../helm/find-helm-images.ts';
import { findPatchedValues } from '../helm/find-patched-values.ts';
import { openInnerText } from '../inner-text.ts';
import { findPodImages } from '../pod-spec.ts';
import type { Layer } from '../types.ts';
import { getText, getValue, type MapNode, type ScalarNode, type TreeNode } from '../yaml/tree.ts';
import { formatPath, joinPath, type Spot, walkMaps } from '../yaml/walk.ts';
import { isPatchList, mayBeOperation } from './patch-operation.ts';
import { listPatchedEntries, makePatchedImage } from './patched-entries.ts';

/** Images that patches set: text in the `patch` of a kustomization, a Flux or an Argo CD object, and JSON patches. */
export const findPatchImages: Form = (map, spot, context) => {
  const found = [...findJsonPatch(map, spot), ...findPatchedValues(map, spot, context)];
  if (mayBeOperation(spot) && spot.key !== 'kustomize')
    found.push(...listPatchedEntries(map, spot).map((entry) => makePatchedImage(entry, spot)));
  for (const pair of map.pairs) {
    if (pair.key === 'patch' && pair.value?.kind === 'scalar' && isPatchList(spot)) {
      found.push(...findInText(pair.value, joinPath(formatPath(spot), 'patch'), spot, context));
    } else if (pair.key === 'resourcesTemplate' && pair.value?.kind === 'scalar' && isResourceSet(spot)) {
      found.push(...findInText(pair.value, joinPath(formatPath(spot), pair.key), spot, context));
    } else if (pair.key === 'patchesStrategicMerge' && pair.value?.kind === 'list') {
      pair.value.items.forEach(({ value }, index) => {
        if (value?.kind === 'scalar' && value.value.includes('\n'))
          found.push(
            ...findInText(value, `${joinPath(formatPath(spot), pair.key)}[${index}]`, spot, context),
          );
      });
    }
  }
  return found;
};

/** The Flux Operator's: objects as text, with templates (`<< inputs.tag >>`) in it. */
function isResourceSet({ key, object }: Spot): boolean {
  return key === 'spec' && object?.workload.apiVersion.startsWith('fluxcd.controlplane.io/') === true;
}

export function mayHoldPatch({ text }: TextPiece): boolean {
  if (!/image|ontainers|repository/.test(text)) return false;
  if (text.includes('resourcesTemplate')) return true;
  if (text.includes('patch') && /\bpatch(?:esStrategicMerge)?['"]?[ \t]*:/.test(text)) return true;
  return /\bop['"]?[ \t]*:[ \t]*['"]?(?:add|replace|test)\b/.test(text);
}

function findInText(node: ScalarNode, field: string, spot: Spot, context: FormContext): FoundImage[] {
  if (!/image|repository|\/\S*[cC]ontainers/.test(node.value)) return [];
  const { file } = context;
  // Text in this text has no places of its own.
  const inText = { ...context, file: { path: '', text: '' } };
  const layer = layerOf(spot);
  return openInnerText(file.text, node).flatMap(({ root, lift }) => {
    const found: FoundImage[] = [];
    walkMaps(root, (map, inner) => {
      const values = [...findHelmImages(map, inner, inText), ...findPatchedValues(map, inner, inText)];
      found.push(...values.map((image) => lift(image, field)));
      found.push(
        ...listPatchedEntries(map, inner).map((entry) => lift(makePatchedImage(entry, inner), field)),
      );
      const images = [...findPodImages(map, inner), ...findJsonPatch(map, inner)];
      for (const image of images) {
        const lifted = lift(image, field);
        found.push(image.layer === 'other' ? lifted : { ...lifted, layer });
      }
    });
    return found;
  });
}

function layerOf({ object }: Spot): Layer {
  const apiVersion = object?.workload.apiVersion ?? '';
  if (/\bfluxcd\.(?:controlplane\.)?io\//.test(apiVersion)) return 'flux';
  return apiVersion.startsWith('argoproj.io/') ? 'argocd' : 'kustomize';
}

/** One operation of RFC 6902 that writes, or asks for, an image, a container, or a list of them. */
function findJsonPatch(map: MapNode, spot: Spot): FoundImage[] {
  const path = mayBeOperation(spot) ? getText(map, 'path') : null;
  const operation = getText(map, 'op') ?? '';
  if (path === null || !/^(?:add|replace|test)$/.test(operation)) return [];
  const value = getValue(map, 'value');
  const at = map.pairs.find(({ key }) => key === 'value')?.at ?? map.start;
  const field = joinPath(formatPath(spot), 'value');
  const make = (node: TreeNode | null, below: string, from: number): FoundImage => ({
    layer: operation === 'test' ? 'other' : spot.object === null ? 'pod' : layerOf(spot),
    field: field + below,
    podSpec: null,
    object: null,
    node,
    at: from,
    duplicate: spot.duplicate,
    ...(operation === 'test' && { hold: 'tested' as const }),
    ...(below === '' && { container: path }),
  });
  if (/\/(?:init|ephemeral)?[cC]ontainers\/[^/]+\/image$|\/volumes\/[^/]+\/image\/reference$/.test(path))
    return value?.kind === 'scalar' ? [make(value, '', at)] : [];
  if (/\/(?:init|ephemeral)?[cC]ontainers\/[^/]+$/.test(path))
    return imageOf(value).map((pair) => make(pair.value, '.image', pair.at));
  // In an object, maps of containers are found as those of any other.
  if (value?.kind === 'map' && spot.object === null) return findInMap(value, make);
  if (!/\/(?:init|ephemeral)?[cC]ontainers$/.test(path) || value?.kind !== 'list') return [];
  return value.items.flatMap((item, index) =>
    imageOf(item.value).map((pair) => make(pair.value, `[${index}].image`, pair.at)),
  );
}

/** What a value holds that is a pod spec, or has one below. */
function findInMap(
  value: MapNode,
  make: (node: TreeNode | null, below: string, at: number) => FoundImage,
): FoundImage[] {
  const object = { node: value, path: '', workload: nobody, ignored: false };
  const found: FoundImage[] = [];
  walkMaps(value, (map, spot) => {
    for (const { node, field, at, container } of findPodImages(map, { ...spot, object }))
      found.push({ ...make(node, `.${field}`, at), ...(container !== undefined && { container }) });
  });
  return found;
}

const nobody = { apiVersion: '', kind: '', name: null, namespace: null };

function imageOf(node: TreeNode | null): MapNode['pairs'] {
  return node?.kind === 'map' ? node.pairs.filter(({ key }) => key === 'image') : [];
}
