import type { SourceFile } from '../types.ts';
import { type DocumentPart, splitDocuments } from './documents.ts';
import { listKinds } from './list-kinds.ts';
import { type ReadDocument, readDocument } from './read-document.ts';
import type { TreeNode } from './tree.ts';
import { type KubernetesObject, walkMaps } from './walk.ts';

/** A document that is parsed when somebody first asks what it says. */
export class OpenDocument implements DocumentPart {
  readonly index: number;
  readonly offset: number;
  readonly text: string;
  #kinds: ReadonlySet<string> | null;
  #read: ReadDocument | null = null;
  #objects: readonly KubernetesObject[] | null = null;

  constructor({ index, offset, text }: DocumentPart, kinds: ReadonlySet<string> | null) {
    this.index = index;
    this.offset = offset;
    this.text = text;
    this.#kinds = kinds;
  }

  get read(): ReadDocument {
    this.#read ??= readDocument(this);
    return this.#read;
  }

  /** Of Kubernetes, in the order of the text. */
  get objects(): readonly KubernetesObject[] {
    this.#objects ??= listObjects(this.read.root);
    return this.#objects;
  }

  get kinds(): ReadonlySet<string> {
    this.#kinds ??= listKinds(this.text);
    return this.#kinds;
  }
}

function listObjects(root: TreeNode | null): readonly KubernetesObject[] {
  const objects: KubernetesObject[] = [];
  walkMaps(root, (map, { object }) => {
    if (object?.node === map) objects.push(object);
  });
  return objects;
}

/** A file of which several ask the same: each is told what was found out for the first. */
export class OpenFile implements SourceFile {
  readonly path: string;
  readonly text: string;
  #kinds: ReadonlySet<string> | null = null;
  #documents: readonly OpenDocument[] | null = null;

  constructor({ path, text }: SourceFile) {
    this.path = path;
    this.text = text;
  }

  get kinds(): ReadonlySet<string> {
    this.#kinds ??= listKinds(this.text);
    return this.#kinds;
  }

  get documents(): readonly OpenDocument[] {
    this.#documents ??= splitDocuments(this.text).map(
      (part) => new OpenDocument(part, part.text.length === this.text.length ? this.kinds : null),
    );
    return this.#documents;
  }

  /** Forgets the documents, whose trees are many times larger than the text. Who asks again is told again. */
  close(): void {
    this.#documents = null;
  }
}
