import { statSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { HoldfastError } from '../error.ts';
import { type ImageRule, isValuesPath, type SourceFile, type Unread } from '../manifests/index.ts';
import { openChartTemplates } from './chart-templates.ts';
import { compileGlobs } from './globs.ts';
import { leaveLinks } from './leave-links.ts';
import { listCheckout } from './list-checkout.ts';
import { findAbove, listTree } from './list-tree.ts';
import { readText } from './read-text.ts';

export interface ReadOptions {
  /** Absolute; what relative paths start from. */
  readonly cwd: string;
  /** Globs over paths relative to the root; empty means every manifest. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Fields that name images, besides those that the word tells. */
  readonly rules?: readonly ImageRule[];
  readonly signal?: AbortSignal;
}

/** The manifests of a folder as they stood when they were read. */
export interface Reading {
  /** Absolute. The paths of all files are relative to it. */
  readonly root: string;
  /** Sorted by path. Files that cannot matter to a scan are not among them. */
  readonly files: readonly SourceFile[];
  readonly skipped: readonly Unread[];
  /** Paths of the files, and of those around them, that are templates of Helm charts. */
  readonly templates: ReadonlySet<string>;
  /**
   * Files that were not asked for, which may decide images of those that were: of the rest of the checkout, and what
   * the globs leave out. Their paths start from the root, too, and may lead out of it (`../over/a.yaml`).
   */
  readonly around: readonly SourceFile[];
  /** The paths of all files and links that go by the name of a manifest, whatever is in them. */
  readonly listed: ReadonlySet<string>;
  /** A kustomization builds the root, and no checkout tells which overlays elsewhere decide images of it. */
  readonly exposed: boolean;
  /** Where the root lies in its checkout, empty for the checkout itself. Null outside of one. */
  readonly place: string | null;
}

/** A file on the disk. */
interface Listed {
  readonly absolute: string;
  /** Named on the command line, so that neither its size nor its name matters. */
  readonly named: boolean;
}

/**
 * Reads the manifests at the given paths, or at `cwd`: what git lists in a checkout, else the tree. The root is the
 * one folder that was named, or the folder of the one file; for several paths, the nearest folder that holds them.
 * Throws `usage` when a path is not there.
 */
export async function readManifests(paths: readonly string[], options: ReadOptions): Promise<Reading> {
  const { cwd, signal } = options;
  const targets = (paths.length === 0 ? ['.'] : paths).map((path) => openTarget(path, cwd));
  const root = commonFolder(
    targets.map((target) => (target.folder ? target.absolute : dirname(target.absolute))),
  );
  const skipped: Unread[] = [];
  const listed = new Map<string, Listed>();
  for (const target of targets) {
    if (target.folder) await listFolder(target.absolute, root, listed, skipped, signal);
    else listed.set(toPath(root, target.absolute), { absolute: target.absolute, named: true });
  }
  const wanted = await compileGlobs(options.include ?? [], options.exclude ?? []);
  const chosen = new Map([...listed].filter(([path]) => wanted(path)));
  const around: Unread[] = [];
  const checkouts = new Set(targets.flatMap(({ absolute }) => findAbove(absolute, '.git', dirname) ?? []));
  for (const folder of checkouts) {
    const whole = targets.some(({ absolute }) => absolute === folder);
    if (!whole) await listFolder(folder, root, listed, around, signal);
  }
  // Values beside a file of values decide parts of its names, in a checkout or not.
  for (const { absolute, folder } of checkouts.size === 0 ? targets : [])
    if (!folder && isValuesPath(absolute)) await listFolder(dirname(absolute), root, listed, around, signal);
  for (const path of chosen.keys()) listed.delete(path);
  const links = [...skipped, ...around].flatMap(({ file, reason }) => (reason === 'symlink' ? file : []));
  const names = new Set([...chosen.keys(), ...listed.keys(), ...links]);
  const asked = await readAll(chosen, options);
  const others = await readAll(listed, options);
  const kept = [...skipped, ...asked.skipped].filter(({ file }) => wanted(file));
  const checkout = findAbove(root, '.git', dirname);
  return {
    root,
    files: asked.files,
    skipped: kept.toSorted((a, b) => compareText(a.file, b.file)),
    templates: new Set([...asked.templates, ...others.templates]),
    around: others.files,
    listed: names,
    place: checkout === null ? null : toPath(checkout, root),
    exposed: checkouts.size === 0 && isBuilt(root),
  };
}

function isBuilt(folder: string): boolean {
  const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
  return names.some((name) => findAbove(folder, name, dirname) !== null);
}

/** The files that matter, by path. */
async function readAll(
  listed: ReadonlyMap<string, Listed>,
  { rules, signal }: ReadOptions,
): Promise<Pick<Reading, 'files' | 'skipped' | 'templates'>> {
  const files: SourceFile[] = [];
  const skipped: Unread[] = [];
  const isTemplate = openChartTemplates();
  const templates = new Set<string>();
  for (const [index, path] of [...listed.keys()].toSorted(compareText).entries()) {
    // Reading is synchronous because it is several times faster so; a signal must still get through.
    if (index % 512 === 511) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    const { absolute = '', named = false } = listed.get(path) ?? {};
    const read = readText(absolute, path.slice(path.lastIndexOf('/') + 1), named, rules);
    if ('problem' in read) skipped.push({ file: path, line: 0, ...read.problem });
    else if (read.text !== null) {
      files.push({ path, text: read.text });
      if (isTemplate(absolute)) templates.add(path);
    }
  }
  return { files, skipped, templates };
}

function openTarget(path: string, cwd: string): { absolute: string; folder: boolean } {
  const absolute = resolve(cwd, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (!stat) {
    throw new HoldfastError(
      'usage',
      `There is no file or folder at "${path}"; check the path, it starts from ${cwd}.`,
    );
  }
  return { absolute, folder: stat.isDirectory() };
}

async function listFolder(
  folder: string,
  root: string,
  listed: Map<string, Listed>,
  skipped: Unread[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const add = (path: string) => {
    const absolute = `${folder}/${path}`;
    const name = toPath(root, absolute);
    if (!listed.has(name)) listed.set(name, { absolute, named: false });
  };
  const checkout = findAbove(folder, '.git', dirname) === null ? null : await listCheckout(folder, signal);
  const tree = checkout ? leaveLinks(folder, checkout) : listTree(folder, signal);
  tree.files.forEach(add);
  for (const path of tree.symlinks) {
    const message = 'A symbolic link, which is not followed.';
    skipped.push({ file: toPath(root, `${folder}/${path}`), line: 0, reason: 'symlink', message });
  }
  for (const { path, message } of tree.unreadable) {
    skipped.push({ file: toPath(root, `${folder}/${path}`), line: 0, reason: 'unreadable', message });
  }
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0] ?? '/';
  for (const folder of folders) {
    while (folder !== common && !folder.startsWith(common.endsWith(sep) ? common : common + sep))
      common = dirname(common);
  }
  return common;
}

function toPath(root: string, absolute: string): string {
  const path = absolute.startsWith(`${root}/`) ? absolute.slice(root.length + 1) : relative(root, absolute);
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/** By code units, the same on every machine. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
