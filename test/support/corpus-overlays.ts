import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SourceFile } from '../../src/manifests/index.ts';
import { moveFiles } from '../manifests/move-files.ts';
import { buildFolder, compareObjects, isBackupOf, isPullSecret } from './kustomize-build.ts';

/** What a rewrite makes of the overlays of a tree. */
export interface Rebuilt {
  /** Overlays that were built before and after. */
  readonly built: number;
  /** Those of them in which an image moved. */
  readonly changed: number;
  /** Pull secrets that Pods got. */
  readonly secrets: number;
  /** Everything else that differs. */
  readonly wrong: readonly string[];
}

/** Folders of a tree that have a kustomization, sorted. */
export function listOverlays(tree: readonly SourceFile[]): readonly string[] {
  return tree
    .filter(({ path }) => /(?:^|\/)kustomization(?:\.ya?ml)?$/i.test(path))
    .map(({ path }) => dirname(path))
    .toSorted();
}

/** Builds overlays of the tree, which is written to a folder, before and after a rewrite of all of it. */
export async function rebuildOverlays(
  folder: string,
  tree: readonly SourceFile[],
  overlays: readonly string[],
): Promise<Rebuilt> {
  writeTree(folder, tree);
  const folders = overlays.map((overlay) => join(folder, overlay));
  const before = await buildAll(folders);
  const manifests = tree.filter(({ path }) => /\.(?:ya?ml|json)$|(?:^|\/)Kustomization$/i.test(path));
  writeTree(folder, moveFiles({ files: manifests }, { name: 'backup-pull', attach: 'pod' }).files);
  const after = await buildAll(folders);
  const wrong: string[] = [];
  let [built, changed, secrets] = [0, 0, 0];
  for (const [index, overlay] of overlays.entries()) {
    const [one, other] = [before[index] ?? null, after[index] ?? null];
    if (one === null) continue;
    built++;
    if (other === null) wrong.push(`${overlay} does not build any more`);
    const differences = other === null ? [] : compareObjects(one, other);
    if (differences.length > 0) changed++;
    for (const { path, before: was, after: is } of differences) {
      if (isPullSecret(path, was, is, 'backup-pull')) secrets++;
      else if (!isBackupOf(was, is, 'backup.example') && !saysTheSame(path, String(was), String(is)))
        wrong.push(`${overlay} ${path}: ${String(was)} -> ${String(is)}`);
    }
  }
  return { built, changed, secrets, wrong };
}

function writeTree(folder: string, files: readonly SourceFile[]): void {
  for (const { path, text } of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/**
 * Names that are apart (`registry` and `repository` of Helm values), text that holds them, and the name of a ConfigMap
 * whose hash is that of such text.
 */
function saysTheSame(path: string, was: string, is: string): boolean {
  if (path.endsWith('/registry')) return is === 'backup.example';
  if (path.endsWith('/repository')) return plain(is).endsWith(plain(was));
  return plain(is) === plain(was);
}

function plain(text: string): string {
  return text
    .replaceAll('backup.example/', '')
    .replaceAll(/\b(?:docker\.io\/)?(?:library\/)?/g, '')
    .replaceAll(/@sha256:(?:0123456789abcdef){4}/g, '')
    .replace(/-[a-z0-9]{10}$/, '');
}

async function buildAll(overlays: readonly string[]): Promise<(readonly unknown[] | null)[]> {
  const built: (readonly unknown[] | null)[] = [];
  const waiting = [...overlays.entries()];
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift())
      built[entry[0]] = await buildFolder(entry[1]);
  };
  await Promise.all([next(), next(), next()]);
  return built;
}
