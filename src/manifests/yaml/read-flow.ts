import { foldQuoted, parseJson } from './fold-quoted.ts';
import type { ListItem, ListNode, MapNode, MapPair, ScalarNode, TreeNode } from './tree.ts';

/** A flow value, and where the text goes on after it. */
export interface FlowRead {
  readonly node: TreeNode;
  readonly end: number;
}

const doubleQuoted = /"(?:[^"\\\r\n]|\\[^\r\n])*"/y;
const singleQuoted = /'(?:[^'\r\n]|'')*'/y;
const word = '(?:[A-Za-z0-9_./$=+~@;()&|<>*!%^-]|:(?=[A-Za-z0-9_./$=+~@-]))';
const plain = new RegExp(`(?:[A-Za-z0-9_./$=]|--?[A-Za-z0-9])${word}*(?: ${word}+)*`, 'y');
const plainKey = /[A-Za-z0-9_$/.][A-Za-z0-9_$/.@+~-]*(?=:[ \r\n])/y;
const template = /\{\{ ?[A-Za-z0-9_.]+ ?\}\}/y;
const mostDepth = 60;

/**
 * Reads a flow map or list, as in JSON and KYAML, that begins at `at`. `indent` is that of the block around it, -1
 * for none; every line of the flow must be deeper. Undefined for what is not plainly right: ask `yaml` then.
 */
export function readFlow(text: string, offset: number, at: number, indent: number): FlowRead | undefined {
  const reader = new FlowReader(text, offset, indent);
  const node = reader.readValue(at, 0);
  return node && { node, end: reader.end };
}

class FlowReader {
  readonly #text: string;
  readonly #offset: number;
  readonly #indent: number;
  /** Where the value that was read last ends. */
  end = 0;

  constructor(text: string, offset: number, indent: number) {
    this.#text = text;
    this.#offset = offset;
    this.#indent = indent;
  }

  readValue(at: number, depth: number): TreeNode | undefined {
    const sign = this.#text[at];
    if (depth > mostDepth) return undefined;
    if (sign === '{') return this.#readTemplate(at) ?? this.#readMap(at, depth);
    if (sign === '[') return this.#readList(at, depth);
    if (sign !== '"' && sign !== "'") return this.#readPlain(at);
    return this.#readQuoted(at) ?? this.#readFolded(at);
  }

  /** `{{ .Name }}` is a map with a map for its one key. */
  #readTemplate(start: number): MapNode | undefined {
    template.lastIndex = start;
    const found = template.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.end = start + found.length;
    const pairs = [{ key: '', at: this.#offset + start + 1, value: null, alias: false }];
    return { kind: 'map', start: this.#offset + start, end: this.#offset + this.end, pairs, merged: [] };
  }

  #readMap(start: number, depth: number): MapNode | undefined {
    const pairs: MapPair[] = [];
    let at = this.#skip(start + 1);
    while (this.#text[at] !== '}') {
      const key = this.#readKey(at);
      if (!key || this.#text[this.end] !== ':') return undefined;
      const value = this.readValue(this.#skip(this.end + 1), depth + 1);
      if (!value) return undefined;
      pairs.push({ key: key.value, at: key.start, value, alias: false });
      at = this.#skipComma('}');
      if (at === -1) return undefined;
    }
    this.end = at + 1;
    return { kind: 'map', start: this.#offset + start, end: this.#offset + this.end, pairs, merged: [] };
  }

  #readList(start: number, depth: number): ListNode | undefined {
    const items: ListItem[] = [];
    let at = this.#skip(start + 1);
    while (this.#text[at] !== ']') {
      const value = this.readValue(at, depth + 1);
      if (!value) return undefined;
      items.push({ value, alias: false });
      at = this.#skipComma(']');
      if (at === -1) return undefined;
    }
    this.end = at + 1;
    return { kind: 'list', start: this.#offset + start, end: this.#offset + this.end, items };
  }

  #readKey(at: number): ScalarNode | undefined {
    const sign = this.#text[at];
    if (sign === '"' || sign === "'") return this.#readQuoted(at);
    plainKey.lastIndex = at;
    const found = plainKey.exec(this.#text)?.[0];
    return found === undefined ? undefined : this.#makeScalar(at, found, 'plain', found);
  }

  #readQuoted(at: number): ScalarNode | undefined {
    const double = this.#text[at] === '"';
    const pattern = double ? doubleQuoted : singleQuoted;
    pattern.lastIndex = at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    const inner = found.slice(1, -1);
    if (!double) return this.#makeScalar(at, found, 'quoted', inner.replaceAll("''", "'"));
    const value = inner.includes('\\') ? parseJson(found) : inner;
    return value === undefined ? undefined : this.#makeScalar(at, found, 'quoted', value);
  }

  #readFolded(at: number): ScalarNode | undefined {
    const folded = foldQuoted(this.#text, at, this.#indent);
    return folded && this.#makeScalar(at, this.#text.slice(at, folded.end), 'quoted', folded.value);
  }

  #readPlain(at: number): ScalarNode | undefined {
    plain.lastIndex = at;
    const found = plain.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    // More on this line, or on the next one, would belong to it.
    const next = this.#text[this.#skip(at + found.length)];
    if (next !== ',' && next !== '}' && next !== ']') return undefined;
    return this.#makeScalar(at, found, 'plain', found);
  }

  #makeScalar(at: number, found: string, style: ScalarNode['style'], value: string): ScalarNode {
    this.end = at + found.length;
    return { kind: 'scalar', start: this.#offset + at, end: this.#offset + this.end, style, value };
  }

  /** The next sign after an item: past its comma, if there is one, else the closing bracket; -1 for neither. */
  #skipComma(close: '}' | ']'): number {
    const at = this.#skip(this.end);
    if (this.#text[at] === ',') return this.#skip(at + 1);
    return this.#text[at] === close ? at : -1;
  }

  /** Past white space and comments. A line that is not deep enough ends the text, which nobody takes for a value. */
  #skip(from: number): number {
    let at = from;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x20 || code === 0x0d || (code === 0x09 && this.#indent === -1)) {
        at++;
      } else if (code === 0x0a) {
        const line = at + 1;
        for (at = line; this.#text.charCodeAt(at) === 0x20; at++);
        if (at - line <= this.#indent && !/[\r\n#]/.test(this.#text[at] ?? '')) return this.#text.length;
      } else if (code === 0x23 && at > from) {
        const newline = this.#text.indexOf('\n', at);
        at = newline === -1 ? this.#text.length : newline;
      } else {
        return at;
      }
    }
  }
}
