/** A name in values, as templates put it together: where its repository is, and the keys beside it. */
export interface TemplateName {
  /** `web.image.repository`, or that of one whole reference. */
  readonly path: string;
  /** Keys of the same map that say other parts of it; none for a whole reference. */
  readonly keys: readonly string[];
  /** The key of its registry; null where the values say none. */
  readonly registry: string | null;
  /** Whether some values may say what stands at another path, as templates ask before they join it. */
  readonly mayBeSaid: (path: string) => boolean;
}

/** A template of a chart, which is taken apart once, however many names are looked for. */
export class Template {
  readonly text: string;
  #joined: readonly (readonly Piece[])[] | null = null;
  #known: ReadonlyMap<string, string> | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** What stands side by side in the output. */
  get joined(): readonly (readonly Piece[])[] {
    // As the template engine does, over ends of lines, too.
    const near = () => this.text.replaceAll(/(?<!\s)\s+\{\{-/g, '{{-').replaceAll(/-\}\}\s+/g, '-}}');
    this.#joined ??= [...near().matchAll(run)].flatMap(([found]) =>
      found.includes('{{') ? splitJoined(splitPieces(found)) : [],
    );
    return this.#joined;
  }

  /** Variables, and what they stand for. */
  get known(): ReadonlyMap<string, string> {
    this.#known ??= readVariables(this.text);
    return this.#known;
  }
}

/** Whether templates of a chart join more to the name than its own parts. What is not understood counts as more. */
export function addsToName(templates: readonly Template[], name: TemplateName): boolean {
  const judge = new NameJudge(name, templates);
  return templates.some((template) => judge.addsIn(template));
}

/** Text and actions without white space or quotes between them. */
const run = /(?:[^\s"'`{}]|\{\{(?:[^}]|\}(?!\}))*\}\})+/g;
const action = /\{\{-?((?:[^}]|\}(?!\}))*?)-?\}\}/g;
const control = /^(?:if|else|end|with|range|define|block|template|\/\*)\b|^\/\*/;

interface Piece {
  readonly text: string;
  readonly isAction: boolean;
}

class NameJudge {
  readonly #name: TemplateName;
  readonly #map: string;
  readonly #key: string;
  /** The map, or one around it, is handed on, so that paths may start from it. */
  readonly #isHanded: boolean;

  constructor(name: TemplateName, templates: readonly Template[]) {
    this.#name = name;
    const keys = name.path.split('.');
    this.#key = keys.at(-1) ?? '';
    this.#map = keys.slice(0, -1).join('.');
    const around = keys.slice(0, -1).map((_, index) => keys.slice(0, index + 1).join('\\.'));
    const handed = around.length === 0 ? null : new RegExp(`\\.Values\\.(?:${around.join('|')})(?![\\w.])`);
    this.#isHanded = handed !== null && templates.some(({ text }) => handed.test(text));
  }

  addsIn(template: Template): boolean {
    if (!template.text.includes(this.#key)) return false;
    return template.joined.some((pieces) => this.#adds(pieces, template.known));
  }

  #adds(pieces: readonly Piece[], known: ReadonlyMap<string, string>): boolean {
    const controls = pieces.filter(({ text, isAction }) => isAction && control.test(text));
    const said = pieces.filter((piece) => !controls.includes(piece));
    const flat = said.flatMap((piece) => (piece.isAction ? openAction(piece.text, known) : piece));
    const isName = flat.map(({ text, isAction }) => isAction && this.#saysName(text));
    if (!isName.includes(true)) return false;
    const asks = controls.map(({ text }) => text).join(' ');
    return flat.some(({ text, isAction }, index) => {
      if (isAction) return isName[index] !== true && !this.#isPart(text, asks);
      const literal = index === 0 ? text.replace(/^.*=|^(?:[\w.-]+:)?(?:\w+:\/\/)?[-,[(]*/, '') : text;
      return !/^(?:[/:]|@(?:sha256:)?)?$/.test(
        literal.replace(index === flat.length - 1 ? /[,;\])]*$/ : '', ''),
      );
    });
  }

  /** One reference, to the name itself. */
  #saysName(text: string): boolean {
    const references = listReferences(text);
    return references.length > 0 && references.every((each) => this.#keyOf(each) === this.#key);
  }

  #isPart(text: string, asks: string): boolean {
    const { keys, registry } = this.#name;
    // `with` makes the dot of what it asks for.
    const asked = listReferences(asks);
    if (/^\.(?:\s*\||$)/.test(text)) return asked.every((each) => this.#isOwn(each) || this.#isUnsaid(each));
    const references = listReferences(text);
    return (
      references.length > 0 &&
      references.every((each) => {
        if (/^\$?\.Chart\.AppVersion$/.test(each)) return keys.length > 0;
        if (!this.#isOwn(each)) return asked.includes(each) && this.#isUnsaid(each);
        return !/registry$/i.test(each) || registry !== null || asked.includes(each);
      })
    );
  }

  #isUnsaid(reference: string): boolean {
    const path = /^\$?\.Values\.(.*)$/.exec(reference)?.[1];
    return path !== undefined && !this.#name.mayBeSaid(path);
  }

  #isOwn(reference: string): boolean {
    const key = this.#keyOf(reference);
    return key !== null && (key === this.#key || this.#name.keys.includes(key));
  }

  /** The key that a reference names in the map of the name; null where it is another map. */
  #keyOf(reference: string): string | null {
    const path = /^\$?\.Values\.(.*)$/.exec(reference)?.[1];
    const at = (path ?? reference).lastIndexOf('.');
    const key = (path ?? reference).slice(at + 1);
    if (path === undefined) return this.#isHanded ? key : null;
    return (at === -1 ? '' : path.slice(0, at)) === this.#map ? key : null;
  }
}

function splitPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(action)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), isAction: false });
    pieces.push({ text: (match[1] ?? '').trim(), isAction: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isAction: false });
  return pieces;
}

/** What stands side by side in the output: a variable is no output, and some actions begin a line of their own. */
function splitJoined(pieces: readonly Piece[]): Piece[][] {
  const joined: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.isAction && apart.test(piece.text)) joined.push([piece], []);
    else joined.at(-1)?.push(piece);
  }
  return joined;
}

const apart = /^(?:\$\w+\s*:?=|define\b|block\b)|\bnindent\b/;

/** The pieces that an action makes: those of its `printf`, else itself. */
function openAction(text: string, known: ReadonlyMap<string, string>): Piece[] {
  const said = text
    .replace(/^\$\w+\s*:?=\s*/, '')
    .replaceAll(/\$\w+(?![\w.])/g, (variable) => known.get(variable) ?? variable);
  const print = /^\(?printf\s+"((?:[^"\\]|\\.)*)"\s+(.*)$/s.exec(said);
  if (!print) return [{ text: said, isAction: true }];
  const [, format = '', rest = ''] = print;
  const values: readonly string[] = rest.match(/\((?:[^()]|\([^()]*\))*\)|"[^"]*"|[^\s()|]+|\|/g) ?? [];
  const end = values.indexOf('|');
  const given = end === -1 ? values : values.slice(0, end);
  return format.split(/%[a-z]/).flatMap((literal, index): Piece[] => {
    const value = given[index - 1];
    return [
      ...(index > 0 ? [{ text: (value ?? '').replace(/^\(|\)$/g, ''), isAction: true }] : []),
      ...(literal === '' ? [] : [{ text: literal, isAction: false }]),
    ];
  });
}

/** Paths and variables of an expression; what stands in for them while they are empty is none of them. */
function listReferences(text: string): string[] {
  const [head = ''] = text.replaceAll(/"[^"]*"/g, '""').split('|');
  const found = head.match(/(?<![\w)])\$?\w*(?:\.\w+)+|\$\w+/g) ?? [];
  return /^\(?default\b/.test(head) ? found.slice(-1) : found;
}

/** Variables that stand for one reference wherever a text uses them. */
function readVariables(text: string): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  const twice = new Set<string>();
  for (const [, variable = '', value = ''] of text.matchAll(/\{\{-?\s*(\$\w+)\s*:?=([^{}]*)\}\}/g)) {
    if (known.has(variable)) twice.add(variable);
    known.set(variable, value.replace(/-$/, '').trim());
  }
  for (const [variable, value] of known)
    if (twice.has(variable) || !/^\$?(?:\.\w+)+(?:\s*\|.*)?$/.test(value)) known.delete(variable);
  return known;
}
