import { endGroup, error, notice, startGroup, warning } from '@actions/core';
import { defuse, printable } from '../../report/index.ts';

/** Writes lines to the log of the job. What others wrote may be in them, so that none may become a command. */
export function say(text: string): void {
  for (const line of text.replace(/\n$/, '').split('\n'))
    process.stdout.write(`${defuse(printable(line))}\n`);
}

/** Lines that fold together under a title. */
export async function group<T>(title: string, work: () => Promise<T>): Promise<T> {
  startGroup(printable(title));
  try {
    return await work();
  } finally {
    endGroup();
  }
}

/** GitHub shows ten annotations of a level for a step and drops the rest without a word; two are for what comes after. */
const shown = 8;

/** What a person should see without opening the log; escaped by `@actions/core`. */
export function annotate(level: 'error' | 'warning' | 'notice', sentences: readonly string[]): void {
  const write = { error, warning, notice }[level];
  const more = sentences.length - shown;
  for (const sentence of sentences.slice(0, shown)) write(printable(sentence), { title: 'holdfast' });
  if (more <= 0) return;
  write(`${more} more in the log and the job summary`, { title: 'holdfast' });
  for (const sentence of sentences.slice(shown)) say(sentence);
}
