import {
  findAllSecrets,
  findNamespaces,
  findPodSpecs,
  findServiceAccounts,
  type ImageUse,
} from '../manifests/index.ts';
import { type PullSecret, type PullSecretPlan, planPullSecrets } from '../plan/index.ts';
import type { Survey } from './survey.ts';

/** Where the pull secret goes for these uses, by all that was read. Files around are looked at, and not edited. */
export function surveyPullSecrets(
  { files, around, namespaces = findNamespaces([]) }: Pick<Survey, 'files' | 'around' | 'namespaces'>,
  backed: readonly ImageUse[],
  pullSecret: PullSecret | null,
): PullSecretPlan {
  if (pullSecret === null) return { additions: [], namespaces: [], lacking: [], notes: [] };
  const all = [...files, ...around];
  const own = new Set(files);
  const used = new Set(backed.flatMap(({ file, runs = [] }) => [file, ...runs.map((pod) => pod.file)]));
  const hold = <T extends { readonly editable: boolean }>(found: readonly T[], editable: boolean) =>
    editable ? found : found.map((each) => ({ ...each, editable: false }));
  const facts = {
    files: all
      .filter(({ path }) => used.has(path))
      .map((file) => ({ file: file.path, podSpecs: hold(findPodSpecs(file), own.has(file)) })),
    accounts: all.flatMap((file) => hold(findServiceAccounts(file), own.has(file))),
    secrets: findAllSecrets(all, namespaces),
    namespaces,
  };
  return planPullSecrets(facts, backed, pullSecret);
}
