import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';

/** One leaf of a document: where it stands and what it says. Aliases are leaves, so that nothing is counted twice. */
export interface Entry {
  readonly path: string;
  readonly value: string;
  readonly node: Node | null;
}

/** Every leaf of a document and the path of every node. Linear in the text, however aliases are nested. */
export function listEntries(document: Document.Parsed): {
  readonly entries: readonly Entry[];
  readonly paths: ReadonlyMap<Node, string>;
} {
  const entries: Entry[] = [];
  const paths = new Map<Node, string>();

  function walk(node: Node | null, path: string): void {
    if (!node) {
      entries.push({ path, value: 'nothing', node });
      return;
    }
    paths.set(node, path);
    const marks = marksOf(node);
    if (isAlias(node)) entries.push({ path, value: `*${node.source}`, node });
    else if (isScalar(node)) entries.push({ path, value: `${marks}=${String(node.value)}`, node });
    else if (isMap<Node, Node | null>(node)) {
      if (node.items.length === 0 || marks !== '') entries.push({ path, value: `${marks}{}`, node });
      for (const { key, value } of node.items) walk(value, `${path}/${formatKey(key)}`);
    } else if (isSeq<Node | null>(node)) {
      if (node.items.length === 0 || marks !== '') entries.push({ path, value: `${marks}[]`, node });
      node.items.forEach((item, index) => walk(item, `${path}/${index}`));
    }
  }

  walk(document.contents, '');
  return { entries, paths };
}

function marksOf(node: Node): string {
  const anchor = isAlias(node) ? undefined : node.anchor;
  return (anchor === undefined ? '' : `&${anchor} `) + (node.tag === undefined ? '' : `!${node.tag} `);
}

function formatKey(key: Node | null): string {
  if (isAlias(key)) return `*${key.source}`;
  if (!key) return '';
  return marksOf(key) + (isScalar(key) ? String(key.source ?? key.value) : String(key));
}
