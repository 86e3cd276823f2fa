import { parseDocument } from 'yaml';
import { foldQuoted, parseJson } from './fold-quoted.ts';
import { readFlow } from './read-flow.ts';
import type { YamlTree } from './read-yaml.ts';
import type { ListItem, ListNode, MapNode, MapPair, ScalarNode, TreeNode } from './tree.ts';

/** Thrown where a document leaves the subset; it says nothing of the document but that. */
const beyond = new Error('not plain block style');

/**
 * Reads what nearly every manifest is made of: block maps and lists, one-line scalars and their aliases, block
 * scalars, flow collections, comments. It is many times faster than the whole of YAML and gives the very same tree,
 * but that maps and lists have no end. Undefined for anything else, errors included: ask `yaml` then. Where it is
 * `loose`, lines that go on with a value need not be deeper.
 */
export function readBlock(text: string, offset: number, loose = false): YamlTree | undefined {
  const carriage = text.indexOf('\r');
  if (carriage !== -1 && /\r(?!\n)/.test(text)) return undefined;
  try {
    return new BlockReader(text, offset, loose).read();
  } catch (error) {
    // A line of megabytes is beyond the patterns, too.
    if (error === beyond || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Keys whose values somebody asks for, and which are not read from text in blocks. */
const asked =
  /^(?:image|reference|apiVersion|kind|name|namespace|holdfast\.dev\/ignore|mac|mac_only_encrypted|path|imageName|namePattern|newName|newTag|digest|tagSuffix|repository|registry|tag|hub|op|serviceAccount(?:Name)?|argocd-image-updater\.argoproj\.io\/image-list)$/;
const plainKey = /[A-Za-z0-9_$/.][A-Za-z0-9_$/.@+~-]*(?=:(?:[ \r\n]|$))/y;
const quotedKey = /"([^"\\\r\n]*)"(?=:(?:[ \r\n]|$))|'([^'\r\n]*)'(?=:(?:[ \r\n]|$))/y;
const blockHeader = /[|>][-+]?[ ]*(?:(?<= )#[^\r\n]*)?(?=\r?\n|$)/y;
const anchor = /&([A-Za-z0-9_-]+) +(?=[A-Za-z0-9"'/.$])/y;
/** What no plain scalar begins with. */
const noPlain = /[-?:](?:[ \r\n]|$)|[,\]}#&*!%@`]/y;
/** An anchor with nothing after it: on the map or list below. */
const lineAnchor = /&([A-Za-z0-9_-]+)(?= *\r?\n| +#)/y;
const aliasKey = /\*([A-Za-z0-9_-]+) +(?=:(?:[ \r\n]|$))/y;
const alias = /\*([A-Za-z0-9_-]+)(?=[ \r\n]|$)/y;
const mostDepth = 60;

/** What a block scalar says, from its header on; its indentation is that of its first line. */
function readBlockText(source: string): string {
  const literal = readLiteral(source);
  if (literal !== null) return literal;
  const value = parseDocument(`text: ${source}`, { schema: 'failsafe', logLevel: 'silent' }).get('text');
  return typeof value === 'string' ? value : '';
}

/** The usual case: `|`, `|-` or `|+` over lines that have text, or nothing at all. */
function readLiteral(source: string): string | null {
  const header = /^\|([-+]?)[ ]*(?:#[^\r\n]*)?\n( *)[^ \n\t]/.exec(source);
  if (!header || source.includes('\r') || source.includes('\t')) return null;
  const indent = header[2]?.length ?? 0;
  const lines = source.slice(source.indexOf('\n') + 1).split('\n');
  const text = lines.map((line) => line.slice(indent)).join('\n');
  if (header[1] === '+') return text;
  const trimmed = text.replace(/\n+$/, '');
  return header[1] === '-' || !text.endsWith('\n') ? trimmed : `${trimmed}\n`;
}

class BlockReader {
  readonly #text: string;
  readonly #offset: number;
  readonly #loose: boolean;
  /** Offset of the first sign of the current line that is no space; the end of the text when there is none. */
  #at = 0;
  /** Spaces before it; -1 at the end of the text. */
  #indent = 0;
  #depth = 0;
  readonly #anchors = new Map<string, TreeNode>();
  #aliased = false;

  constructor(text: string, offset: number, loose: boolean) {
    this.#text = text;
    this.#offset = offset;
    this.#loose = loose;
  }

  read(): YamlTree {
    const start = this.#text.charCodeAt(0) === 0xfeff ? 1 : 0;
    this.#toLine(start);
    if (this.#indent === 0 && this.#text.startsWith('---', this.#at)) this.#endLine(this.#at + 3);
    if (this.#indent === -1) return { root: null, aliased: false };
    const flow = this.#text[this.#at] === '{' || this.#text[this.#at] === '[';
    const root = flow ? this.#readFlow(this.#at, -1) : this.#readNode(-1);
    if (this.#indent !== -1) throw beyond;
    return { root, aliased: this.#aliased };
  }

  /** Goes to the next line, from `start` on, that has more than a comment. */
  #toLine(start: number): void {
    let lineStart = start;
    for (;;) {
      let at = lineStart;
      while (this.#text.charCodeAt(at) === 0x20) at++;
      const code = this.#text.charCodeAt(at);
      if (at >= this.#text.length) {
        this.#at = this.#text.length;
        this.#indent = -1;
        return;
      }
      if (code === 0x09) throw beyond;
      if (code !== 0x0a && code !== 0x0d && code !== 0x23) {
        this.#at = at;
        this.#indent = at - lineStart;
        return;
      }
      const newline = this.#text.indexOf('\n', at);
      lineStart = newline === -1 ? this.#text.length : newline + 1;
    }
  }

  /** Nothing but spaces and a comment may follow on the line. */
  #endLine(from: number): void {
    let at = from;
    while (this.#text.charCodeAt(at) === 0x20) at++;
    const code = this.#text.charCodeAt(at);
    const newline = this.#text.indexOf('\n', at);
    const ended = at >= this.#text.length || code === 0x0a || code === 0x0d || (code === 0x23 && at > from);
    if (!ended) throw beyond;
    this.#toLine(newline === -1 ? this.#text.length : newline + 1);
  }

  /** The map or list that begins on the current line, which must be deeper than `parent`. */
  #readNode(parent: number): TreeNode {
    if (this.#indent <= parent || ++this.#depth > mostDepth) throw beyond;
    const node = this.#isDash() ? this.#readList(this.#indent) : this.#readMap(this.#indent);
    this.#depth--;
    return node;
  }

  #isDash(): boolean {
    if (this.#text.charCodeAt(this.#at) !== 0x2d) return false;
    const next = this.#text.charCodeAt(this.#at + 1);
    return next === 0x20 || next === 0x0a || next === 0x0d || Number.isNaN(next);
  }

  #readList(indent: number): ListNode {
    const start = this.#offset + this.#at;
    const items: ListItem[] = [];
    while (this.#indent === indent && this.#isDash()) {
      let at = this.#at + 1;
      while (this.#text.charCodeAt(at) === 0x20) at++;
      items.push({ value: this.#readItem(indent, at), alias: this.#text[at] === '*' });
    }
    if (this.#indent > indent) throw beyond;
    return { kind: 'list', start, end: start, items };
  }

  #readItem(indent: number, at: number): TreeNode | null {
    const code = this.#text.charCodeAt(at);
    if (code === 0x0a || code === 0x0d || code === 0x23 || at >= this.#text.length) {
      this.#endLine(this.#at + 1);
      return this.#indent > indent ? this.#readNode(indent) : null;
    }
    const column = indent + at - this.#at;
    const dash = code === 0x2d && /[ \r\n]/.test(this.#text[at + 1] ?? '\n');
    if (!dash && this.#matchKey(at) === null) return this.#readScalar(at, indent, '');
    this.#at = at;
    this.#indent = column;
    return this.#readNode(indent);
  }

  #readMap(indent: number): MapNode {
    const start = this.#offset + this.#at;
    const pairs: MapPair[] = [];
    while (this.#indent === indent) {
      const key = this.#matchKey(this.#at);
      if (key === null) throw beyond;
      const at = this.#offset + this.#at;
      const value = this.#readValue(key.end + 1, indent, key.name);
      pairs.push({ key: key.name, at, value, alias: value !== null && value.start < at });
    }
    if (this.#indent > indent) throw beyond;
    return { kind: 'map', start, end: start, pairs, merged: [] };
  }

  /** The key at an offset, and where its colon stands. */
  #matchKey(at: number): { name: string; end: number } | null {
    plainKey.lastIndex = at;
    if (plainKey.test(this.#text))
      return { name: this.#text.slice(at, plainKey.lastIndex), end: plainKey.lastIndex };
    quotedKey.lastIndex = at;
    const quoted = quotedKey.exec(this.#text);
    if (quoted) return { name: quoted[1] ?? quoted[2] ?? '', end: at + quoted[0].length };
    return this.#text[at] === '*' ? this.#matchAliasKey(at) : null;
  }

  /** `*app :` */
  #matchAliasKey(at: number): { name: string; end: number } | null {
    aliasKey.lastIndex = at;
    const found = aliasKey.exec(this.#text);
    const node = this.#anchors.get(found?.[1] ?? '');
    if (!found || node?.kind !== 'scalar') return null;
    this.#aliased = true;
    return { name: node.value, end: at + found[0].length };
  }

  #readValue(after: number, indent: number, key: string): TreeNode | null {
    let at = after;
    while (this.#text.charCodeAt(at) === 0x20) at++;
    const code = this.#text.charCodeAt(at);
    if (code !== 0x0a && code !== 0x0d && code !== 0x23 && at < this.#text.length) {
      return this.#readScalar(at, indent, key);
    }
    return this.#readBelow(after, indent);
  }

  /** What stands on the lines below a key. */
  #readBelow(after: number, indent: number): TreeNode | null {
    this.#endLine(after);
    if (this.#indent > indent) return this.#readNode(indent);
    if (this.#indent < indent || !this.#isDash()) return null;
    if (++this.#depth > mostDepth) throw beyond;
    const list = this.#readList(indent);
    this.#depth--;
    return list;
  }

  /** A value that begins on the line of its key or dash. */
  #readScalar(at: number, indent: number, key: string): TreeNode {
    switch (this.#text[at]) {
      case '"':
      case "'":
        return this.#readQuoted(at, indent);
      case '|':
      case '>':
        return this.#readBlockScalar(at, indent, key);
      case '&':
        return this.#readAnchored(at, indent, key);
      case '*':
        return this.#readAlias(at, indent);
      case '[':
      case '{':
        return this.#readFlow(at, indent);
      default:
        return this.#readPlain(at, indent);
    }
  }

  /** An anchor on a scalar, or on the map or list below a key. */
  #readAnchored(at: number, indent: number, key: string): TreeNode {
    lineAnchor.lastIndex = at;
    const line = lineAnchor.exec(this.#text);
    if (line) {
      const below = key === '' ? null : this.#readBelow(at + line[0].length, indent);
      if (!below) throw beyond;
      this.#anchors.set(line[1] ?? '', below);
      return below;
    }
    anchor.lastIndex = at;
    const found = anchor.exec(this.#text);
    if (!found) throw beyond;
    const node = this.#readScalar(at + found[0].length, indent, key);
    if (node.kind !== 'scalar' || node.style === 'block') throw beyond;
    this.#anchors.set(found[1] ?? '', node);
    return node;
  }

  #readAlias(at: number, indent: number): TreeNode {
    alias.lastIndex = at;
    const found = alias.exec(this.#text);
    const node = this.#anchors.get(found?.[1] ?? '');
    if (!found || !node) throw beyond;
    this.#endLine(at + found[0].length);
    if (this.#indent > indent) throw beyond;
    this.#aliased = true;
    return node;
  }

  #readPlain(at: number, indent: number): ScalarNode {
    noPlain.lastIndex = at;
    if (noPlain.test(this.#text)) throw beyond;
    const newline = this.#text.indexOf('\n', at);
    let value = this.#text.slice(at, newline === -1 ? undefined : newline);
    const comment = value.indexOf(' #');
    if (comment !== -1) value = value.slice(0, comment);
    value = value.trimEnd();
    if (value.includes(': ') || value.endsWith(':') || value.includes('\t')) throw beyond;
    this.#endLine(at + value.length);
    // A deeper line would go on with the scalar.
    if (this.#indent > indent) throw beyond;
    return this.#makeScalar(at, at + value.length, 'plain', value);
  }

  #readQuoted(at: number, indent: number): ScalarNode {
    const newline = this.#text.indexOf('\n', at);
    const line = this.#text.slice(at, newline === -1 ? undefined : newline);
    const quoted = /^"(?:[^"\\]|\\.)*"|^'(?:[^']|'')*'/.exec(line)?.[0];
    if (quoted === undefined) return this.#readFolded(at, indent);
    let value = quoted.slice(1, -1);
    if (quoted.startsWith("'")) value = value.replaceAll("''", "'");
    else if (value.includes('\\')) {
      const read = parseJson(quoted);
      if (read === undefined) throw beyond;
      value = read;
    }
    this.#endLine(at + quoted.length);
    if (this.#indent > indent) throw beyond;
    return this.#makeScalar(at, at + quoted.length, 'quoted', value);
  }

  /** A quoted scalar over several lines. */
  #readFolded(at: number, indent: number): ScalarNode {
    const folded = foldQuoted(this.#text, at, this.#loose ? -1 : indent);
    if (!folded) throw beyond;
    this.#endLine(folded.end);
    if (this.#indent > indent) throw beyond;
    return this.#makeScalar(at, folded.end, 'quoted', folded.value);
  }

  #readBlockScalar(at: number, indent: number, key: string): ScalarNode {
    blockHeader.lastIndex = at;
    if (asked.test(key) || !blockHeader.test(this.#text)) throw beyond;
    let lineStart = this.#text.indexOf('\n', at) + 1;
    if (lineStart === 0) lineStart = this.#text.length;
    let body = -1;
    let emptyBefore = 0;
    while (lineStart < this.#text.length) {
      let first = lineStart;
      while (this.#text.charCodeAt(first) === 0x20) first++;
      const code = this.#text.charCodeAt(first);
      const spaces = first - lineStart;
      const empty = code === 0x0a || code === 0x0d || first >= this.#text.length;
      if (!empty && spaces <= indent) break;
      if (empty && body === -1) emptyBefore = Math.max(emptyBefore, spaces);
      if (!empty && body === -1) body = spaces;
      // Less deep than the first line, and still deeper than the key: an error, or a comment.
      if (!empty && spaces < body) throw beyond;
      const newline = this.#text.indexOf('\n', first);
      lineStart = newline === -1 ? this.#text.length : newline + 1;
    }
    if (body !== -1 && emptyBefore > body) throw beyond;
    this.#toLine(lineStart);
    const source = this.#text.slice(at, lineStart);
    const [start, end] = [this.#offset + at, this.#offset + lineStart];
    // Most text in blocks is read by nobody.
    let read: string | null = null;
    return {
      kind: 'scalar',
      start,
      end,
      style: 'block',
      get value() {
        read ??= readBlockText(source);
        return read;
      },
    };
  }

  #readFlow(at: number, indent: number): TreeNode {
    const flow = readFlow(this.#text, this.#offset, at, this.#loose ? -1 : indent);
    if (!flow) throw beyond;
    this.#endLine(flow.end);
    if (this.#indent > indent && indent !== -1) throw beyond;
    return flow.node;
  }

  #makeScalar(start: number, end: number, style: ScalarNode['style'], value: string): ScalarNode {
    return { kind: 'scalar', start: this.#offset + start, end: this.#offset + end, style, value };
  }
}
