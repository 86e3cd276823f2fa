import { type DocumentPart, parsePart } from './documents.ts';
import { readYaml } from './read-yaml.ts';
import type { TreeNode } from './tree.ts';

/** An error of the text, at an offset in the file. `message` has no position and no file. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/** The tree of a document. With problems the tree may lack anything, and only tells what surely stands there. */
export interface ReadDocument {
  readonly root: TreeNode | null;
  readonly problems: readonly SyntaxProblem[];
}

export function readDocument(part: DocumentPart): ReadDocument {
  const { document } = parsePart(part);
  const toFile = (offset: number) => part.offset + offset;
  return {
    root: readYaml(document, toFile),
    problems: document.errors.map((error) => ({
      offset: toFile(error.pos[0]),
      message: error.message,
    })),
  };
}
