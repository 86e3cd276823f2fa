import { compareRendered, type Expected, type ImageUse } from '../manifests/index.ts';
import type { KnownCopy, Rewrite } from '../plan/index.ts';
import { canonicalName, type Digest, parseImageReference } from '../reference/index.ts';
import type { FileChange } from '../report/index.ts';
import { type RenderOptions, renderChart } from '../source/index.ts';
import { type ChangedChart, findChangedCharts, findChart, findInlineCharts } from './find-changed-charts.ts';

/** What a run would change, and what may come of it. */
export interface RenderCall {
  /** Absolute. */
  readonly root: string;
  readonly changes: readonly FileChange[];
  readonly rewrites: readonly Rewrite<Digest>[];
  readonly copies: readonly KnownCopy<Digest>[];
  readonly pullSecret: string | null;
}

/** A sentence for each chart; `attention` where more than images would change, or a chart would render no more. */
export interface RenderResult {
  readonly notes: readonly string[];
  readonly attention: boolean;
}

/** Renders the charts that the changes touch, as they stand and as they would be, and compares. Writes nothing. */
export async function renderCharts(call: RenderCall, options: RenderOptions): Promise<RenderResult> {
  const { root, changes, rewrites } = call;
  const values = new Set(
    rewrites.flatMap(({ use }) =>
      use.layer === 'helm-values' && use.workload.kind === '' ? [use.file] : [],
    ),
  );
  const touched = changes.filter(({ path }) => values.has(path));
  const notes: string[] = [];
  let attention = false;
  const inline = findInlineCharts(root, changes);
  const rendered = touched.map(({ path }) => ({ path, values: listValues(path, call) }));
  const files = rendered.flatMap((each) => each.values.map((path) => ({ path })));
  for (const chart of [...findChangedCharts(root, files), ...inline.charts]) {
    const result = await judgeChart(chart, call, options);
    if (result === null)
      return { notes: ['--render: there is no helm on the PATH; no chart was rendered.'], attention: false };
    notes.push(`${nameChart(chart)}: ${result.sentence}`);
    attention ||= result.attention;
  }
  for (const { path, values } of rendered)
    if (findChart(root, path) === null)
      notes.push(`${path}: not rendered, as its chart is not in the folders that were read.`);
    else if (values.length === 0)
      notes.push(`${path}: not rendered, as values outside of its chart say the tags.`);
  return { notes: [...notes, ...inline.notes], attention };
}

/** The files of values to render for a change: those beside it that say the tags of its names, too. */
function listValues(path: string, { root, rewrites }: RenderCall): readonly string[] {
  const chart = findChart(root, path);
  const tags = rewrites.map(({ use }) => use).filter(({ nameAt }) => nameAt?.file === path);
  // A name without a tag is listed with the tag of another place: by itself nobody renders it.
  const isWhole = !rewrites.some(
    ({ use }) => use.file === path && use.nameAt === undefined && tags.some((tag) => isNamedBy(tag, use)),
  );
  const beside = tags.flatMap(({ file, workload }) =>
    workload.kind === '' && chart !== null && findChart(root, file) === chart ? [file] : [],
  );
  return [...(isWhole ? [path] : []), ...beside];
}

function isNamedBy({ nameAt, written }: ImageUse, name: ImageUse): boolean {
  return nameAt?.range[0] === name.range[0] && written === name.written;
}

interface Judged {
  readonly sentence: string;
  readonly attention: boolean;
}

/** Null where there is no helm. */
async function judgeChart(
  chart: ChangedChart,
  call: RenderCall,
  options: RenderOptions,
): Promise<Judged | null> {
  const render = (which: 'before' | 'after') => renderChart(orderOf(chart, call, which), options);
  const before = await render('before');
  if (before.status === 'absent') return null;
  if (before.status === 'failed')
    return { sentence: `helm does not render it, before or after: ${before.message}`, attention: false };
  const [again, after] = await Promise.all([render('before'), render('after')]);
  if (after.status === 'failed')
    return { sentence: `helm would render it no more: ${after.message}`, attention: true };
  if (again.status !== 'rendered' || after.status !== 'rendered')
    return { sentence: 'helm renders it only now and then; nothing is known', attention: true };
  const texts = { before: before.text, again: again.text, after: after.text };
  const difference = compareRendered(texts, { isMove: judgeMoves(call.copies), pullSecret: call.pullSecret });
  if (difference === null) return { sentence: 'what helm renders is no YAML', attention: false };
  const { images, pullSecrets, others } = difference;
  const seen = `${count(images, 'image reference')}${pullSecrets > 0 ? ` and ${count(pullSecrets, 'pull secret')}` : ''}`;
  if (others.length > 0)
    return {
      sentence: `helm renders more than new image references (${images}): ${others.slice(0, 5).join(', ')}${others.length > 5 ? ` and ${others.length - 5} more` : ''}`,
      attention: true,
    };
  return {
    sentence:
      images + pullSecrets === 0
        ? 'helm renders the same before and after: the images are not used with these values'
        : `helm renders the same before and after, but for ${seen}`,
    attention: false,
  };
}

const inlineFile = '.holdfast-values.yaml';

function orderOf(
  { folder, values, inline }: ChangedChart,
  { root, changes }: RenderCall,
  which: 'before' | 'after',
) {
  const base = folder === '' ? '' : `${folder}/`;
  const own = changes.filter(({ path }) => path.startsWith(base));
  const texts = new Map(own.map((change) => [change.path.slice(base.length), change[which]]));
  if (inline) texts.set(inlineFile, inline[which].values);
  return {
    folder: folder === '' ? root : `${root}/${folder}`,
    texts,
    values: inline
      ? [...inline.before.files, inlineFile]
      : values === null
        ? []
        : [values.slice(base.length)],
  };
}

/** Whether a text that named a source names the copy of it, by repository, tag and digest. */
function judgeMoves(copies: readonly KnownCopy<Digest>[]): Expected['isMove'] {
  const bySource = new Map(copies.map((copy) => [copy.step.canonical, copy]));
  return (before, after) => {
    const [was, is] = [parseImageReference(before), parseImageReference(after)];
    const copy = was.ok ? bySource.get(canonicalName(was.value)) : undefined;
    if (!was.ok || !is.ok || copy === undefined) return false;
    const { backup } = copy.step;
    return (
      is.value.registry === backup.registry &&
      is.value.repository === backup.repository &&
      (is.value.digest === null ? is.value.tag === copy.tag : is.value.digest === copy.digest)
    );
  };
}

function nameChart({ folder, values, inline }: ChangedChart): string {
  const chart = folder === '' ? 'the chart' : `the chart ${folder}`;
  if (inline) return `${chart} with the values of ${inline.before.object} in ${values ?? ''}`;
  return values === null ? chart : `${chart} with ${values}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
