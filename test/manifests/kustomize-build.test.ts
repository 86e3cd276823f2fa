import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PullSecret } from '../../src/plan/index.ts';
import { readManifests } from '../../src/source/index.ts';
import {
  buildFolder,
  compareObjects,
  hasKubectl,
  isBackupOf,
  isPullSecret,
  listBackedPods,
} from '../support/kustomize-build.ts';
import { useFolder } from '../support/use-folder.ts';
import { moveFiles } from './move-files.ts';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

describe.skipIf(!hasKubectl)(
  'kustomize build, before and after (skipped where no kubectl has kustomize 5)',
  () => {
    const temporary = useFolder('kustomize');

    const counts: { readonly built: number; readonly overlays: number }[] = [];

    it.each(listCases())('differs in image names alone for every overlay of %s', async (name) => {
      const { differences, built, overlays } = await buildBoth(name, null);
      counts.push({ built, overlays });
      for (const { path, before, after } of differences.flatMap(openValues)) {
        // Values of Helm say the tag elsewhere.
        const whole = (text: unknown) => (path.endsWith('/repository') ? `${String(text)}:1` : text);
        expect([path, isBackupOf(whole(before), whole(after), 'backup.example')]).toEqual([path, true]);
      }
    });

    it('was compared for most of them', () => {
      const sum = (pick: (count: (typeof counts)[number]) => number) =>
        counts.reduce((total, count) => total + pick(count), 0);
      const [built, overlays] = [sum((count) => count.built), sum((count) => count.overlays)];
      console.log(`${built} of ${overlays} overlays of the fixtures build without the network`);
      // Remote bases, plugins and charts do not.
      expect(counts).toHaveLength(listCases().length);
      expect(built).toBeGreaterThan(0.7 * overlays);
      expect(built).toBeGreaterThan(35);
    });

    it('differs in pull secrets, too, where they are asked for: every Pod with a backup has one', async () => {
      const { differences, pods } = await buildBoth('kustomize-entries', {
        name: 'backup-pull',
        attach: 'pod',
      });
      const secrets = differences.filter(({ path, before, after }) =>
        isPullSecret(path, before, after, 'backup-pull'),
      );
      expect(secrets.length).toBeGreaterThan(5);
      expect(pods.filter((names) => !names.includes('backup-pull'))).toEqual([]);
      for (const { path, before, after } of differences.filter((each) => !secrets.includes(each)))
        expect([path, isBackupOf(before, after, 'backup.example')]).toEqual([path, true]);
    });

    /** Every difference that a rewrite makes to what the overlays of a fixture build. */
    async function buildBoth(name: string, pullSecret: PullSecret | null) {
      const folder = join(temporary.path, `${name}-${pullSecret?.attach ?? 'none'}`);
      cpSync(join(fixtures, name, 'before'), folder, { recursive: true });
      const overlays = listOverlays(folder);
      const before = await Promise.all(overlays.map(buildFolder));
      const reading = await readManifests([folder], { cwd: folder });
      const moved = moveFiles(reading, pullSecret);
      expect(moved.refused).toEqual([]);
      for (const { path, text } of moved.files) writeFileSync(join(folder, path), text);
      const after = await Promise.all(overlays.map(buildFolder));
      const built = overlays.flatMap((overlay, index) => (before[index] ? [{ overlay, index }] : []));
      expect(built.filter(({ index }) => after[index] === null)).toEqual([]);
      return {
        overlays: overlays.length,
        built: built.length,
        differences: built.flatMap(({ overlay, index }) =>
          compareObjects(before[index], after[index], relative(folder, overlay)),
        ),
        pods: built.flatMap(({ index }) => listBackedPods(after[index], 'backup.example')),
      };
    }
  },
);

type Difference = ReturnType<typeof compareObjects>[number];

/** The images of a ConfigMap's `values.yaml` in place of its text; its name ends in a hash of that text. */
function openValues({ path, before, after }: Difference): readonly Difference[] {
  const stem = (name: unknown) => String(name).replace(/-[a-z0-9]{10}$/, '');
  if (path.endsWith('/metadata/name') && stem(before) === stem(after)) return [];
  // What an object of Flux or Argo CD says of the images that it delivers is no image yet.
  if (/\/spec\/images\/\d+\/(?:newName|digest)$/.test(path)) return [];
  if (/\/kustomize\/images\/\d+$/.test(path))
    return [{ path, before, after: String(after).replace(/^[^=]*=/, '') }];
  if (path.endsWith('/helm/values')) return compareObjects(parse(String(before)), parse(String(after)), path);
  if (!path.endsWith('/data/values.yaml')) return [{ path, before, after }];
  const [was, is] = [readImage(before), readImage(after)];
  expect({ ...is, registry: '', repository: '' }).toEqual({ ...was, registry: '', repository: '' });
  const whole = ({ registry, repository, tag }: Record<string, string>) => `${registry}/${repository}:${tag}`;
  return [{ path, before: whole(was), after: whole(is) }];
}

function readImage(text: unknown): Record<string, string> {
  return (parse(String(text), { schema: 'failsafe' }) as { readonly image: Record<string, string> }).image;
}

function listCases(): string[] {
  return readdirSync(fixtures)
    .filter((name) => listOverlays(join(fixtures, name, 'before')).length > 0)
    .toSorted();
}

function listOverlays(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^kustomization(?:\.ya?ml)?$/i.test(entry.name))
    .map((entry) => entry.parentPath)
    .toSorted();
}
