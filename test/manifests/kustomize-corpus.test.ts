import { describe, expect, it } from 'vitest';
import { listOverlays, rebuildOverlays } from '../support/corpus-overlays.ts';
import { hasKubectl } from '../support/kustomize-build.ts';
import { useFolder } from '../support/use-folder.ts';
import { corpusArchive, readCorpusTree } from './rewrite-corpus.ts';

const absent = corpusArchive === null || !hasKubectl;

/** `npm run soak` builds every one of them. */
describe.skipIf(absent)('overlays of the corpus (skipped without the corpus or kubectl)', () => {
  const temporary = useFolder('some-overlays');

  it('build, every eighth, to the same objects but for image names and pull secrets', {
    timeout: 120_000,
  }, async () => {
    const tree = corpusArchive === null ? [] : [...readCorpusTree(corpusArchive)];
    const some = listOverlays(tree).filter((_, index) => index % 8 === 0);
    const { built, changed, secrets, wrong } = await rebuildOverlays(temporary.path, tree, some);
    expect(wrong).toEqual([]);
    expect(built).toBeGreaterThan(20);
    expect(changed).toBeGreaterThan(5);
    expect(secrets).toBeGreaterThan(10);
  });
});
