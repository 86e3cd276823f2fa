/**
 * Text of one line or more for the log of a job. The runner obeys a line that starts with `::`, and `##[` wherever it
 * stands (actions/runner, ActionCommand.cs): a character without width keeps both apart.
 */
export function defuse(text: string): string {
  return text.replaceAll('##[', '##\u200B[').replace(/^(\s*):(?=:)/gm, '$1:\u200B');
}
