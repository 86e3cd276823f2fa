import type { CommitFacts } from './types.ts';

/** What a commit of ours says about itself in its trailers. */
export interface CommitMark {
  readonly fingerprint: string;
  /** The base commit it was made on, and the tree it was made with. */
  readonly base: string;
  readonly tree: string;
}

export function formatCommitMessage(title: string, mark: CommitMark): string {
  const subject = title.replace(/\s+/g, ' ').trim();
  return [
    subject,
    '',
    `Holdfast-Fingerprint: ${mark.fingerprint}`,
    `Holdfast-Base: ${mark.base}`,
    `Holdfast-Tree: ${mark.tree}`,
    '',
  ].join('\n');
}

/**
 * The mark of a commit that is ours and untouched; null for any other. The trailers name the commit's own tree and
 * only parent: an amended or rebased commit no longer fits them, and since that parent was the head of the base,
 * nothing of a person's can stand below. So the head alone tells that no commit of the branch is a person's. The
 * author would not: `github-actions[bot]` is shared by every workflow.
 */
export function readCommitMark(commit: CommitFacts): CommitMark | null {
  const mark = {
    fingerprint: trailer(commit.message, 'Fingerprint'),
    base: trailer(commit.message, 'Base'),
    tree: trailer(commit.message, 'Tree'),
  };
  if (mark.tree !== commit.tree || commit.parents.length !== 1 || mark.base !== commit.parents[0])
    return null;
  return mark;
}

function trailer(message: string, name: string): string {
  return new RegExp(`^Holdfast-${name}: ([0-9a-f]+)$`, 'm').exec(message)?.[1] ?? '';
}
