import { listSources, listSpecs } from '../application-specs.ts';
import type { UseContext } from '../image-use.ts';
import { nameOf } from '../split-image.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from '../yaml/tree.ts';
import { below, joinPath, type KubernetesObject, walkMaps } from '../yaml/walk.ts';
import type { Delivery, NamedImage } from './delivery.ts';
import { foldersOf, listComponents } from './delivery-fields.ts';
import { listGeneratedFolders, saysWords } from './delivery-folders.ts';
import { anyName, readOverrides } from './overlay-entry.ts';
import { listPatchedEntries } from './patched-entries.ts';
import { openTemplatePatch } from './template-patch.ts';

/** One delivery for each source: what one of them decides, the others know nothing of. */
export function readApplication(map: MapNode, object: KubernetesObject, context: UseContext): Delivery[] {
  const { file, lines } = context;
  // An ApplicationSet has its Applications' spec in a template.
  const template = object.workload.kind === 'ApplicationSet' ? 'spec.template' : '';
  const application = template === '' ? map : getValue(getValue(map, 'spec'), 'template');
  const list = getValue(
    getValue(getValue(application, 'metadata'), 'annotations'),
    'argocd-image-updater.argoproj.io/image-list',
  );
  const updated =
    list?.kind === 'scalar' ? splitImageList(list.value, file.path, lines.at(list.start).line) : [];
  const place = below(object.path, joinPath(template, 'spec'));
  const sources = listSpecs(map, object).flatMap(({ spec, path, whole }) =>
    listSources(spec, path).map((source) => ({ ...source, whole })),
  );
  // One without a source may still be what an image updater is told of.
  const given = (sources.length > 0 ? sources : [{ node: map, path: place, whole: true }]).map((source) => {
    const list = { items: getItems(source.node, 'kustomize', 'images'), layer: 'argocd' as const };
    const overlay = readOverrides({ ...list, path: `${source.path}.kustomize.images`, object, context });
    return { ...source, overlay };
  });
  // What is merged over the template of a set replaces its list, for some of the Applications.
  const merged = [
    ...given.filter(({ whole }) => !whole).flatMap(({ overlay }) => overlay),
    ...(template === '' ? [] : readPatchGuards(map, context)),
  ];
  const set = template === '' ? null : getValue(map, 'spec');
  const generated = listGeneratedFolders(set, false);
  const left = listGeneratedFolders(set, true);
  return given.map(
    ({ node, path, whole, overlay }): Delivery => ({
      name: object.workload.name,
      folders: foldersOf(node).flatMap((folder) =>
        saysWords(folder) || generated.length === 0 ? folder : generated,
      ),
      left,
      overlay,
      guards: whole ? merged : [],
      updated,
      file: file.path,
      document: context.document,
      path: `${path}.kustomize`,
      layer: 'argocd',
      line: lines.at(node.start).line,
      whole: getText(node, 'directory', 'recurse') === 'true',
      components: listComponents(getValue(node, 'kustomize'), context),
      partial: template === '' && getValue(node, 'repoURL') === null,
    }),
  );
}

/** Images that a `templatePatch` names; of one that cannot be read any image. */
function readPatchGuards(map: MapNode, { file, lines }: UseContext): NamedImage[] {
  const text = getValue(getValue(map, 'spec'), 'templatePatch');
  if (text?.kind !== 'scalar' || !text.value.includes('kustomize')) return [];
  const place = (node: TreeNode | null) => ({ file: file.path, line: lines.at((node ?? text).start).line });
  const inner = openTemplatePatch(file.text, text);
  if (inner.length === 0) return [{ name: anyName, place: place(null) }];
  return inner.flatMap((document) => {
    const found: NamedImage[] = [];
    walkMaps(document.root, (inside, spot) => {
      for (const { name, at } of listPatchedEntries(inside, spot))
        found.push({ name, place: place(document.place(at)) });
    });
    return found;
  });
}

/** `alias=name:constraint, name, …` */
function splitImageList(list: string, file: string, line: number): NamedImage[] {
  return list.split(/[\s,]+/).flatMap((item) => {
    const name = nameOf(item.slice(item.indexOf('=') + 1));
    return name === '' ? [] : [{ name, place: { file, line } }];
  });
}
