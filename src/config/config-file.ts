import { isNode, LineCounter, parseDocument } from 'yaml';
import { HoldfastError } from '../error.ts';
import { checkLayer, formatKey } from './problems.ts';
import type { ConfigLayer } from './schema.ts';

/** A configuration file that a face has read. `path` is for messages, and what its other paths are relative to. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** A file that was read: what it says, and where it says it (`.holdfast.yaml:3`). */
export interface ReadFile {
  readonly layer: ConfigLayer;
  readonly locate: (path: readonly PropertyKey[]) => string;
}

/** Reads and checks a file. Every problem is a line of the error: `.holdfast.yaml:3: exclude.image: …`. */
export function readConfigFile(file: ConfigFile): ReadFile {
  const lines = new LineCounter();
  const document = parseDocument(quoteVariables(file.text), {
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const at = (offset: number, message: string) => `${file.path}:${lines.linePos(offset).line}: ${message}`;
  const error = document.errors[0];
  if (error !== undefined) throw failed(at(error.pos[0], `it is not valid YAML: ${error.message}`));

  const offsetOf = (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (cause) {
    throw new HoldfastError('config', at(0, 'it has too many aliases: write the values out'), { cause });
  }
  const checked = checkLayer(value);
  if (checked.ok)
    return { layer: checked.value, locate: (path) => `${file.path}:${lines.linePos(offsetOf(path)).line}` };
  throw failed(
    checked.problems
      .map(({ path, message }) => ({ offset: offsetOf(path), key: formatKey(path), message }))
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, key, message }) =>
        at(
          offset,
          key === '' ? 'it must be a map of keys, such as backup: ghcr.io/acme/backup' : `${key}: ${message}`,
        ),
      )
      .join('\n'),
  );
}

/** `{ username: ${USER} }` is no YAML, as `{` starts a map there; but everybody writes it so, and it is not ambiguous. */
function quoteVariables(text: string): string {
  return text.replace(/(:[ \t]+)(\$\{\w+\})(?=[ \t]*(?:[,}\]\r\n]|[ \t]#|$))/g, '$1"$2"');
}

function failed(message: string): HoldfastError {
  return new HoldfastError('config', message);
}
