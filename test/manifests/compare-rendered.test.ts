import { describe, expect, it } from 'vitest';
import { compareRendered } from '../../src/manifests/index.ts';

const isMove = (before: string, after: string) => after === `backup/${before}`;
const pod = (rest: string) => `kind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n${rest}`;

function compare(before: string, after: string, pullSecret: string | null = null, again = before) {
  return compareRendered({ before, again, after }, { isMove, pullSecret });
}

describe('rendered objects, before and after', () => {
  it('may differ in images, also in arguments and in text', () => {
    const before = '  image: nginx:1\n  args: [--image=nginx:1]\n  script: |\n    run nginx:1\n    end\n';
    const after = before.replaceAll('nginx:1', 'backup/nginx:1');
    expect(compare(pod(before), pod(after))).toEqual({ images: 3, pullSecrets: 0, others: [] });
  });

  it('may have the pull secret that was asked for, and no other', () => {
    const [before, after] = [
      '  imagePullSecrets: []\n',
      '  imagePullSecrets:\n  - name: pull\n  other: { imagePullSecrets: [pull] }\n',
    ];
    expect(compare(pod(before), pod(after), 'pull')).toEqual({ images: 0, pullSecrets: 2, others: [] });
    expect(compare(pod(before), pod(after))?.others).toHaveLength(2);
  });

  it('may differ where two renderings of the same chart do', () => {
    const [before, again, after] = ['a', 'b', 'c'].map((text) =>
      pod(`  password: ${text}\n  fixed: ${text}\n`),
    );
    const same = again?.replace('fixed: b', 'fixed: a') ?? '';
    expect(compare(before ?? '', after ?? '', null, same)?.others).toEqual(['Pod/shop/web.spec.fixed']);
  });

  it('are named where anything else differs, without the value', () => {
    const other = `${pod('  image: nginx:1\n')}---\n${pod('  image: nginx:1\n')}`;
    const after = `${pod('  image: elsewhere/nginx:1\n  secret: s3cret\n')}---\n${pod('  {}\n')}`;
    expect(compare(other, after)?.others).toEqual([
      'Pod/shop/web#2.spec',
      'Pod/shop/web#2.spec.image',
      'Pod/shop/web.spec.image',
      'Pod/shop/web.spec.secret',
    ]);
  });

  it('are not compared where they are no YAML', () => {
    expect(compare('a: [', 'a: [')).toBeNull();
  });
});
