import type { ImageUse } from '../types.ts';
import type { PatchTarget } from './kustomization.ts';

/**
 * Whether a patch surely writes its image over that of a Pod: it names the same container of the same object. Where
 * that is not certain both images count.
 */
export function isReplacedBy(pod: ImageUse, patch: ImageUse, target: PatchTarget | null): boolean {
  if (pod === patch || pod.container === undefined || patch.container === undefined) return false;
  const field = pod.field.replace(/^items\[\d+\]\./, '');
  if (patch.container.startsWith('/'))
    return isTarget(pod, target) && patch.container === `/${field.replaceAll(/[.[\]]+/g, '/')}`;
  const inner = patch.field.replace(/^.*(?:\.patch|\bpatchesStrategicMerge\[\d+\])\./, '');
  const list = (path: string) => path.replace(/\[\d+\]\.image$/, '');
  if (patch.container !== pod.container || list(inner) !== list(field)) return false;
  return target === null ? isSameObject(pod, patch) : isTarget(pod, target);
}

function isTarget({ workload }: ImageUse, target: PatchTarget | null): boolean {
  if (target === null || target.more || target.kind === null || target.name === null) return false;
  return /^[\w-]+$/.test(target.name) && target.kind === workload.kind && target.name === workload.name;
}

function isSameObject({ workload: pod }: ImageUse, { workload: patch }: ImageUse): boolean {
  return (
    pod.apiVersion === patch.apiVersion &&
    pod.kind === patch.kind &&
    pod.name !== null &&
    pod.name === patch.name &&
    pod.namespace === patch.namespace
  );
}

/** Whether a word of a target may mean an object's: they are patterns. Null is for every object. */
export function matchesTarget(pattern: string | null, text: string | null): boolean {
  if (pattern === null || pattern === text) return true;
  try {
    const whole = new RegExp(`^(?:${pattern})$`);
    return text !== null && whole.test(text);
  } catch {
    return true;
  }
}
