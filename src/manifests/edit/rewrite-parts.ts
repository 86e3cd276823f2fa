import { isDeepStrictEqual } from 'node:util';
import { nameOf, spreadImage } from '../split-image.ts';
import type { AddedEntry, ImageUse, ManifestChange } from '../types.ts';
import type { Addition } from './rewrite-additions.ts';
import type { ImageSplice } from './rewrite-image.ts';
import { emptyScalar, replaceScalar } from './splice-scalar.ts';

/** All scalars that new images take, at offsets of the file, and what has to be added, by document. */
export interface PlannedParts {
  readonly images: readonly (ImageSplice & { readonly line: number })[];
  readonly additions: ReadonlyMap<number, readonly Addition[]>;
}

type Problem = { readonly line: number; readonly problem: string };

export function planParts(
  text: string,
  { images: changes, switches = [] }: ManifestChange,
): PlannedParts | Problem {
  const images: (ImageSplice & { readonly line: number })[] = [];
  const additions = new Map<number, Addition[]>();
  for (const { use, to } of changes) {
    if (to === use.written) continue;
    const scalars = listScalars(use, to);
    if (scalars === null)
      return { line: use.line, problem: `"${to}" cannot be said by the keys that are there` };
    for (const { range, written, text: after } of scalars.replaced) {
      // A part may become empty, an image never does.
      const replaced =
        after === '' && use.parts !== undefined
          ? emptyScalar(text, range, written)
          : replaceScalar(text, range, written, after);
      if (!replaced.ok) return { line: use.line, problem: replaced.problem };
      for (const splice of replaced.splices) images.push({ ...splice, written, line: use.line });
    }
    const known = additions.get(use.document) ?? [];
    // One entry that moves several tags is a use for each.
    const added = scalars.added.filter((one) => !known.some((other) => isDeepStrictEqual(one, other)));
    if (added.length > 0) additions.set(use.document, [...known, ...added]);
  }
  for (const place of switches) {
    if ('keys' in place) {
      const { document, map, keys } = place;
      const known = additions.get(document) ?? [];
      additions.set(document, [...known, { kind: 'switch', map, keys }]);
      continue;
    }
    const { range, written, line } = place;
    const [start, end] = range;
    if (text.slice(start, end) !== written) return { line, problem: `"${written}" is not there any more` };
    images.push({ start, end, text: 'true', written, line });
  }
  return { images, additions };
}

interface Scalars {
  readonly replaced: readonly {
    readonly range: readonly [number, number];
    readonly written: string;
    readonly text: string;
  }[];
  readonly added: readonly Addition[];
}

function listScalars({ parts, range, written }: ImageUse, to: string): Scalars | null {
  if (parts === undefined) return { replaced: [{ range, written, text: to }], added: [] };
  if (parts.kind === 'override')
    return {
      replaced: [{ range, written, text: parts.name === '' ? to : `${parts.name}=${to}` }],
      added: [],
    };
  if (parts.kind === 'entry')
    return { replaced: [], added: [{ kind: 'item', list: parts.list, item: entryOf(parts, to) }] };
  const changes = spreadImage(parts, written, to);
  if (changes === null) return null;
  const keys = [parts.repository, parts.tag].flatMap((part) => (part?.range ? part.key : []));
  const beside = (key: string) =>
    key === parts.repository.key
      ? ['name']
      : [...(key === parts.tag?.key ? [] : keys.toReversed()), ...keys, 'name'];
  return {
    replaced: changes.flatMap(({ part, to: text }) =>
      part.range ? [{ range: part.range, written: part.written, text }] : [],
    ),
    added: changes.flatMap(({ part, to: value }) =>
      part.range
        ? []
        : [{ kind: 'key' as const, map: parts.map, key: part.key, value, after: beside(part.key) }],
    ),
  };
}

/** As kustomize writes an entry itself. */
function entryOf({ name, bare }: AddedEntry, to: string): Readonly<Record<string, string>> {
  const [named = '', digest] = to.split('@');
  const newName = nameOf(to);
  if (bare) return { name, newName };
  const newTag = named.slice(newName.length + 1);
  return {
    name,
    newName,
    ...(newTag === '' ? {} : { newTag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
