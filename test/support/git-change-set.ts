import type { ImageUse } from '../../src/manifests/index.ts';
import { assembleChangeSet, type ChangeSet, type ProvenDigest } from '../../src/plan/index.ts';
import { parseImageReference } from '../../src/reference/index.ts';

/** One image of one file that moves to the backup. */
export interface SampleMove {
  readonly file: string;
  readonly before: string;
  readonly image: string;
  /** Two hex digits that the digest is made of. */
  readonly digest?: string;
}

/** A change set as a run would assemble it, for a file that names `image` once. */
export function sampleChangeSet(
  moves: readonly SampleMove[],
  text: { title?: string; body?: string } = {},
): ChangeSet {
  const steps = moves.map((move) => {
    const parsed = parseImageReference(move.image);
    if (!parsed.ok) throw new Error(parsed.problem);
    const source = parsed.value;
    const digest = `sha256:${(move.digest ?? 'ab').repeat(32)}` as ProvenDigest;
    const backup = { registry: 'ghcr.io', repository: `acme/backup/${source.registry}/${source.repository}` };
    const use: ImageUse = {
      file: move.file,
      line: 1,
      column: 1,
      range: [0, 1],
      written: move.image,
      layer: 'pod',
      field: 'spec.containers[0].image',
      workload: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: null },
      document: 0,
      podSpec: 'spec',
      hold: null,
      heldBy: null,
    };
    const canonical = `${source.registry}/${source.repository}:${source.tag ?? 'latest'}`;
    const to = `${backup.registry}/${backup.repository}:${source.tag ?? 'latest'}@${digest}`;
    const copy = {
      step: { canonical, source, backup, locked: null, uses: [use] },
      digest,
      tag: source.tag ?? 'latest',
      platforms: ['linux/amd64'],
    };
    return { move, copy, rewrite: { use, to, proof: digest } };
  });
  return assembleChangeSet({
    files: steps.map(({ move, rewrite }) => ({
      path: move.file,
      before: move.before,
      after: move.before.replace(move.image, rewrite.to),
    })),
    copies: steps.map(({ copy }) => copy),
    rewrites: steps.map(({ rewrite }) => rewrite),
    others: [],
    title: text.title ?? `Use the backups of ${moves.length} images`,
    body: text.body ?? 'The evidence.',
  });
}
