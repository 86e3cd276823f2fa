import { getItems, getValue, type TreeNode } from '../yaml/tree.ts';
import { type Leaf, listLeaves, listParameterLeaves, type Standing } from './values-source.ts';

/** `.argocd-source.yaml`, or that of one Application. */
export function isSourceOverride(path: string): boolean {
  return /(?:^|\/)\.argocd-source[^/]*\.ya?ml$/.test(path);
}

/** A file that says how the chart or the values beside it are installed, and with which values over them. */
export function isBesideValues(path: string): boolean {
  return isSourceOverride(path) || /(?:^|\/)(?:fleet|helmfile)\.ya?ml$/.test(path);
}

/**
 * What such a file says over the values: parameters of Argo CD, which an image updater writes; the values of Fleet and of
 * its targets; inline values and `set` of each release of helmfile. Its own images are no uses.
 */
export function listBesideLeaves(root: TreeNode, standing: Standing): readonly Leaf[] {
  const valuesOf = (map: TreeNode | null, field: string): Leaf[] => {
    const values = getValue(map, 'values');
    if (values?.kind === 'list')
      return getItems(map, 'values').flatMap((item, index) =>
        item.kind === 'map' ? listLeaves(item, `${field}.values[${index}]`, standing) : [],
      );
    return values?.kind === 'map' ? listLeaves(values, `${field}.values`, standing) : [];
  };
  const helm = getValue(root, 'helm');
  const targets = getItems(root, 'targetCustomizations').map((each) => getValue(each, 'helm'));
  const leaves = [
    ...listParameterLeaves(getValue(helm, 'parameters'), 'helm.parameters', standing),
    ...[helm, ...targets].flatMap((each, index) => valuesOf(each, `helm[${index}]`)),
    ...getItems(root, 'releases').flatMap((each, index) => [
      ...valuesOf(each, `releases[${index}]`),
      ...listParameterLeaves(getValue(each, 'set'), `releases[${index}].set`, standing),
    ]),
  ];
  return leaves.map((leaf) => ({ ...leaf, isUnsure: true }));
}
