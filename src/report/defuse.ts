/**
 * Text of one line or more for the log of a job. The runner obeys a line that starts with `::`, and `##[` wherever it
 * stands (actions/runner, ActionCommand.cs): a character without width keeps both apart. It trims more white space
 * than `\s` has.
 */
export function defuse(text: string): string {
  return text.replaceAll('##[', '##\u200B[').replace(/^([\s\x85]*):(?=:)/gm, '$1:\u200B');
}
