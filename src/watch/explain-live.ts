import type { LiveUse } from './picture.ts';

/** A sentence for people: where an image that no file names runs, what made it, and where to set it. */
export function explainLive(canonical: string, use: LiveUse): string {
  const { kind, namespace, name, field, chain, workload } = use;
  const where = chain ?? `${kind} ${namespace}/${name}`;
  return `${canonical} runs in ${where} (${field}): ${findCure(use, workload)}`;
}

function findCure({ chain }: LiveUse, workload: LiveUse['workload']): string {
  if (chain !== null && workload !== null)
    return 'a container that was injected; set the image where the injector is configured, or as an annotation of the Pod template that it reads.';
  if (workload === null) return 'nothing in Git was found for it; set the image where the object comes from.';
  if (workload.owner !== null)
    return `it is made by ${workload.owner}; set the image in the spec of that object.`;
  const release =
    workload.annotations['meta.helm.sh/release-name'] ??
    (workload.labels['app.kubernetes.io/managed-by'] === 'Helm' ? 'a Helm release' : null);
  if (release !== null)
    return `it is rendered by ${release === 'a Helm release' ? release : `the Helm release ${release}`}; set the image in its values (image.registry, image.repository, image.tag or image.digest).`;
  return 'no file of a known repository names it; name its repository in `repositories:`, or set the image where the object comes from.';
}
