import { parseDocument } from 'yaml';
import { refuse, type Spliced } from './splice.ts';

/**
 * Replaces the value of a scalar inside its own style: plain, quoted, or the one line of a block scalar. `range`
 * is that of the scalar with its quotes, of a block scalar that of its text or of the whole from its header.
 * Refused where the text is not `written` any more, stands on several lines, or `to` is not safe in the style.
 */
export function replaceScalar(
  source: string,
  range: readonly [start: number, end: number],
  written: string,
  to: string,
): Spliced {
  const [start, end] = range;
  const found = source.slice(start, end);
  if (start < 0 || end > source.length || found === '')
    return refuse(Math.min(start, source.length), `"${written}" is not there any more`);
  if (hasControl(to)) return refuse(start, `"${visible(to)}" holds a line end or a control character`);
  if (found === written) return replacePlain(range, isBlockText(source, start), to);
  const quote = found[0];
  if (quote === '"' || quote === "'") return replaceQuoted(found, quote, range, written, to);
  if (quote === '|' || quote === '>') return replaceBlock(source, range, written, to);
  return refuse(start, `the manifest says "${visible(found)}" where "${visible(written)}" was read`);
}

/** Makes the value empty: in quotes, where there are none. */
export function emptyScalar(source: string, range: readonly [number, number], written: string): Spliced {
  const [start, end] = range;
  return source.slice(start, end) === written
    ? { ok: true, splices: [{ start, end, text: '""' }] }
    : replaceScalar(source, range, written, '');
}

function replacePlain(range: readonly [number, number], block: boolean, to: string): Spliced {
  if (!block && !isPlainSafe(to)) return refuse(range[0], `"${to}" needs quotes, and the value has none`);
  return { ok: true, splices: [{ start: range[0], end: range[1], text: to }] };
}

function replaceQuoted(
  found: string,
  quote: '"' | "'",
  range: readonly [number, number],
  written: string,
  to: string,
): Spliced {
  if (found.includes('\n')) return refuse(range[0], 'the value stands on several lines');
  const parsed = parseDocument(found, { schema: 'failsafe', logLevel: 'silent' });
  if (parsed.errors.length > 0 || parsed.toJS() !== written)
    return refuse(range[0], `the manifest says ${visible(found)} where "${visible(written)}" was read`);
  if (to.includes(quote) || (quote === '"' && to.includes('\\')))
    return refuse(range[0], `"${to}" is not safe inside ${quote} quotes`);
  return { ok: true, splices: [{ start: range[0] + 1, end: range[1] - 1, text: to }] };
}

/** A header, one line of text, and nothing but blank lines after it. */
function replaceBlock(
  source: string,
  [start, end]: readonly [number, number],
  written: string,
  to: string,
): Spliced {
  const block = /^[|>][-+0-9]*[ \t]*(?:#[^\r\n]*)?\r?\n([ \t]*)(\S[^\r\n]*)(?:\r?\n[ \t]*)*$/.exec(
    source.slice(start, end),
  );
  const [whole, indent, text] = block ?? [];
  if (whole === undefined || indent === undefined || text === undefined)
    return refuse(start, 'the value stands on several lines');
  if (text !== written.replace(/\n+$/, ''))
    return refuse(start, `the manifest says "${visible(text)}" where "${visible(written)}" was read`);
  const at = start + whole.indexOf('\n') + 1 + indent.length;
  return { ok: true, splices: [{ start: at, end: at + text.length, text: to }] };
}

/** Whether the line above is the header of a block scalar, so that any text is only text. */
function isBlockText(source: string, start: number): boolean {
  let newline = start - 1;
  while (source[newline] === ' ' || source[newline] === '\t') newline--;
  if (source[newline] !== '\n') return false;
  const above = source.slice(source.lastIndexOf('\n', newline - 1) + 1, newline);
  return /(?:^|[\s:-])[|>][-+0-9]*[ \t]*(?:#.*)?\r?$/.test(above);
}

/** Read as another type than a string by YAML 1.1 or 1.2. */
const notString =
  /^(?:~|null|true|false|yes|no|on|off|y|n|<<|=|[-+]?\.(?:inf|nan)|[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.[\d_]+)(?:e[-+]?\d+)?|[-+]?0[xob][\da-f_]+|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?|\d{4}-\d\d?-\d\d?)$/i;

/** Whether a plain scalar says exactly this string wherever it stands, in flow collections too. */
export function isPlainSafe(text: string): boolean {
  return /^[A-Za-z0-9_./$][A-Za-z0-9_./@+~$=:-]*$/.test(text) && !text.endsWith(':') && !notString.test(text);
}

function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(text);
}

/** Text of a manifest for a message: one line, bounded. */
function visible(text: string): string {
  const flat = JSON.stringify(text).slice(1, -1);
  return flat.length > 120 ? `${flat.slice(0, 119)}…` : flat;
}
