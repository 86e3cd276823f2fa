import { describe, expect, it } from 'vitest';
import { type SourceFile, scanManifests } from '../../src/manifests/index.ts';

/** Both of each level take both of the level before, 30 times: a billion ways. */
function listDiamonds(kind: 'Kustomization' | 'Component', key: 'resources' | 'components'): SourceFile[] {
  const name = kind.charAt(0).toLowerCase();
  return Array.from({ length: 30 }, (_, level) =>
    ['a', 'b'].map((side) => {
      const below = level === 0 ? '' : `${key}: [../${name}${level - 1}a, ../${name}${level - 1}b]\n`;
      const text = `kind: ${kind}\n${below}images: [{name: redis, newTag: "8"}]\n`;
      return { path: `${name}${level}${side}/kustomization.yaml`, text };
    }),
  ).flat();
}

describe('overlays that take each other in very many ways', () => {
  it('are followed in time, and what is not followed is held', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: "redis:7"}]}\n';
    const files = [
      ...listDiamonds('Kustomization', 'resources'),
      ...listDiamonds('Component', 'components'),
      { path: 'k/pod.yaml', text: pod },
      { path: 'k/kustomization.yaml', text: 'resources: [pod.yaml, ../k29a]\ncomponents: [../c29b]\n' },
    ];
    const [use] = scanManifests(files).uses.filter(({ file }) => file === 'k/pod.yaml');
    expect(use?.hold).toBe('not-followed');
  }, 5000);

  it('are followed to a depth that no stack is too small for, and what is deeper is held', () => {
    const chain = Array.from({ length: 5000 }, (_, level) => ({
      path: `k${level}/kustomization.yaml`,
      text: `resources: [../k${level + 1}]\nimages: [{name: redis, newTag: "8"}]\n`,
    }));
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: "redis:7"}]}\n';
    const files = [
      ...chain,
      { path: 'k5000/pod.yaml', text: pod },
      { path: 'k5000/kustomization.yaml', text: 'resources: [pod.yaml]\n' },
    ];
    const [use] = scanManifests(files).uses.filter(({ file }) => file === 'k5000/pod.yaml');
    expect(use?.hold).toBe('not-followed');
  });
});

it('a document that is nested too deeply to be read is said to be just that', () => {
  const deep = `${'['.repeat(6000)}${']'.repeat(6000)}`;
  const text = `apiVersion: v1\nkind: Pod\nspec: {containers: [{image: nginx}]}\nx: ${deep}\n`;
  const [problem] = scanManifests([{ path: 'pod.yaml', text }]).skipped;
  expect(problem?.message).toBe('Nested too deeply.');
});
