import { delimiter, join } from 'node:path';
import type { Work } from '../../backup/index.ts';
import type { Io } from './io.ts';

/** Where kubectl finds its clusters; `context` null is the current one. */
export function clusterOptions(context: string | null, env: Io['env']): NonNullable<Work['cluster']> {
  const files = env['KUBECONFIG']?.split(delimiter).filter((file) => file !== '');
  return {
    kubeconfigs: files?.length ? files : [join(env['HOME'] ?? '', '.kube', 'config')],
    context,
  };
}
