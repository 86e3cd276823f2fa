import type { CopyOptions } from '../../src/copy/index.ts';
import type { CopyStep, LockEntry } from '../../src/plan/index.ts';
import { canonicalName, parseImageReference } from '../../src/reference/index.ts';
import type { Registries } from '../../src/registry/index.ts';
import { digestOf } from './memory-registry.ts';

/** A step as the plan makes it: `ghcr.io/a/b:1` is copied to `<backup>/ghcr.io/a/b`. */
export function stepOf(image: string, backup: string, locked: LockEntry | null = null): CopyStep {
  const parsed = parseImageReference(image);
  if (!parsed.ok) throw new Error(parsed.problem);
  const source = parsed.value;
  const repository = `${source.registry.replaceAll(':', '_')}/${source.repository}`;
  return {
    canonical: canonicalName(source),
    source,
    backup: { registry: backup, repository },
    locked,
    uses: [],
  };
}

export function lockOf(step: CopyStep, digest: string, tag: string): LockEntry {
  return {
    source: step.canonical,
    digest: digestOf(digest),
    backup: `${step.backup.registry}/${step.backup.repository}:${tag}`,
    platforms: ['linux/amd64'],
  };
}

export function optionsFor(registries: Registries, more: Partial<CopyOptions> = {}): CopyOptions {
  return {
    registries,
    concurrency: 4,
    platforms: 'all',
    updates: 'report',
    referrers: false,
    foreignLayers: false,
    convertSchema1: false,
    includePrivate: false,
    ...more,
  };
}

/** The first 12 digits, as in an anchor tag. */
export function short(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}
