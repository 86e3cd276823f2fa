import { nameOf } from '../split-image.ts';
import type { DocumentPart } from '../yaml/documents.ts';
import type { Lines } from '../yaml/lines.ts';
import type { Delivery, NamedImage } from './delivery.ts';

/** A template, as those of charts that make Applications: nobody knows which folders, but names of images are said. */
export function readBroken({ text, offset, index }: DocumentPart, file: string, lines: Lines): Delivery[] {
  const guards = [
    ...text.matchAll(/\bimages['"]?[ \t]*:(?:[ \t]*\[[^\]]*|(?:[ \t]*\n[ \t]*(?:-|\{\{|new|digest).*)+)/g),
  ].flatMap((list) =>
    [...list[0].matchAll(/(?:[[,-]|\bname:)[ \t]*['"]?([a-z0-9][\w./:@-]*)/g)].map(
      ({ 1: name = '', index: at }): NamedImage => ({
        name: nameOf(name),
        place: { file, line: lines.at(offset + list.index + at).line },
      }),
    ),
  );
  if (guards.length === 0) return [];
  return [
    {
      name: null,
      folders: ['{{}}'],
      left: [],
      overlay: [],
      guards,
      updated: [],
      file,
      document: index,
      path: '',
      layer: 'argocd',
      line: guards[0]?.place.line ?? 1,
      whole: false,
      components: [],
      partial: false,
    },
  ];
}
