/** Every kind that a text may say of an object, and words that are none: to look for keys is much cheaper than to parse. */
export function listKinds(text: string): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (let at = text.indexOf('kind'); at !== -1; at = text.indexOf('kind', at + 4)) {
    value.lastIndex = at + 4;
    const kind = value.exec(text)?.[1];
    if (kind !== undefined) kinds.add(kind);
  }
  return kinds;
}

/** A colon, maybe an anchor or a tag, and a word. */
const value = /['"]?\s*:\s*(?:[&!]\S*\s+)*['"]?(\w+)/y;
