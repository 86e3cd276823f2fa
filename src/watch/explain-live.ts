import type { Owner } from './find-owner.ts';
import type { LiveUse } from './picture.ts';

/** A sentence for people: where an image that no file names runs, what made it, and where to set it. */
export function explainLive(canonical: string, use: LiveUse, owner: Owner | null): string {
  const { kind, namespace, name, field, chain } = use;
  const where = chain ?? `${kind} ${namespace}/${name}`;
  return `${canonical} runs in ${where} (${field}): ${findCure(use, owner)}`;
}

function findCure({ origin, workload }: LiveUse, owner: Owner | null): string {
  if (origin === 'debug') return 'a container that somebody added to the Pod; it goes with it.';
  if (origin === 'rollout')
    return `the Pod template of ${nameOf(workload)} names another image for this container; the Pod goes with the rollout, unless a webhook changes images as Pods are made.`;
  if (origin === 'injected')
    return 'a container that was injected; set the image where the injector is configured, or as an annotation of the Pod template that it reads.';
  if (workload === null) return 'nothing in Git was found for it; set the image where the object comes from.';
  if (origin === 'made')
    return `it is made by ${nameOf(workload)}; set the image in the spec of that object.`;
  if (workload.owner !== null)
    return `it is made by ${workload.owner}; set the image in the spec of that object.`;
  const release =
    workload.annotations['meta.helm.sh/release-name'] ??
    (workload.labels['app.kubernetes.io/managed-by'] === 'Helm' ? 'a Helm release' : null);
  if (release !== null)
    return `it is rendered by ${release === 'a Helm release' ? release : `the Helm release ${release}`}; set the image in its values (image.registry, image.repository, image.tag or image.digest).`;
  if (owner?.kind === 'unclear') return owner.why;
  if (owner?.kind === 'chart')
    return `it is rendered by ${owner.by}, from a chart; set the image in its values (image.registry, image.repository, image.tag or image.digest).`;
  if (owner?.kind === 'git')
    return `${owner.by === 'repositories' ? 'the repository of this namespace' : owner.by} deploys it, and no file there names it; set the image where it is generated.`;
  return 'nothing says which repository it comes from; name it in `repositories:`, or set the image where the object comes from.';
}

function nameOf(workload: LiveUse['workload']): string {
  return workload === null ? 'its owner' : `${workload.kind} ${workload.name}`;
}
