/**
 * True when a text may hold an image that a form knows. Anything else need not be parsed. The words are parts of
 * the keys: `containers`, `initContainers`, `ephemeralContainers`; an image volume has `image` and `reference`.
 */
export function mayHoldImage(text: string): boolean {
  if (!text.includes('image')) return false;
  return text.includes('ontainers') || (text.includes('reference') && text.includes('volumes'));
}

/** A CustomResourceDefinition of its own, by its first lines of column 0; the walk knows those inside a List. */
export function isCustomResourceDefinition(text: string): boolean {
  return /^kind:[ \t]*['"]?CustomResourceDefinition\b/m.test(text);
}
