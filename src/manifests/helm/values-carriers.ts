import { listSources, listSpecs, type SpecPlace } from '../application-specs.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from '../yaml/tree.ts';
import { below, type KubernetesObject } from '../yaml/walk.ts';
import {
  type Leaf,
  leafOf,
  listLeaves,
  listNamedLeaves,
  listParameterLeaves,
  makeSource,
  openStanding,
  type Standing,
  type ValuesSource,
} from './values-source.ts';

/** Values with their place in the order of a release: of two, those of the higher rank win. */
export interface Ranked {
  readonly source: ValuesSource;
  readonly rank: number;
  /** Of several patches, or files that a template names, nobody says which are used, or whether all are here. */
  readonly maybe?: true;
}

/** Files and objects that a release takes values from, as they are written. */
export interface Reach {
  /** Folders of charts; may be templates (`charts/{{name}}`). */
  readonly charts: readonly string[];
  /** Files of values: below the chart, or from the root with a `/` or a `$ref/` before them. */
  readonly files: readonly { readonly path: string; readonly rank: number }[];
  /** Of those files, some may not be there on purpose. */
  readonly mayLack?: boolean;
  /** Names and keys of ConfigMaps. */
  readonly maps: readonly { readonly name: string; readonly key: string }[];
  /** Names of Secrets, which nobody reads. */
  readonly secrets?: readonly string[];
}

/** What one object, or one patch of it, says of the values of a release. */
export interface Carrier {
  /** Null, as the name, where a patch is for every object. The name of a patch may be a pattern. */
  readonly kind: string | null;
  readonly name: string | null;
  readonly namespace: string | null;
  /** Objects may have several releases: `source`, `sources[0]`. Null for all of them. */
  readonly slot: string | null;
  /** The object itself, and not a patch of one. */
  readonly whole: boolean;
  readonly values: readonly Ranked[];
  readonly reach: Reach;
}

/** The document that an object stands in. */
export interface CarrierContext {
  readonly file: string;
  readonly document: number;
  readonly standing: Standing;
  /** Field path of the text that it stands in; empty for a document of the file itself. */
  readonly field: string;
  /** Whether its images are found as uses. */
  readonly found: boolean;
  readonly object?: KubernetesObject;
}

/** Files first, then what the objects refer to, then what they say, then single parameters. */
export const ranks = { chart: 0, file: 1, reference: 2, values: 3, object: 4, single: 5 } as const;

export const nowhere: Reach = { charts: [], files: [], maps: [] };

/** The releases that an object has values for. */
export function readCarriers(map: MapNode, object: KubernetesObject, place: CarrierContext): Carrier[] {
  const context = { ...place, object };
  const { kind, apiVersion } = object.workload;
  if (kind === 'HelmRelease' && apiVersion.includes('fluxcd.io/')) return [readRelease(map, object, context)];
  if (apiVersion.startsWith('helm.cattle.io/')) return [readHelmChart(map, object, context)];
  return apiVersion.startsWith('argoproj.io/') ? readApplication(map, object, context) : [];
}

function readRelease(map: MapNode, object: KubernetesObject, context: CarrierContext): Carrier {
  const spec = getValue(map, 'spec');
  const from = getItems(spec, 'valuesFrom');
  const chart = getText(spec, 'chart', 'spec', 'chart') ?? getText(spec, 'chart', 'path');
  const kind = getText(spec, 'chart', 'spec', 'sourceRef', 'kind');
  const inTree = chart !== null && (kind === 'GitRepository' || kind === 'Bucket' || /\/|^\.+$/.test(chart));
  const targets = from.flatMap((item) => {
    const path = getText(item, 'targetPath');
    return path === null ? [] : leafOf(path, path, item, context.standing);
  });
  return {
    ...identify(object),
    slot: '',
    whole: chart !== null || getValue(spec, 'chartRef') !== null || getText(spec, 'chart', 'name') !== null,
    values: [
      ...ranked(ranks.reference, targets, context, false),
      ...ranked(ranks.values, valuesAt(spec, 'values', below(object.path, 'spec.values'), context), context),
    ],
    reach: {
      charts: inTree ? [chart] : [],
      files: listFiles(getItems(spec, 'chart', 'spec', 'valuesFiles')),
      maps: from.flatMap((item) => {
        const name = getText(item, 'name');
        if (name === null || getText(item, 'kind') === 'Secret' || getText(item, 'targetPath') !== null)
          return [];
        return [{ name, key: getText(item, 'valuesKey') ?? 'values.yaml' }];
      }),
      secrets: from.flatMap((item) =>
        getText(item, 'kind') === 'Secret' && getText(item, 'targetPath') === null
          ? (getText(item, 'name') ?? [])
          : [],
      ),
    },
  };
}

/** k3s: of one name, a HelmChartConfig adds to a HelmChart. */
function readHelmChart(map: MapNode, object: KubernetesObject, context: CarrierContext): Carrier {
  const spec = getValue(map, 'spec');
  const whole = object.workload.kind === 'HelmChart';
  const path = below(object.path, 'spec');
  const content = valuesAt(spec, 'valuesContent', `${path}.valuesContent`, context);
  return {
    ...identify(object),
    kind: 'HelmChart',
    slot: '',
    whole,
    values: [
      // Text in text has no places.
      ...ranked(whole ? ranks.values : ranks.object, content, context, context.standing.text !== ''),
      ...ranked(
        ranks.single,
        listNamedLeaves(getValue(spec, 'set'), `${path}.set`, context.standing),
        context,
      ),
    ],
    reach: nowhere,
  };
}

function readApplication(map: MapNode, object: KubernetesObject, context: CarrierContext): Carrier[] {
  return [
    ...listSpecs(map, object).flatMap((place) => readSources(place, object, context)),
    ...readTemplatePatch(map, object, context),
  ];
}

function readSources(
  { spec, path, whole }: SpecPlace,
  object: KubernetesObject,
  context: CarrierContext,
): Carrier[] {
  // Text in text has no places.
  const isSeen = context.standing.text !== '';
  return listSources(spec, path).map(({ node, path: field }): Carrier => {
    const helm = getValue(node, 'helm');
    const folder = getText(node, 'path');
    const at = (key: string) => `${field}.helm.${key}`;
    const single = (key: string) => listParameterLeaves(getValue(helm, key), at(key), context.standing);
    return {
      ...identify(object),
      slot: field.slice(path.length + 1),
      whole: whole && getText(node, 'repoURL') !== null,
      values: [
        ...ranked(ranks.values, valuesAt(helm, 'values', at('values'), context), context, isSeen),
        ...rankTemplate(ranks.values, getValue(helm, 'values'), context),
        ...ranked(ranks.object, valuesAt(helm, 'valuesObject', at('valuesObject'), context), context),
        ...rankTemplate(ranks.object, getValue(helm, 'valuesObject'), context),
        ...ranked(ranks.single, single('parameters'), context),
        ...ranked(ranks.single, single('fileParameters'), context, false),
      ],
      reach: {
        charts: folder === null ? [] : [folder],
        files: listFiles(getItems(helm, 'valueFiles')),
        mayLack: getText(helm, 'ignoreMissingValueFiles') === 'true',
        maps: [],
      },
    };
  });
}

/** Text with templates that is merged over each Application of a set; mostly no YAML before they are filled in. */
function readTemplatePatch(map: MapNode, object: KubernetesObject, context: CarrierContext): Carrier[] {
  const node = getValue(getValue(map, 'spec'), 'templatePatch');
  if (node?.kind !== 'scalar' || !/\b(?:helm|values|parameters|tag)/.test(node.value)) return [];
  const inner = openStanding(node, context.standing);
  if (inner.length > 0)
    return inner.flatMap(({ root, standing }) => {
      const spec = getValue(root, 'spec');
      const field = below(object.path, 'spec.templatePatch');
      return spec
        ? readSources({ spec, path: 'spec', whole: false }, object, { ...context, standing, field })
        : [];
    });
  const [unread] = context.standing.rangeOf(node);
  const source = makeSource({ ...context, leaves: [], found: false, unread });
  return [
    {
      ...identify(object),
      slot: null,
      whole: false,
      values: [{ source, rank: ranks.single }],
      reach: nowhere,
    },
  ];
}

/** `helmCharts` of a kustomization. */
export function readKustomizeCharts(map: TreeNode, context: CarrierContext): Carrier[] {
  const home = getText(map, 'helmGlobals', 'chartHome') ?? 'charts';
  return getItems(map, 'helmCharts').map((chart, index): Carrier => {
    const field = `helmCharts[${index}].valuesInline`;
    const name = getText(chart, 'name');
    const merge = getText(chart, 'valuesMerge') ?? 'override';
    const own = merge === 'override' ? ranks.values : ranks.file;
    const file = getText(chart, 'valuesFile');
    const more = listTexts(chart, 'additionalValuesFiles');
    return {
      kind: 'Kustomization',
      name: null,
      namespace: null,
      slot: `helmCharts[${index}]`,
      whole: true,
      values: ranked(own, valuesAt(chart, 'valuesInline', field, context), context),
      reach: {
        charts: name === null ? [] : [`${home}/${name}`],
        files: [
          ...(file === null ? [] : [{ path: file, rank: ranks.file }]),
          ...more.map((path) => ({ path, rank: ranks.object })),
        ],
        maps: [],
      },
    };
  });
}

function listTexts(map: TreeNode, key: string): string[] {
  return getItems(map, key).flatMap((node) => (node.kind === 'scalar' ? node.value : []));
}

function identify({ workload: { kind, name, namespace } }: KubernetesObject) {
  return { kind, name, namespace };
}

function valuesAt(map: TreeNode | null, key: string, field: string, { standing }: CarrierContext): Leaf[] {
  const node = getValue(map, key);
  return node ? listLeaves(node, field, standing) : [];
}

function ranked(rank: number, leaves: readonly Leaf[], context: CarrierContext, found = true): Ranked[] {
  if (leaves.length === 0) return [];
  const { file, document, object = null } = context;
  const placed = leaves.map((leaf) => ({ ...leaf, field: below(context.field, leaf.field) }));
  const source = makeSource({ file, document, object, leaves: placed, found: found && context.found });
  return [{ rank, source }];
}

/** Text of values whose templates may become any key: what is filled in is not a value alone. */
function rankTemplate(rank: number, node: TreeNode | null, context: CarrierContext): Ranked[] {
  if (node?.kind !== 'scalar' || !node.value.includes('{{')) return [];
  const roots = openStanding(node, context.standing);
  if (roots.every(({ root }) => root.kind === 'map') && roots.length > 0 && !fillsKeys.test(node.value))
    return [];
  const [unread] = context.standing.rangeOf(node);
  return [{ rank, source: makeSource({ ...context, leaves: [], found: false, unread }) }];
}

/** A template at the start of a line, one that makes YAML, or one without quotes where a part of a name is said. */
const fillsKeys =
  /^[ \t]*(?:-[ \t]+)*\{\{|\{\{[^}]*\b(?:to(?:Yaml|Json)|n?indent)\b|(?:image|registry|repository|repo|tag|digest|hub|variant|name|version)['"]?[ \t]*:[ \t]*\{\{/im;

/** Of two in a list, the later one wins. */
function listFiles(nodes: readonly TreeNode[]): Reach['files'] {
  return nodes.flatMap((node, index) =>
    node.kind === 'scalar' && node.value !== ''
      ? [{ path: node.value, rank: ranks.file + index / (nodes.length + 1) }]
      : [],
  );
}
