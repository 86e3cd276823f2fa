import { readRefusal } from './explain-github.ts';
import type { GitHub } from './github.ts';

/** Lines of a pull request's head that shall become others. */
export interface Suggestion {
  readonly path: string;
  /** The first of several, which must be in the same hunk; null for one line. */
  readonly startLine: number | null;
  /** 1-based, of the head. It must be in the diff, or GitHub does not take it. */
  readonly line: number;
  readonly body: string;
}

/** GitHub takes a burst of more for abuse. */
const mostSuggestions = 30;

/** A pull request, and what tells the words of one check on it from those of another. */
export interface ReviewedRequest {
  readonly number: number;
  /** Its head commit. */
  readonly head: string;
  /** Hexadecimal: two checks of one request, of other paths or another backup, have a comment each. */
  readonly key: string;
}

/** What became of the suggestions on a request. */
export interface Suggested {
  readonly added: number;
  /** Of an earlier run, and no longer true. */
  readonly removed: number;
}

/**
 * Posts the suggestions as one review, without those that stand there already; where GitHub cannot resolve a line, as
 * several without it. Where they are all that there is to suggest (`isWhole`), those of an earlier run that are not
 * among them go, save where somebody answered. Throws `HoldfastError` when GitHub takes none.
 */
export async function suggestLines(
  github: GitHub,
  { number, head, key }: ReviewedRequest,
  suggestions: readonly Suggestion[],
  isWhole: boolean,
): Promise<Suggested> {
  const at = { ...github.at, pull_number: number };
  return github.ask('comment on the lines of the pull request', async () => {
    const there = await github.paginate(github.rest.pulls.listReviewComments, { ...at, per_page: 100 });
    const ours = there.filter((comment) => isOurs(comment, `suggestion ${key}`));
    const wanted = suggestions.map((one) => ({ ...one, body: sign(one.body, `suggestion ${key}`) }));
    // The same image may stand in many lines of a file. A line that is gone from the diff is null.
    const keyOf = (path: string, start: number | null, line: number | null, body: string): string =>
      JSON.stringify([path, line === null ? null : start, line, normalize(body)]);
    const keyOfWanted = ({ path, startLine, line, body }: Suggestion) => keyOf(path, startLine, line, body);
    const keyOfOurs = ({ path, start_line, line, body }: (typeof ours)[number]) =>
      keyOf(path, start_line ?? null, line ?? null, body);
    const said = new Set(ours.map(keyOfOurs));
    const comments = wanted
      .filter((one) => !said.has(keyOfWanted(one)))
      .slice(0, mostSuggestions)
      .map(({ path, startLine, line, body }) => ({
        path,
        line,
        side: 'RIGHT',
        ...(startLine !== null && { start_line: startLine, start_side: 'RIGHT' }),
        body,
      }));
    const still = new Set(wanted.map(keyOfWanted));
    const answered = new Set(there.map((comment) => comment.in_reply_to_id));
    const isOver = (comment: (typeof ours)[number]): boolean =>
      isWhole && !still.has(keyOfOurs(comment)) && !answered.has(comment.id);
    const over = ours.filter(isOver);
    for (const { id } of over) await github.rest.pulls.deleteReviewComment({ ...github.at, comment_id: id });
    const post = (part: readonly (typeof comments)[number][]) =>
      github.rest.pulls.createReview({ ...at, commit_id: head, event: 'COMMENT', comments: [...part] });
    const added = comments.length === 0 ? 0 : await postHalving(comments, post);
    return { added, removed: over.length };
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

/**
 * Keeps one comment on the pull request: made when there is something to say, updated in place, resolved when that is
 * over, and never made to say that all is well. Answers whether anything was written.
 */
export async function keepComment(
  github: GitHub,
  { number, key }: Omit<ReviewedRequest, 'head'>,
  { body, resolved }: StickyComment,
): Promise<boolean> {
  const issue = { ...github.at, issue_number: number };
  return github.ask('comment on the pull request', async () => {
    const comments = await github.paginate(github.rest.issues.listComments, { ...issue, per_page: 100 });
    const ours =
      comments.find((comment) => isOurs(comment, `review ${key}`)) ??
      // As it was marked before there were keys.
      comments.find((comment) => isOurs(comment, 'review'));
    if (ours === undefined && body === null) return false;
    const wanted = sign(body ?? resolved, `review ${key}`);
    if (ours === undefined) await github.rest.issues.createComment({ ...issue, body: wanted });
    else if (normalize(ours.body ?? '') === normalize(wanted)) return false;
    else await github.rest.issues.updateComment({ ...github.at, comment_id: ours.id, body: wanted });
    return true;
  });
}

/** With a mark that no page shows, by which a later run knows its own words. */
function sign(text: string, mark: string): string {
  return `${text.trimEnd()}\n\n<!-- holdfast ${mark} -->\n`;
}

/** Anybody may write our mark; only a bot, or who may write here anyway, is taken for us. */
function isOurs(
  comment: {
    readonly body?: string;
    readonly user: { readonly type: string } | null;
    readonly author_association?: string;
  },
  mark: string,
): boolean {
  return (
    normalize(comment.body ?? '').endsWith(`<!-- holdfast ${mark} -->`) &&
    (comment.user?.type === 'Bot' ||
      ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(comment.author_association ?? ''))
  );
}

/** GitHub may give other line ends back than it was given. */
function normalize(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}
