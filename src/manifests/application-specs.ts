import { getItems, getValue, type MapNode, type TreeNode } from './yaml/tree.ts';
import { below, type KubernetesObject } from './yaml/walk.ts';

/** The specs of Applications in an object; an ApplicationSet has them in templates. */
export function listSpecs(map: MapNode, object: KubernetesObject): SpecPlace[] {
  const spec = getValue(map, 'spec');
  const path = below(object.path, 'spec');
  if (object.workload.kind !== 'ApplicationSet') return spec ? [{ spec, path, whole: true }] : [];
  const own = getValue(getValue(spec, 'template'), 'spec');
  return [
    ...(own ? [{ spec: own, path: `${path}.template.spec`, whole: true }] : []),
    ...getItems(spec, 'generators').flatMap((generator, index) =>
      specsOfGenerator(generator, `${path}.generators[${index}]`),
    ),
  ];
}

export interface SpecPlace {
  readonly spec: TreeNode;
  readonly path: string;
  /** False for one that is merged over the set's own. */
  readonly whole: boolean;
}

/** Each kind of generator may have a template of its own; `matrix` and `merge` hold further generators. */
function specsOfGenerator(generator: TreeNode, path: string): SpecPlace[] {
  if (generator.kind !== 'map') return [];
  return generator.pairs.flatMap(({ key, value }) => {
    const spec = getValue(getValue(value, 'template'), 'spec');
    return [
      ...(spec ? [{ spec, path: `${path}.${key}.template.spec`, whole: false }] : []),
      ...getItems(value, 'generators').flatMap((inner, index) =>
        specsOfGenerator(inner, `${path}.${key}.generators[${index}]`),
      ),
    ];
  });
}

/** `spec.source`, `spec.sources` and what is hydrated, with their field paths. */
export function listSources(
  spec: TreeNode | null,
  path: string,
): readonly { readonly node: TreeNode; readonly path: string }[] {
  const source = getValue(spec, 'source');
  const dry = getValue(getValue(spec, 'sourceHydrator'), 'drySource');
  return [
    ...(dry ? [{ node: dry, path: `${path}.sourceHydrator.drySource` }] : []),
    ...(source ? [{ node: source, path: `${path}.source` }] : []),
    ...getItems(spec, 'sources').map((node, index) => ({ node, path: `${path}.sources[${index}]` })),
  ];
}
