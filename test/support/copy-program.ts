import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { copyImages } from '../../src/copy/index.ts';
import type { CopyStep } from '../../src/plan/index.ts';
import { canonicalName, parseImageReference } from '../../src/reference/index.ts';
import { openRegistries, type RegistriesOptions } from '../../src/registry/index.ts';

/** What one run of this program copies. */
export interface CopyJob {
  readonly images: readonly string[];
  readonly backup: { readonly registry: string; readonly prefix: string };
  readonly registries: Pick<RegistriesOptions, 'settings' | 'idleTimeout'>;
  readonly concurrency: number;
}

/** One line of its output. */
export interface CopyLine {
  readonly image: string;
  readonly status: string;
  readonly digest: string | null;
  readonly tag: string | null;
  readonly bytes: number;
  readonly error: string | null;
}

/** What the program prints. */
export interface CopyReport {
  readonly lines: readonly CopyLine[];
  /** Resident memory at its highest. */
  readonly peakMiB: number;
}

export async function runCopyJob(job: CopyJob): Promise<readonly CopyLine[]> {
  const steps = job.images.map((image): CopyStep => {
    const parsed = parseImageReference(image);
    if (!parsed.ok) throw new Error(parsed.problem);
    const source = parsed.value;
    return {
      canonical: canonicalName(source),
      source,
      backup: { registry: job.backup.registry, repository: `${job.backup.prefix}/${source.repository}` },
      locked: null,
      uses: [],
    };
  });
  const registries = openRegistries({ ...job.registries, proxyFor: () => '' });
  try {
    const outcomes = await copyImages(steps, {
      registries,
      concurrency: job.concurrency,
      platforms: 'all',
      updates: 'report',
      referrers: true,
      foreignLayers: false,
      convertSchema1: false,
      includePrivate: true,
    });
    return outcomes.map((outcome) => ({
      image: outcome.step.source.written,
      status: outcome.status,
      digest: 'digest' in outcome ? outcome.digest : null,
      tag: 'tag' in outcome ? outcome.tag : null,
      bytes: 'bytes' in outcome ? outcome.bytes : 0,
      error: 'error' in outcome ? `${outcome.error.code}: ${outcome.error.message}` : null,
    }));
  } finally {
    registries.close();
  }
}

/** Linux keeps the peak of whoever started a process in its `maxRSS`, across fork and exec; VmHWM is its own. */
function peakKiB(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
}

const [, script, jobFile] = process.argv;
if (jobFile !== undefined && script !== undefined && /copy-program\.m?[jt]s$/.test(script)) {
  const lines = await runCopyJob(JSON.parse(readFileSync(jobFile, 'utf8')) as CopyJob);
  const peakMiB = peakKiB() / 1024;
  process.stdout.write(`${JSON.stringify({ lines, peakMiB } satisfies CopyReport)}\n`);
  process.exitCode = lines.every((line) => line.error === null) ? 0 : 1;
}
