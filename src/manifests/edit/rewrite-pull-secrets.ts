import { type Document, isMap, type Node, type YAMLMap } from 'yaml';
import { appendPullSecrets, type PullSecretEdit } from './pull-secret.ts';
import { refuse, type Spliced } from './splice.ts';
import { locateNode } from './splice-locate.ts';

/** Names that the map at a field path shall have in its `imagePullSecrets`. */
export interface PullSecretRequest {
  readonly path: string;
  readonly names: readonly string[];
}

type Refusal = Extract<Spliced, { ok: false }>;

/**
 * All pull secrets of a document at once: two pod specs may share one list by an alias, and then get one edit. A pod
 * spec that is only reached by an alias or a merge key is refused, unless its anchor is asked for, too.
 */
export function planPullSecrets(
  source: string,
  document: Document.Parsed,
  requests: readonly PullSecretRequest[],
): readonly PullSecretEdit[] | Refusal {
  const own = new Set<Node>();
  for (const { path } of requests) {
    const found = locateNode(document, path);
    if (found && !found.shared) own.add(found.node);
  }
  const edits = new Map<Node, { readonly edit: PullSecretEdit; readonly names: readonly string[] }>();
  for (const { path, names } of requests) {
    const found = locateNode(document, path);
    if (!found || !isMap<Node, Node | null>(found.node))
      return refuse(0, `no pod spec at ${path || 'the root'}`);
    const first = appendPullSecrets(source, document, found.node, names);
    if (first === null) continue;
    if (!first.ok) return first;
    if (found.shared && !own.has(found.node))
      return refuse(
        found.node.range?.[0] ?? 0,
        `the pod spec at ${path} comes from an alias or a merge key (<<)`,
      );
    const known = edits.get(first.target);
    const all = known ? [...known.names, ...names] : names;
    const edit = known ? appendPullSecrets(source, document, found.node, all) : first;
    if (edit?.ok === false) return edit;
    if (edit) edits.set(first.target, { edit, names: all });
  }
  return [...edits.values()].map(({ edit }) => edit);
}

export function locateMap(document: Document.Parsed, path: string): YAMLMap<Node, Node | null> | null {
  const node = locateNode(document, path)?.node;
  return isMap<Node, Node | null>(node) ? node : null;
}
