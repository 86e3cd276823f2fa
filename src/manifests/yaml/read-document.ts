import { type DocumentPart, parsePart, withoutMark } from './documents.ts';
import { readBlock } from './read-block.ts';
import { readYaml, type YamlTree } from './read-yaml.ts';
import { indentContinuations } from './repair.ts';
import type { TreeNode } from './tree.ts';

/** An error of the text, at an offset in the file. `message` has no position and no file. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/** The tree of a document. With a problem it may lack anything, so that nothing may be concluded from it. */
export interface ReadDocument {
  readonly root: TreeNode | null;
  readonly problem: SyntaxProblem | null;
  /** Some node stands at more than one place. */
  readonly aliased: boolean;
}

/** Reads a document; where only the indentation of continued lines is against YAML 1.2, as libyaml reads it. */
export function readDocument(part: DocumentPart): ReadDocument {
  const text = withoutMark(part);
  const quick = readQuick(text, part.offset);
  return quick === undefined ? readWholeYaml(part) : { ...quick, problem: null };
}

/** By the quick reader, also where only the indentation of continued lines keeps it from it. */
export function readQuick(text: string, offset: number): YamlTree | undefined {
  const strict = readBlock(text, offset);
  if (strict !== undefined) return strict;
  const repaired = indentContinuations(text);
  const readable = repaired !== null && readBlock(repaired.text, 0) !== undefined;
  return readable ? readBlock(text, offset, true) : undefined;
}

/** The same by the `yaml` package alone. */
export function readWholeYaml(part: DocumentPart): ReadDocument {
  const strict = parse(part, part.text, (offset) => offset);
  if (strict.problem === null) return strict;
  const repaired = indentContinuations(part.text);
  if (repaired === null) return strict;
  const tolerant = parse(part, repaired.text, (offset) => repaired.toGiven(offset));
  return tolerant.problem === null ? tolerant : strict;
}

const tooDeep = 'Nested too deeply';

function parse(part: DocumentPart, text: string, toGiven: (offset: number) => number): ReadDocument {
  const toFile = (offset: number) => part.offset + toGiven(offset);
  try {
    const { document } = parsePart({ ...part, text });
    const [error] = document.errors;
    if (!error) {
      const { root, aliased, lost } = readYaml(document, toFile);
      if (lost) return failed(lost.offset, `The alias *${lost.name} names no anchor before it`);
      return { root, aliased, problem: null };
    }
    const [message = ''] = error.message.split('\n');
    // Said by the parser where it caught its own.
    if (/call stack/.test(message)) return failed(part.offset, tooDeep);
    return failed(toFile(error.pos[0]), message.slice(0, 200));
  } catch (error) {
    // The parser recurses; what is nested too deeply for it is nested too deeply for a manifest.
    if (!(error instanceof RangeError)) throw error;
    return failed(part.offset, tooDeep);
  }
}

function failed(offset: number, message: string): ReadDocument {
  return { root: null, problem: { offset, message }, aliased: false };
}
