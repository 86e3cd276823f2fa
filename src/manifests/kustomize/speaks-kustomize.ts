import type { OpenFile } from '../yaml/open-file.ts';

/**
 * Whether a text may have an object of Flux or Argo CD that builds with kustomize. Every folder of kustomize has a
 * Kustomization, too, which is none of Flux.
 */
export function speaksKustomize({ kinds, text }: Pick<OpenFile, 'kinds' | 'text'>): boolean {
  if (kinds.has('Kustomization') && text.includes('kustomize.toolkit.fluxcd.io/')) return true;
  return (kinds.has('Application') || kinds.has('ApplicationSet')) && text.includes('argoproj.io/');
}
