import { findDocumentHold, isGeneratedFile } from './document-holds.ts';
import { mayHoldValues } from './helm/find-helm-images.ts';
import { isPodSpec } from './pod-spec.ts';
import { isCustomResourceDefinition } from './prefilter.ts';
import type { PodSpec, SourceFile, Workload } from './types.ts';
import { splitDocuments } from './yaml/documents.ts';
import { readDocument } from './yaml/read-document.ts';
import { getItems, getText, hasKey, type MapNode } from './yaml/tree.ts';
import { formatPath, walkMaps } from './yaml/walk.ts';

const nobody: Workload = { apiVersion: '', kind: '', name: null, namespace: null };

/**
 * The pod specs of a file in the order of the text; `ImageUse.podSpec` names the same paths. Maps of Helm values that
 * have pull secrets count as such.
 */
export function findPodSpecs(file: SourceFile): PodSpec[] {
  const specs: PodSpec[] = [];
  // Values may be called anything; what is no object can be nothing else that has pull secrets.
  const values =
    file.text.includes('imagePullSecrets') && (mayHoldValues(file) || !file.text.includes('apiVersion'));
  if (!values && !file.text.includes('containers')) return specs;
  const generated = isGeneratedFile(file.path, file.text);
  for (const part of splitDocuments(file.text)) {
    if ((!values && !part.text.includes('containers')) || isCustomResourceDefinition(part.text)) continue;
    const { root, problem } = readDocument(part);
    const held = generated || problem !== null || findDocumentHold(part.text, root) !== null;
    walkMaps(root, (map, spot) => {
      if (!isPodSpec(map, spot) && !(values && listNames(map).length > 0)) return;
      specs.push({
        document: part.index,
        path: formatPath(spot),
        workload: spot.object?.workload ?? nobody,
        serviceAccountName: getText(map, 'serviceAccountName') ?? getText(map, 'serviceAccount'),
        imagePullSecrets: hasKey(map, 'imagePullSecrets') ? listNames(map) : null,
        editable: !held && !spot.aliased && !spot.duplicate && spot.object?.ignored !== true,
      });
    });
  }
  return specs;
}

/** The names of the pull secrets of a pod spec or a ServiceAccount. */
export function listNames(map: MapNode): string[] {
  return getItems(map, 'imagePullSecrets').flatMap((item) =>
    item.kind === 'scalar' ? item.value : (getText(item, 'name') ?? []),
  );
}
