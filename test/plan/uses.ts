import type { ImageUse } from '../../src/manifests/index.ts';
import {
  type CopyPolicy,
  type CopyStep,
  type LockEntry,
  type ProvenCopy,
  type ProvenDigest,
  parseBackupPrefix,
  parseNaming,
} from '../../src/plan/index.ts';
import { type Digest, type Parsed, parseDigest } from '../../src/reference/index.ts';

let position = 0;

/** A use in a Deployment; each further one stands further down in its file. */
export function useOf(written: string, parts: Partial<ImageUse> = {}): ImageUse {
  position += 100;
  return {
    file: 'web.yaml',
    line: 1,
    column: 1,
    range: [position, position + written.length],
    written,
    layer: 'pod',
    field: 'spec.template.spec.containers[0].image',
    workload: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'shop' },
    document: 0,
    podSpec: 'spec.template.spec',
    hold: null,
    heldBy: null,
    ...parts,
  };
}

export function must<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

export function digestOf(char: string): Digest {
  return must(parseDigest(`sha256:${char.repeat(64)}`));
}

export function policyOf(
  backup = 'ghcr.io/acme/backup',
  naming = '{host}/{path}',
  exclude: Partial<CopyPolicy['exclude']> = {},
): CopyPolicy {
  return {
    backup: must(parseBackupPrefix(backup)),
    naming: must(parseNaming(naming)),
    exclude: { images: [], namespaces: [], paths: [], ...exclude },
  };
}

export function entryOf(source: string, digest: Digest, backup: string): LockEntry {
  return { source, digest, backup, platforms: ['linux/amd64'] };
}

/** As copying would prove it; tests have no registry to prove it by. */
export function prove(step: CopyStep | undefined, digest: Digest, tag: string): ProvenCopy {
  if (step === undefined) throw new Error('there is no such step');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { step, digest: digest as ProvenDigest, tag, platforms: ['linux/arm64', 'linux/amd64'] };
}
