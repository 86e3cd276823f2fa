import { listSources, listSpecs } from '../application-specs.ts';
import type { Form, FormContext, FoundImage, TextPiece } from '../found-image.ts';
import { openInnerText } from '../inner-text.ts';
import { listPatchedEntries, makePatchedImage } from '../kustomize/patched-entries.ts';
import { openTemplatePatch } from '../kustomize/template-patch.ts';
import type { Layer, SourceFile } from '../types.ts';
import { getItems, getText, getValue, hasKey, type MapNode, type TreeNode } from '../yaml/tree.ts';
import { below, formatPath, type KubernetesObject, type Spot, walkMaps } from '../yaml/walk.ts';
import { findValuesImages, globalRegistries, namesHost, type ValuesPlace } from './values-image.ts';
import { findNamedValues, namesOfList, namesOfMap } from './values-names.ts';
import { findListedImages, findLookalikes, findTextImages, type Text } from './values-strings.ts';

/** Images in Helm values: files of values, and the objects that carry values or text of values. */
export const findHelmImages: Form = (map, spot, context) => {
  const { object } = spot;
  if (spot.parent === null && object?.node !== map)
    return [
      ...(context.isValues ? findInValues(map, '', 'helm-values', null, context) : []),
      ...findInCharts(map, null, context),
    ];
  if (object?.node !== map) return [];
  return [
    ...listValues(map, object).flatMap((values) => findIn(values, object, context)),
    ...findInTemplatePatch(map, object, context),
  ];
};

/** Text in text has no places. */
const inText: SourceFile = { path: '', text: '' };

/** What is merged over each Application of a set. */
function findInTemplatePatch(map: MapNode, object: KubernetesObject, context: FormContext): FoundImage[] {
  const text =
    object.workload.kind === 'ApplicationSet' ? getValue(getValue(map, 'spec'), 'templatePatch') : null;
  if (text?.kind !== 'scalar') return [];
  const field = below(object.path, 'spec.templatePatch');
  const source = context.file.text;
  const values = openInnerText(source, text).flatMap(({ root, lift }) =>
    listSources(getValue(root, 'spec'), 'spec')
      .flatMap((each) => listSourceValues(each.node, each.path))
      // Text in text has no places.
      .filter(({ node }) => node.kind !== 'scalar')
      .flatMap((each) => findIn(each, object, { ...context, file: inText }))
      .map((found) => lift(found, field)),
  );
  const entries = openTemplatePatch(source, text).flatMap(({ root, lift }) => {
    const found: FoundImage[] = [];
    walkMaps(root, (inner, spot) => {
      const at = { ...spot, object };
      for (const entry of listPatchedEntries(inner, spot))
        found.push(lift(makePatchedImage(entry, at), field));
    });
    return found;
  });
  return [...values, ...entries];
}

export function mayHoldHelm({ text }: TextPiece, { file, isValues }: FormContext): boolean {
  if (isValues) return true;
  if (!/mage|repository|\bhub\b/.test(text)) return false;
  if (text.includes('templatePatch')) return true;
  return mayHoldValues({ path: file.path, text });
}

/** Whether a file may hold values of Helm. */
export function mayHoldValues({ path, text }: SourceFile): boolean {
  if (isValuesPath(path)) return true;
  return (
    /\b(?:HelmRelease|HelmChart(?:Config|InflationGenerator)?|helmCharts|valuesObject|helm|IstioOperator|sailoperator)\b/.test(
      text,
    ) && /\b(?:values|parameters|set)/.test(text)
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
    node ? [{ node, path: below(object.path, path), layer }] : [];
  if (/^helm\.(?:toolkit\.)?fluxcd\.io\//.test(apiVersion) && kind === 'HelmRelease')
    return make(getValue(spec, 'values'), 'spec.values', 'flux');
  if (/^(?:install\.istio|sailoperator)\.io\//.test(apiVersion))
    return make(getValue(spec, 'values'), 'spec.values', 'helm-values');
  if (apiVersion.startsWith('helm.cattle.io/'))
    return [
      ...make(getValue(spec, 'valuesContent'), 'spec.valuesContent', 'helm-values'),
      ...make(getValue(spec, 'set'), 'spec.set', 'helm-values'),
    ];
  if (apiVersion.startsWith('kustomize.config.k8s.io/'))
    return getItems(map, 'helmCharts').flatMap((chart, index) =>
      make(getValue(chart, 'valuesInline'), `helmCharts[${index}].valuesInline`, 'helm-values'),
    );
  // A generator of kustomize; its fields stand at the root.
  if (kind === 'HelmChartInflationGenerator')
    return make(getValue(map, 'valuesInline'), 'valuesInline', 'helm-values');
  if (!apiVersion.startsWith('argoproj.io/')) return [];
  return listSpecs(map, object).flatMap(({ spec: own, path }) =>
    listSources(own, path).flatMap((source) => listSourceValues(source.node, source.path)),
  );
}

/** The values of one source of an Application, at its field path in the document. */
function listSourceValues(source: TreeNode, path: string): Values[] {
  const helm = getValue(source, 'helm');
  return ['valuesObject', 'values', 'parameters'].flatMap((key) => {
    const node = getValue(helm, key);
    return node ? [{ node, path: `${path}.helm.${key}`, layer: 'argocd' as const }] : [];
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
  if (node.kind === 'list') return findNamedValues(namesOfList(node, path), layer, object);
  if (node.kind === 'map' && path.endsWith('spec.set'))
    return findNamedValues(namesOfMap(node, path), layer, object);
  if (node.kind === 'map') return findInValues(node, path, layer, object, context);
  if (!node.value.includes('mage') && !node.value.includes('repository')) return [];
  return openInnerText(context.file.text, node).flatMap(({ root, lift }) =>
    findInValues(root, '', layer, object, { ...context, file: inText }).map((found) => lift(found, path)),
  );
}

/** Registries that charts put before the images of the maps below. */
const registryKey =
  /^(?:image|default|defaultImage|docker|container)?registry(?:host)?$|^(?:image)?hub$|^(?:image|repository)prefix$/i;

/** Images in a map of values that stands at `root` of its document. */
export function findInValues(
  values: TreeNode,
  root: string,
  layer: Layer,
  object: KubernetesObject | null,
  { chart, file }: FormContext,
): FoundImage[] {
  const found: FoundImage[] = [];
  const registries: string[] = [];
  const place: ValuesPlace = {
    layer,
    object,
    root,
    registryIsGlobal: globalRegistries.some((path) => getText(values, ...path.split('.')) !== null),
    registryIsAround: (path) =>
      registries.some((around) => path !== around && (around === '' || path.startsWith(`${around}.`))),
    variantIsGlobal: getText(values, 'global', 'variant') !== null,
    defaultTag: (path) => (root === '' && chart ? chart.defaultTag(path) : null),
    addsText: (path) => root === '' && chart?.addsText(path) === true,
  };
  const lists: string[] = [];
  const others: string[] = [];
  const lookalikes: FoundImage[] = [];
  walkMaps(values, (map: MapNode, spot: Spot) => {
    if (map.pairs.some(({ key }) => registryKey.test(key) && getText(map, key) !== null))
      registries.push(formatPath(spot));
    found.push(...findValuesImages(map, spot, place));
    const make = ({ node, field, at }: Text): FoundImage => ({
      layer,
      field: below(root, field),
      podSpec: null,
      object,
      node,
      at,
      duplicate: spot.duplicate,
    });
    const prefixed = place.registryIsGlobal || place.registryIsAround(formatPath(spot));
    const hold = (written: string) => (prefixed && !namesHost(written) ? { hold: 'composed' as const } : {});
    found.push(...findListedImages(map, spot, (text) => ({ ...make(text), ...hold(text.node.value) })));
    lookalikes.push(...findLookalikes(map, spot, make));
    if (file.text !== '') found.push(...findTextImages(map, spot, file.text, make));
    const isList = getItems(map, 'imagePullSecrets').length > 0;
    if (isList || hasKey(map, 'imagePullSecrets') || hasKey(map, 'pullSecrets'))
      (isList ? lists : others).push(below(root, formatPath(spot)));
  });
  const known = new Set(found.map(({ field }) => field));
  const placed =
    lists.length === 0
      ? found
      : found.map((image) => ({ ...image, podSpec: nearestList(image, lists, others, root) }));
  return [...placed, ...lookalikes.filter(({ field }) => !known.has(field))];
}

/** The map whose list of pull secrets counts for an image: around it, else the global one. */
function nearestList(
  { field }: FoundImage,
  lists: readonly string[],
  others: readonly string[],
  root: string,
): string | null {
  const around = [...lists, ...others]
    .filter((list) => list === '' || field.startsWith(`${list}.`))
    .toSorted((a, b) => b.length - a.length)[0];
  const everywhere = below(root, 'global');
  // What is nearer and empty, or has another name, is read in place of those around it.
  const own = around !== undefined && lists.includes(around) ? around : null;
  return own ?? (lists.includes(everywhere) ? everywhere : null);
}
