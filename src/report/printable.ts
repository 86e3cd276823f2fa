/**
 * Text that others wrote (manifests, registries, file names), made harmless for a terminal or a log: control
 * characters and those that reorder a line are shown as escapes. A tab stays.
 */
export function printable(text: string): string {
  return text.replace(/(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\uFEFF]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  return `\\u{${character.charCodeAt(0).toString(16)}}`;
}
