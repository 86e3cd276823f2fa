import { readRefusal } from './explain-github.ts';
import type { GitHub } from './github.ts';

/** A line of a pull request's head that shall become another one. */
export interface Suggestion {
  readonly path: string;
  /** 1-based, of the head. It must be in the diff, or GitHub does not take it. */
  readonly line: number;
  readonly body: string;
}

/** GitHub takes a burst of more for abuse. */
const mostSuggestions = 30;

/**
 * Posts the suggestions as one review, without those that stand there already; where GitHub cannot resolve a line, as
 * several without it. Answers how many are new. Throws `HoldfastError` when GitHub takes none.
 */
export async function suggestLines(
  github: GitHub,
  request: { readonly number: number; readonly head: string },
  suggestions: readonly Suggestion[],
): Promise<number> {
  if (suggestions.length === 0) return 0;
  const at = { ...github.at, pull_number: request.number };
  return github.ask('comment on the lines of the pull request', async () => {
    const there = await github.paginate(github.rest.pulls.listReviewComments, { ...at, per_page: 100 });
    const said = new Set(there.map(({ path, body }) => `${path}\n${normalize(body)}`));
    const comments = suggestions
      .filter(({ path, body }) => !said.has(`${path}\n${normalize(body)}`))
      .slice(0, mostSuggestions)
      .map((suggestion) => ({ ...suggestion, side: 'RIGHT' }));
    if (comments.length === 0) return 0;
    return postHalving(comments, (part) =>
      github.rest.pulls.createReview({
        ...at,
        commit_id: request.head,
        event: 'COMMENT',
        comments: [...part],
      }),
    );
  });
}

/** GitHub refuses a whole review for one line: halves are tried until the line stands alone. */
async function postHalving<T>(
  comments: readonly T[],
  post: (part: readonly T[]) => Promise<unknown>,
): Promise<number> {
  try {
    await post(comments);
    return comments.length;
  } catch (error) {
    const refusal = readRefusal(error);
    if (refusal?.status !== 422 || !/could not be resolved/i.test(refusal.said)) throw error;
    if (comments.length === 1) throw error;
    const middle = Math.ceil(comments.length / 2);
    let posted = 0;
    for (const part of [comments.slice(0, middle), comments.slice(middle)])
      posted += await postHalving(part, post).catch((again: unknown) => {
        if (readRefusal(again)?.status === 422) return 0;
        throw again;
      });
    if (posted === 0) throw error;
    return posted;
  }
}

export interface StickyComment {
  /** What there is to say; null when all is well. */
  readonly body: string | null;
  /** What an earlier comment becomes when all is well again. */
  readonly resolved: string;
}

const mark = '<!-- holdfast review -->';

/**
 * Keeps one comment on the pull request: made when there is something to say, updated in place, resolved when that is
 * over, and never made to say that all is well. Answers whether anything was written.
 */
export async function keepComment(
  github: GitHub,
  number: number,
  { body, resolved }: StickyComment,
): Promise<boolean> {
  const issue = { ...github.at, issue_number: number };
  return github.ask('comment on the pull request', async () => {
    const comments = await github.paginate(github.rest.issues.listComments, { ...issue, per_page: 100 });
    // Anybody may write our mark; only a bot, or who may write here anyway, is taken for us.
    const ours = comments.find(
      (comment) =>
        comment.body?.includes(mark) === true &&
        (comment.user?.type === 'Bot' ||
          ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(comment.author_association)),
    );
    if (ours === undefined && body === null) return false;
    const wanted = `${(body ?? resolved).trimEnd()}\n\n${mark}\n`;
    if (ours === undefined) await github.rest.issues.createComment({ ...issue, body: wanted });
    else if (normalize(ours.body ?? '') === normalize(wanted)) return false;
    else await github.rest.issues.updateComment({ ...github.at, comment_id: ours.id, body: wanted });
    return true;
  });
}

/** GitHub may give other line ends back than it was given. */
function normalize(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}
