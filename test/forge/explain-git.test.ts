import { expect, it } from 'vitest';
import { explainGit } from '../../src/forge/explain-git.ts';

it.each([
  ["fatal: Unable to create '/cache/shallow.lock': File exists.\n\nAnother git process seems to run.\n"],
  ["error: Unable to create '/cache/shallow.lock': File exists\n"],
])('what git says, and we do not know, is one sentence with one end', (said) => {
  expect(explainGit(said, null, false).message).toBe(
    "git could not go on: Unable to create '/cache/shallow.lock': File exists.",
  );
});

it('silence of git is told as that', () => {
  expect(explainGit('\n', null, false).message).toBe('git could not go on: it gave no reason.');
});
