import type { ImageUse } from '../manifests/index.ts';
import {
  anchorTag,
  type BackupUse,
  type CopyPolicy,
  type CopyStep,
  emptyLock,
  planCopies,
} from '../plan/index.ts';
import { canonicalName } from '../reference/index.ts';

/** What is decided about one text that names an image. */
export type ImageVerdict =
  | {
      readonly kind: 'needed';
      readonly canonical: string;
      readonly step: CopyStep | null;
      readonly backup: BackupUse | null;
    }
  | { readonly kind: 'other'; readonly reason: string; readonly explanation: string };

export type Judge = (image: string, isIgnored: boolean) => ImageVerdict;

/** Judges as a run on manifests does. Each text is judged once, as long as the policy is the same. */
export function createJudge(policy: CopyPolicy): Judge {
  const known = new Map<string, ImageVerdict>();
  return (image, isIgnored) => {
    const key = `${isIgnored ? 'ignored ' : ''}${image}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const verdict = judge(image, isIgnored, policy);
    // A cluster names the same images again and again; what it no longer names is dropped now and then.
    if (known.size > 50_000) known.clear();
    known.set(key, verdict);
    return verdict;
  };
}

function judge(image: string, isIgnored: boolean, policy: CopyPolicy): ImageVerdict {
  const { steps, backups, verdicts } = planCopies([toUse(image, isIgnored)], policy, emptyLock);
  const [step] = steps;
  if (step !== undefined) return { kind: 'needed', canonical: step.canonical, step, backup: null };
  const [backup] = backups;
  if (backup !== undefined) {
    const source = backup.step && withoutDigest(backup.step);
    return { kind: 'needed', canonical: source?.canonical ?? backup.canonical, step: source, backup };
  }
  const verdict = verdicts[0]?.verdict;
  if (verdict === undefined || !('reason' in verdict)) throw new TypeError(`no verdict on ${image}`);
  return { kind: 'other', reason: verdict.reason, explanation: verdict.explanation };
}

/** A pinned backup of `nginx:1.25` stands for that tag: whether it moves on is what people ask. */
function withoutDigest(step: CopyStep): CopyStep {
  const { tag, digest } = step.source;
  if (tag === null || digest === null || tag === anchorTag(null, digest)) return step;
  const anchored = anchorTag('', digest);
  const plain = tag.endsWith(anchored) ? tag.slice(0, -anchored.length) : tag;
  const source = { ...step.source, tag: plain, digest: null };
  const canonical = canonicalName(source);
  return { ...step, canonical, source: { ...source, written: canonical } };
}

/** Namespaces were excluded when the cluster was read; line 0 says that no file stands behind it. */
function toUse(image: string, isIgnored: boolean): ImageUse {
  return {
    file: 'live',
    line: 0,
    column: 0,
    range: [0, 0],
    written: image,
    layer: 'pod',
    field: '',
    workload: { apiVersion: '', kind: '', name: null, namespace: null },
    document: 0,
    podSpec: null,
    hold: isIgnored ? 'ignored' : null,
    heldBy: null,
  };
}
