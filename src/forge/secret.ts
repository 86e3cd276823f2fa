import { inspect } from 'node:util';

/**
 * A value for a child's environment that no log shows. simple-git prints the whole environment of each child when
 * `DEBUG` names it; this prints as `***` there, and is still turned into its text when the child is started.
 */
export function hideSecret(text: string): string {
  const hidden = {
    toString: () => text,
    toJSON: () => '***',
    [inspect.custom]: () => '***',
  };
  // Node builds the child's environment with template strings, so that an object with a text will do.
  return hidden as unknown as string;
}

/** Takes every one of `secrets` out of a text that is about to be shown. */
export function redact(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) if (secret !== '') shown = shown.replaceAll(secret, '***');
  return shown;
}
