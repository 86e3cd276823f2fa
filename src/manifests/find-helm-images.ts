import { listSources } from './delivery.ts';
import type { Form, FormContext, FoundImage } from './found-image.ts';
import { openInnerText } from './inner-text.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from './tree.ts';
import type { Layer, SourceFile } from './types.ts';
import { findValuesImages, namesHost, type ValuesPlace } from './values-image.ts';
import { formatPath, joinPath, type KubernetesObject, type Spot, walkMaps } from './walk.ts';

/** Images in Helm values: files of values, and the objects that carry values or text of values. */
export const findHelmImages: Form = (map, spot, context) => {
  const { object } = spot;
  if (spot.parent === null && object?.node !== map)
    return [
      ...(isValuesPath(context.file.path) ? findInValues(map, '', 'helm-values', null, context) : []),
      ...findInCharts(map, null, context),
    ];
  if (object?.node !== map) return [];
  return listValues(map, object).flatMap((values) => findIn(values, object, context));
};

export function mayHoldHelm(text: string, { file }: FormContext): boolean {
  if (!/mage|repository|\bhub\b/.test(text)) return false;
  return mayHoldValues({ path: file.path, text });
}

/** Whether a file may hold values of Helm. */
export function mayHoldValues({ path, text }: SourceFile): boolean {
  if (isValuesPath(path)) return true;
  return (
    /\b(?:HelmRelease|HelmChart(?:Config)?|helmCharts|valuesObject|helm|IstioOperator|sailoperator)\b/.test(
      text,
    ) && /\b(?:values|parameters)/.test(text)
  );
}

/** `values.yaml`, `values-prod.yaml`, `web-values.yml`. */
export function isValuesPath(path: string): boolean {
  return /(?:^|[/._-])values(?:[._-][^/]*)?\.ya?ml$/i.test(path);
}

interface Values {
  readonly node: TreeNode;
  readonly path: string;
  readonly layer: Layer;
}

/** Every place of an object that holds values, as a map, as text, or as a list of parameters. */
export function listValues(map: MapNode, object: KubernetesObject): Values[] {
  const { apiVersion, kind } = object.workload;
  const spec = getValue(map, 'spec');
  const make = (node: TreeNode | null, path: string, layer: Layer): Values[] =>
    node ? [{ node, path: object.path === '' ? path : `${object.path}.${path}`, layer }] : [];
  if (/^helm\.(?:toolkit\.)?fluxcd\.io\//.test(apiVersion) && kind === 'HelmRelease')
    return make(getValue(spec, 'values'), 'spec.values', 'flux');
  if (/^(?:install\.istio|sailoperator)\.io\//.test(apiVersion))
    return make(getValue(spec, 'values'), 'spec.values', 'helm-values');
  if (apiVersion.startsWith('helm.cattle.io/'))
    return make(getValue(spec, 'valuesContent'), 'spec.valuesContent', 'helm-values');
  if (apiVersion.startsWith('kustomize.config.k8s.io/'))
    return getItems(map, 'helmCharts').flatMap((chart, index) =>
      make(getValue(chart, 'valuesInline'), `helmCharts[${index}].valuesInline`, 'helm-values'),
    );
  if (!apiVersion.startsWith('argoproj.io/')) return [];
  const set = kind === 'ApplicationSet';
  const owner = set ? getValue(getValue(spec, 'template'), 'spec') : spec;
  const sources = listSources(owner, set ? 'spec.template.spec' : 'spec');
  return sources.flatMap(({ node, path }) => {
    const helm = getValue(node, 'helm');
    return ['valuesObject', 'values', 'parameters'].flatMap((key) =>
      make(getValue(helm, key), `${path}.helm.${key}`, 'argocd'),
    );
  });
}

/** `helmCharts` of a kustomization that does not say its kind. */
function findInCharts(map: MapNode, object: KubernetesObject | null, context: FormContext): FoundImage[] {
  return getItems(map, 'helmCharts').flatMap((chart, index) => {
    const node = getValue(chart, 'valuesInline');
    return node
      ? findInValues(node, `helmCharts[${index}].valuesInline`, 'helm-values', object, context)
      : [];
  });
}

function findIn({ node, path, layer }: Values, object: KubernetesObject, context: FormContext): FoundImage[] {
  if (node.kind === 'list')
    return findParameters(
      node.items.map(({ value }) => value),
      path,
      layer,
      object,
    );
  if (node.kind === 'map') return findInValues(node, path, layer, object, context);
  if (!node.value.includes('mage') && !node.value.includes('repository')) return [];
  return openInnerText(context.file.text, node).flatMap(({ root, lift }) =>
    findInValues(root, '', layer, object, context).map((found) => lift(found, path)),
  );
}

/** Registries that charts put before the images of the maps below. */
const registryKey =
  /^(?:image|default|defaultImage|docker|container)?registry(?:host)?$|^(?:image)?hub$|^(?:image|repository)prefix$/i;

function findInValues(
  values: TreeNode,
  root: string,
  layer: Layer,
  object: KubernetesObject | null,
  { chart }: FormContext,
): FoundImage[] {
  const found: FoundImage[] = [];
  const registries: string[] = [];
  const place: ValuesPlace = {
    layer,
    object,
    root,
    registryIsGlobal: getText(values, 'global', 'imageRegistry') !== null,
    registryIsAround: (path) =>
      registries.some((around) => path !== around && (around === '' || path.startsWith(`${around}.`))),
    variantIsGlobal: getText(values, 'global', 'variant') !== null,
    defaultTag: (path) => (root === '' && chart ? chart.defaultTag(path) : null),
    addsText: (path) => root === '' && chart?.addsText(path) === true,
  };
  const lists: string[] = [];
  walkMaps(values, (map: MapNode, spot: Spot) => {
    if (map.pairs.some(({ key }) => registryKey.test(key) && getText(map, key) !== null))
      registries.push(formatPath(spot));
    found.push(...findValuesImages(map, spot, place));
    if (getItems(map, 'imagePullSecrets').length > 0) lists.push(joinFields(root, formatPath(spot)));
  });
  return lists.length === 0
    ? found
    : found.map((image) => ({ ...image, podSpec: nearestList(image, lists, root) }));
}

/** The map whose list of pull secrets counts for an image: around it, else the global one. */
function nearestList({ field }: FoundImage, lists: readonly string[], root: string): string | null {
  const around = lists
    .filter((list) => list === '' || field.startsWith(`${list}.`))
    .toSorted((a, b) => b.length - a.length)[0];
  const everywhere = joinFields(root, 'global');
  return around ?? (lists.includes(everywhere) ? everywhere : null);
}

function joinFields(root: string, path: string): string {
  return root === '' || path === '' ? root + path : `${root}.${path}`;
}

/** Whether parameters say more of a name than its usual parts. */
function isComposed(names: ReadonlyMap<string, unknown>, prefix: string, whole: boolean): boolean {
  if (!whole && names.has('global.imageRegistry')) return true;
  const more = /^(?:imageRegistry|hub|.*(?:prefix|suffix|variant|flavou?r))$/i;
  return [...names.keys()].some((name) => name.startsWith(prefix) && more.test(name.slice(prefix.length)));
}

/** Argo CD's `parameters`: `image.repository` and `image.tag` as the names of items. */
function findParameters(
  items: readonly (TreeNode | null)[],
  path: string,
  layer: Layer,
  object: KubernetesObject,
): FoundImage[] {
  const values = new Map<string, { readonly node: TreeNode; readonly field: string }>();
  items.forEach((item, index) => {
    const name = getText(item, 'name');
    const node = getValue(item, 'value');
    if (name !== null && node) values.set(name, { node, field: joinPath(`${path}[${index}]`, 'value') });
  });
  const part = (name: string) => {
    const value = values.get(name);
    return value?.node.kind === 'scalar' && value.node.value !== ''
      ? { key: 'value', node: value.node, written: value.node.value }
      : null;
  };
  return [...values].flatMap(([name, { node, field }]) => {
    const base = { layer, object, field, podSpec: null, node, at: node.start, duplicate: false };
    if (/(?:^i|[.a-z]I|\.i)mage$/.test(name) && node.kind === 'scalar') {
      const whole = /[:@]/.test(node.value.slice(node.value.lastIndexOf('/') + 1));
      return [whole ? base : { ...base, hold: 'unknown-tag' as const }];
    }
    const prefix = /^(.*)\.repository$/.exec(name)?.[1];
    const repository = part(name);
    if (prefix === undefined || !repository || node.kind !== 'scalar' || node.value.includes('://'))
      return [];
    const tag = part(`${prefix}.tag`);
    const digest = part(`${prefix}.digest`);
    const split = { map: field, registry: part(`${prefix}.registry`), repository, tag, digest };
    if (isComposed(values, `${prefix}.`, namesHost(node.value) && !split.registry))
      return [{ ...base, split, hold: 'composed' as const }];
    return [{ ...base, split, ...(tag || digest ? {} : { hold: 'unknown-tag' as const }) }];
  });
}
