/**
 * What a quoted scalar over several lines says, and where it ends: line ends and the spaces around them are one space,
 * and empty lines are line ends (YAML 1.2.2 § 7.3). `indent` is that of the block around it; every line must be deeper.
 * Undefined for what is not plainly right, tabs and the escapes that JSON lacks among it: ask `yaml` then.
 */
export function foldQuoted(
  text: string,
  at: number,
  indent: number,
): { readonly value: string; readonly end: number } | undefined {
  const double = text[at] === '"';
  const pattern = double ? doubleQuoted : singleQuoted;
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  // An escaped space at the end of a line would not be trimmed.
  if (found === undefined || found.includes('\t') || found.includes('\\ ')) return undefined;
  const [first = '', ...rest] = found.slice(1, -1).split(/\r?\n/);
  let value = trimEnd(first);
  let empty = 0;
  for (const [index, line] of rest.entries()) {
    const last = index === rest.length - 1;
    const content = line.replace(/^ +/, '');
    if (line.length - content.length <= indent && (content !== '' || last)) return undefined;
    if (content === '' && !last) {
      empty++;
      continue;
    }
    value += empty === 0 ? ' ' : (double ? '\\n' : '\n').repeat(empty);
    value += last ? content : trimEnd(content);
    empty = 0;
  }
  const read = double ? parseJson(`"${value}"`) : value.replaceAll("''", "'");
  return read === undefined ? undefined : { value: read, end: at + found.length };
}

const doubleQuoted = /"(?:[^"\\]|\\[^\r\n])*"/y;
const singleQuoted = /'(?:[^']|'')*'/y;

function trimEnd(line: string): string {
  return line.replace(/ +$/, '');
}

/** The escapes of JSON are YAML's, too; those that YAML adds are left to `yaml`. */
export function parseJson(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
