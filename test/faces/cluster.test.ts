import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PlainKube, startPlainKube } from '../support/plain-kube.ts';
import { runCli } from './run-cli.ts';

describe('the command line on a cluster', () => {
  let kube: PlainKube;
  const scan = () => runCli(['scan', '--cluster'], { env: { KUBECONFIG: kube.kubeconfig } });

  beforeEach(async () => {
    kube = await startPlainKube();
  });
  afterEach(() => kube.close());

  it('counts the objects that it read, which are no files', async () => {
    kube.add('web', 'nginx:1.25');
    const { exitCode, stderr } = await scan();
    expect(stderr.split('\n').at(-2)).toBe('1 object read, 1 image reference: 1 to back up');
    expect(exitCode).toBe(0);
  });

  it('without a workload is not taken for one that is done', async () => {
    const { exitCode, stderr } = await scan();
    expect(stderr).toContain('holdfast: the cluster shows no object that holds an image: ');
    expect(exitCode).toBe(2);
  });
});
