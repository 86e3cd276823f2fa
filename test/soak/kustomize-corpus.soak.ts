import { describe, expect, it } from 'vitest';
import { corpusArchive, readCorpusTree } from '../manifests/rewrite-corpus.ts';
import { listOverlays, rebuildOverlays } from '../support/corpus-overlays.ts';
import { hasKubectl } from '../support/kustomize-build.ts';
import { useFolder } from '../support/use-folder.ts';

const absent = corpusArchive === null || !hasKubectl;

describe.skipIf(absent)('every overlay of the corpus (skipped without the corpus or kubectl)', () => {
  const temporary = useFolder('overlays');

  it('builds to the same objects but for the names of images, and pull secrets', {
    timeout: 900_000,
  }, async () => {
    const tree = corpusArchive === null ? [] : [...readCorpusTree(corpusArchive)];
    const overlays = listOverlays(tree);
    const { built, changed, secrets, wrong } = await rebuildOverlays(temporary.path, tree, overlays);
    console.log(
      `${overlays.length} overlays, ${built} build without the network, ${changed} have images moved, ${secrets} Pods get a pull secret`,
    );
    expect(wrong).toEqual([]);
    expect(built).toBeGreaterThan(100);
    expect(changed).toBeGreaterThan(20);
    expect(secrets).toBeGreaterThan(20);
  });
});
