import { z } from 'zod';
import type { Parsed } from '../reference/index.ts';

/** Text that a parser of ours reads; its problem is the message. */
export function parsedBy(parse: (text: string) => Parsed<unknown>) {
  return z.string().check((context) => {
    const parsed = parse(context.value);
    if (!parsed.ok) context.issues.push({ code: 'custom', input: context.value, message: parsed.problem });
  });
}

/** Text in which a check finds no problem; else that is the message. */
export function checkedBy(findProblem: (text: string) => string | null) {
  return z.string().check((context) => {
    const message = findProblem(context.value);
    if (message !== null) context.issues.push({ code: 'custom', input: context.value, message });
  });
}
