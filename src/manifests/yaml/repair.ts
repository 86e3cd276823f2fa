/** A text with spaces inserted, and the way back from its offsets. */
export interface Repaired {
  readonly text: string;
  /** Offset in the given text. */
  toGiven(offset: number): number;
}

/**
 * Indents the continuation lines of quoted scalars and flow collections that do not stand deeper than their key.
 * libyaml, and with it kubectl, reads them; YAML 1.2 and the `yaml` package do not, and lose what follows. White
 * space at the start of such lines means nothing, so that every value stays the same. Null when there are none.
 */
export function indentContinuations(text: string): Repaired | null {
  const inserts: { readonly at: number; readonly spaces: number }[] = [];
  let at = 0;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const value = opening.exec(line);
    const block = blockHeader.exec(line);
    if (value) {
      const [before = '', prefix = ''] = value;
      const close = findClose(text, at + before.length - 1);
      for (let next = end + 1; next <= close; next = lineEnd(text, next) + 1) {
        const indent = countSpaces(text, next);
        const blank = /^[\r\n]?$/.test(text[next + indent] ?? '');
        if (!blank && indent <= prefix.length) inserts.push({ at: next, spaces: prefix.length + 1 - indent });
      }
      at = lineEnd(text, close) + 1;
    } else if (block) {
      at = skipBlock(text, end + 1, Math.min(block.index, countSpaces(text, at)));
    } else {
      at = end + 1;
    }
  }
  return inserts.length === 0 ? null : insertSpaces(text, inserts);
}

/** What stands before a quote or a bracket; no part of it can take what the next one takes, so that no line is slow. */
const opening = /^([ ]*(?:-[ ]+)*)(?:(?:[^\s'"#{}[\]&*!|>%@`-][^#]*?|"[^"]*"[ ]*|'[^']*'[ ]*):[ ]+)?(["'{[])/;
const blockHeader = /(?:^|[ :])[|>][-+0-9]*[ \t]*(?:#.*)?\r?$/;

function insertSpaces(
  text: string,
  inserts: readonly { readonly at: number; readonly spaces: number }[],
): Repaired {
  let repaired = '';
  let from = 0;
  for (const { at, spaces } of inserts) {
    repaired += text.slice(from, at) + ' '.repeat(spaces);
    from = at;
  }
  repaired += text.slice(from);
  return {
    text: repaired,
    toGiven(offset) {
      let shift = 0;
      for (const { at, spaces } of inserts) {
        if (at + shift >= offset) break;
        shift += Math.min(spaces, offset - at - shift);
      }
      return offset - shift;
    },
  };
}

/** Offset of the sign that closes the quote or bracket at `open`; the end of the text when none does. */
function findClose(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"' || sign === "'") {
      at = closeQuote(text, at);
    } else if (sign === '#' && /\s/.test(text[at - 1] ?? '')) {
      at = lineEnd(text, at);
    } else if (sign === '{' || sign === '[') {
      depth++;
    } else if (sign === '}' || sign === ']') {
      depth--;
    }
    if (depth === 0) return at;
  }
  return text.length;
}

function closeQuote(text: string, open: number): number {
  const quote = text[open];
  for (let at = open + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++;
    else if (text[at] === quote) {
      if (quote === '"' || text[at + 1] !== quote) return at;
      at++;
    }
  }
  return text.length;
}

/** The first line that is not deeper than the block scalar's parent. */
function skipBlock(text: string, from: number, parent: number): number {
  let at = from;
  while (at < text.length) {
    const indent = countSpaces(text, at);
    const sign = text[at + indent];
    if (sign !== '\n' && sign !== '\r' && sign !== undefined && indent <= parent) return at;
    at = lineEnd(text, at) + 1;
  }
  return at;
}

function countSpaces(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ') end++;
  return end - at;
}

function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : newline;
}
