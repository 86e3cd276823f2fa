import type { GitHub } from './github.ts';
import { addComment, hasComment, type PullRequest } from './pull-requests.ts';
import { type Situation, take } from './situation.ts';

/**
 * Comments on a request, unless the comment with this mark is there. `first` is done before it and only with it, so
 * that what a person undoes later stays undone, and a run that is killed in between does it again.
 */
export async function sayOnce(
  situation: Situation,
  github: GitHub,
  { number }: Pick<PullRequest, 'number'>,
  { mark, text, why }: { readonly mark: string; readonly text: string; readonly why: string },
  first: () => Promise<void> = async () => {},
): Promise<void> {
  if (await hasComment(github, number, mark)) return;
  await first();
  await take(situation, 'comment', `say on pull request #${number} why ${why}`, () =>
    addComment(github, number, mark, text),
  );
}
