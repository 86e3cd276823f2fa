import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyChart } from './copy-chart.ts';

/** One chart to be rendered, and how. */
export interface ChartOrder {
  /** The folder of its `Chart.yaml`, absolute. */
  readonly folder: string;
  /** What its files shall say in place of what stands there; paths relative to it. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files of values besides its own, relative to it. */
  readonly values: readonly string[];
}

export interface RenderOptions {
  /** The PATH that `helm` is looked for on; undefined where there is none. */
  readonly path: string | undefined;
  /** Milliseconds for one rendering. Default 30 000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** `absent`: there is no `helm`. `failed`: it does not render; `message` says why, in its own words. */
export type RenderedChart =
  | { readonly status: 'rendered'; readonly text: string }
  | { readonly status: 'absent' }
  | { readonly status: 'failed'; readonly message: string };

const longestAnswer = 64 * 1024 * 1024;

/**
 * `helm template` of a temporary copy. Charts are the work of others: helm gets no configuration, plugins or
 * credentials of this machine, no cluster, and no way into the network; dependencies have to be in `charts/`.
 */
export async function renderChart(order: ChartOrder, options: RenderOptions): Promise<RenderedChart> {
  const place = await mkdtemp(join(tmpdir(), 'holdfast-render-'));
  try {
    const copy = join(place, 'chart');
    await copyChart(order.folder, copy, order.texts);
    const values = order.values.flatMap((path) => ['--values', join(copy, path)]);
    return await runHelm(['template', 'release', copy, ...values], place, options);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function runHelm(
  words: readonly string[],
  place: string,
  { path = '', timeout = 30_000, signal }: RenderOptions,
): Promise<RenderedChart> {
  return new Promise((resolve, reject) => {
    const nowhere = 'http://127.0.0.1:1';
    const helm = spawn('helm', words, {
      cwd: place,
      env: {
        PATH: path,
        HOME: join(place, 'home'),
        HELM_CACHE_HOME: join(place, 'cache'),
        HELM_CONFIG_HOME: join(place, 'config'),
        HELM_DATA_HOME: join(place, 'data'),
        KUBECONFIG: join(place, 'kubeconfig'),
        HTTP_PROXY: nowhere,
        HTTPS_PROXY: nowhere,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
      windowsHide: true,
      ...(signal && { signal }),
    });
    const output: Buffer[] = [];
    let length = 0;
    let complaint = '';
    helm.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestAnswer) helm.kill('SIGKILL');
      else output.push(chunk);
    });
    helm.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (complaint.length < 10_000) complaint += text;
    });
    helm.on('error', (error) => {
      if (signal?.aborted === true) reject(signal.reason as Error);
      else if ('code' in error && error.code === 'ENOENT') resolve({ status: 'absent' });
      else resolve({ status: 'failed', message: 'helm could not be started' });
    });
    helm.on('close', (code, killed) => {
      if (code === 0) resolve({ status: 'rendered', text: Buffer.concat(output).toString('utf8') });
      else if (length > longestAnswer) resolve({ status: 'failed', message: 'it renders more than 64 MiB' });
      else if (killed !== null)
        resolve({ status: 'failed', message: `helm did not end within ${timeout / 1000} s` });
      else resolve({ status: 'failed', message: explain(complaint, place) });
    });
  });
}

/** The error alone, on one line, without the temporary folder. */
function explain(complaint: string, place: string): string {
  const lines = complaint.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((text) => text.startsWith('Error:')) ?? lines[0] ?? 'helm gave no reason';
  return line
    .replace(/^Error:\s*/, '')
    .replaceAll(`${place}/`, '')
    .slice(0, 300);
}
