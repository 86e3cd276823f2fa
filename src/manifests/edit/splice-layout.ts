import { isMap, isScalar, isSeq, type Node } from 'yaml';

/** Where the line of an offset begins; a BOM is not part of the first line. */
export function startOfLine(source: string, offset: number): number {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return start === 0 && offset > 0 && source.charCodeAt(0) === 0xfeff ? 1 : start;
}

/** Where the line of an offset ends, before its CRLF or LF. */
export function endOfLine(source: string, offset: number): number {
  const newline = source.indexOf('\n', offset);
  if (newline === -1) return source.length;
  return newline > offset && source[newline - 1] === '\r' ? newline - 1 : newline;
}

/** The line end of an offset's line; of the line before where it is the last; LF where there is but one line. */
export function lineEndNear(source: string, offset: number): '\r\n' | '\n' {
  let newline = source.indexOf('\n', offset);
  if (newline === -1) newline = source.lastIndexOf('\n', offset - 1);
  return newline > 0 && source[newline - 1] === '\r' ? '\r\n' : '\n';
}

/** 0-based column of an offset. */
export function columnOf(source: string, offset: number): number {
  return offset - startOfLine(source, offset);
}

/** Where the last thing that belongs to a node ends, without the comments and blank lines after it. */
export function endOfNode(node: Node | null | undefined, otherwise: number): number {
  if (!node) return otherwise;
  const end = node.range?.[1] ?? otherwise;
  if (isMap<Node, Node | null>(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last ? endOfNode(last.value, endOfNode(last.key, end)) : end;
  }
  if (isSeq<Node | null>(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last ? endOfNode(last, end) : end;
  }
  return end;
}

/** A block scalar ends after its last line end, every other node within its last line. */
export function insertLinesAfter(
  source: string,
  node: Node | null | undefined,
  otherwise: number,
  lines: readonly string[],
): { readonly start: number; readonly end: number; readonly text: string } {
  const end = endOfNode(node, otherwise);
  const eol = lineEndNear(source, otherwise);
  if (end > 0 && source[end - 1] === '\n') {
    return { start: end, end, text: lines.map((line) => line + eol).join('') };
  }
  const at = endOfLine(source, end);
  return { start: at, end: at, text: lines.map((line) => eol + line).join('') };
}

/** The source of a scalar key; quotes are not part of it. */
export function keyText(key: Node | null | undefined): string | null {
  if (!isScalar(key)) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? null);
}

export function isMergeKey(key: Node | null | undefined): boolean {
  return isScalar(key) && typeof key.value === 'symbol' && key.value.description === '<<';
}
