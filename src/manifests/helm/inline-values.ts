import { parseDocument, stringify } from 'yaml';
import { resolveFromRoot, resolvePath } from '../tree-paths.ts';
import { type DocumentPart, splitDocuments, withoutMark } from '../yaml/documents.ts';

/** The values that an object hands to a chart, as text that helm reads. */
export interface InlineValues {
  /** `HelmRelease shop/web`. */
  readonly object: string;
  /** The chart's folder in the repository; null where it lies elsewhere. */
  readonly folder: string | null;
  /** Files of values that come before, below the chart's folder. */
  readonly files: readonly string[];
  readonly values: string;
  /** What else decides the values and is not known here, to be said after "as it". */
  readonly unknown: string | null;
}

/** Of each HelmRelease, Argo CD Application and the like, in the order of the text. */
export function findInlineValues(text: string): readonly InlineValues[] {
  return splitDocuments(text).flatMap((part) => {
    if (!/\bkind\W+(?:Helm|Application)|\bhelmCharts\b/.test(part.text)) return [];
    const object = readPart(part);
    const { kind = 'Kustomization', metadata, spec } = object;
    const { namespace, name } = fieldsOf(metadata);
    const path = [namespace, name].filter((word) => typeof word === 'string').join('/');
    const found = readKind(textOf(kind), fieldsOf(spec), object);
    return found.map((values) => ({ object: `${textOf(kind)} ${path}`.trim(), ...values }));
  });
}

type Values = Omit<InlineValues, 'object'>;

function readRelease(spec: Fields): Values {
  const chart = fieldsOf(fieldsOf(spec['chart'])['spec']);
  const local = fieldsOf(chart['sourceRef'])['kind'] === 'GitRepository';
  const others = listOf(spec['valuesFrom']).length + listOf(chart['valuesFiles']).length;
  return {
    folder: local ? readFolder(chart['chart']) : null,
    files: [],
    values: stringify(spec['values'] ?? {}),
    unknown: others > 0 ? 'takes values from elsewhere, too' : null,
  };
}

function readKind(kind: string, spec: Fields, object: Fields): readonly Values[] {
  if (kind === 'HelmRelease') return [readRelease(spec)];
  if (kind === 'Application') return readSources(spec);
  const elsewhere = { folder: null, files: [], unknown: null };
  if (kind === 'ApplicationSet')
    return readSources(fieldsOf(fieldsOf(spec['template'])['spec'])).map((values) => ({
      ...values,
      unknown: 'is a template of Applications',
    }));
  if (spec['valuesContent'] !== undefined) return [{ ...elsewhere, values: textOf(spec['valuesContent']) }];
  return listOf(object['helmCharts']).map((chart) => ({
    ...elsewhere,
    values: stringify(fieldsOf(chart)['valuesInline'] ?? {}),
    unknown: 'is for kustomize to render',
  }));
}

function readSources(spec: Fields): readonly Values[] {
  return [spec['source'], ...listOf(spec['sources'])].flatMap((item): readonly Values[] => {
    const source = fieldsOf(item);
    const helm = fieldsOf(source['helm']);
    if (Object.keys(helm).length === 0) return [];
    const files = listOf(helm['valueFiles']).map(String);
    const foreign = files.some((file) => file.startsWith('$') || resolvePath('', file) === null);
    const given = listOf(helm['parameters']).length > 0 || listOf(helm['fileParameters']).length > 0;
    // An object wins over a text, as in Argo CD.
    const { valuesObject, values } = helm;
    return [
      {
        folder: readFolder(source['path']),
        files,
        values: given
          ? stringify(helm)
          : valuesObject === undefined
            ? textOf(values)
            : stringify(valuesObject),
        unknown: given ? 'sets parameters' : foreign ? 'takes values from elsewhere, too' : null,
      },
    ];
  });
}

function readFolder(path: unknown): string | null {
  return typeof path === 'string' ? resolveFromRoot(path) : null;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** With numbers and booleans as such: charts ask for them. */
function readPart(part: DocumentPart): Fields {
  const document = parseDocument(withoutMark(part), { merge: true, uniqueKeys: false, logLevel: 'silent' });
  try {
    return fieldsOf(document.toJS({ maxAliasCount: 100 }));
  } catch {
    return {}; // aliases that would fill the memory
  }
}
