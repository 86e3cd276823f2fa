const entry = /^ {2}\S[^\n]*:\n {4}\{[^\n]*\}\n/gm;

/**
 * The entries of a lock file as `formatLock` writes it, each as a lock file of its own: the same entry of many versions
 * has the same text, and is read once. Null for another form, which has to be read whole.
 */
export function splitLock(text: string): readonly string[] | null {
  const rest = text.replace(entry, '').replace(/^\s*(?:#[^\n]*)?\n/gm, '');
  if (rest !== 'version: 1\nimages:\n' && rest !== 'version: 1\nimages: {}\n') return null;
  return (text.match(entry) ?? []).map((chunk) => `version: 1\nimages:\n${chunk}`);
}
