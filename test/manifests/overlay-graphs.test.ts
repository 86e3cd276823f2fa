import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toImageFinding } from '../../src/backup/findings.ts';
import type { SourceFile } from '../../src/manifests/index.ts';
import { canonicalName, parseImageReference } from '../../src/reference/index.ts';
import { isUnbacked } from '../../src/report/index.ts';
import { buildFolder, compareObjects, hasKubectl, isBackupOf } from '../support/kustomize-build.ts';
import { mergeDelivery } from '../support/merge-delivery.ts';
import { type OverlayTree, overlayTree } from '../support/random-overlays.ts';
import { useFolder } from '../support/use-folder.ts';
import { moveFiles } from './move-files.ts';

/** Some sources cannot be copied: a rewrite has to be right without them, too. */
const fails = (source: string): boolean => /:1\.5$|redis@/.test(source);

describe.skipIf(!hasKubectl)('random overlays (skipped where no kubectl has kustomize 5)', () => {
  const temporary = useFolder('graphs');
  let run = 0;

  it('build as before but for proven names, need no second run, and tell all that stays upstream', {
    timeout: 120_000,
  }, async () => {
    let live = 0;
    let backed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(overlayTree, { minLength: 1, maxLength: 30, size: 'max' }), async (trees) => {
        const results = trees.map(moveTwice);
        const before = await buildTrees(trees, ({ files }) => files);
        const after = await buildTrees(trees, (_, index) => new Map(results[index]?.files));
        for (const { path, before: was, after: is } of compareObjects(before, after)) {
          expect([path, was, is, isBackupOf(was, is, 'backup.example')]).toEqual([path, was, is, true]);
          expect([is, fails(canonicalOf(was))]).toEqual([is, false]);
        }
        for (const [index, tree] of after.entries()) {
          const images = listImages(tree);
          const upstream = images.filter((image) => !image.startsWith('backup.example/'));
          const untold = upstream.filter((image) => results[index]?.told.includes(image) !== true);
          expect([index, untold]).toEqual([index, []]);
          live += images.length;
          backed += images.length - upstream.length;
        }
      }),
      { numRuns: 3, seed: 5, interruptAfterTimeLimit: 60_000 },
    );
    // What fails is a fifth; most of the others have to be moved.
    expect(backed / live).toBeGreaterThan(0.6);
  });

  /** The texts after one run, and what a check then tells; another run finds nothing to do. */
  function moveTwice({ files }: OverlayTree) {
    const first = moveFiles({ files: toSourceFiles(files) }, null, fails);
    expect(first.refused).toEqual([]);
    const second = moveFiles(first, null, fails);
    expect(second.files).toEqual(first.files);
    const told = second.verdicts.map(toImageFinding).filter(isUnbacked);
    return {
      files: first.files.map(({ path, text }) => [path, text] as const),
      told: told.map(({ use }) => use.written),
    };
  }

  /** One build for all roots of all trees, each with names of its own. */
  async function buildTrees(
    trees: readonly OverlayTree[],
    textsOf: (tree: OverlayTree, index: number) => ReadonlyMap<string, string>,
  ): Promise<readonly unknown[][]> {
    const folder = join(temporary.path, String(run++));
    const roots: string[] = [];
    for (const [index, tree] of trees.entries()) {
      const texts = textsOf(tree, index);
      for (const [path, text] of texts) write(join(folder, `t${index}`, path), text);
      const delivered = [...tree.deliveries].map(([file, root], number) => {
        const own = `${root}-by-${number}`;
        for (const [path, text] of texts)
          if (dirname(path) === root) write(join(folder, `t${index}`, own, basename(path)), text);
        const merged = mergeDelivery(texts.get(`${root}/kustomization.yaml`) ?? '', texts.get(file) ?? '');
        write(join(folder, `t${index}`, own, 'kustomization.yaml'), merged);
        return own;
      });
      for (const root of [...tree.roots, ...delivered]) {
        const own = `${folder}/all/t${index}-${root}`;
        write(
          `${own}/kustomization.yaml`,
          `resources: [../../t${index}/${root}]\nnamePrefix: t${index}-${root}-\n`,
        );
        roots.push(`t${index}-${root}`);
      }
    }
    write(`${folder}/all/kustomization.yaml`, `resources:\n${roots.map((root) => `- ${root}\n`).join('')}`);
    const built = await buildFolder(`${folder}/all`);
    rmSync(folder, { recursive: true, force: true });
    if (built === null) throw new Error('the overlays do not build');
    return trees.map((_, index) => built.filter((object) => nameOf(object).startsWith(`t${index}-`)));
  }
});

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function toSourceFiles(files: ReadonlyMap<string, string>): SourceFile[] {
  return [...files].map(([path, text]) => ({ path, text }));
}

function nameOf(object: unknown): string {
  return (object as { metadata: { name: string } }).metadata.name;
}

function listImages(objects: readonly unknown[]): string[] {
  return (objects as { spec: { template: { spec: { containers: { image: string }[] } } } }[]).flatMap(
    ({ spec }) => spec.template.spec.containers.map(({ image }) => image),
  );
}

function canonicalOf(image: unknown): string {
  const parsed = parseImageReference(String(image));
  if (!parsed.ok) throw new Error(parsed.problem);
  return canonicalName(parsed.value);
}
