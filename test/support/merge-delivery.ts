import { parse, stringify } from 'yaml';

interface Entry {
  readonly name: string;
}

interface Fields {
  readonly components?: readonly string[];
  readonly patches?: readonly unknown[];
  readonly images?: readonly (Entry | string)[];
}

type Spec = Fields & { readonly source?: { readonly kustomize: Fields | '' } };

/**
 * What Flux writes into the kustomization of the folder that it applies (fluxcd/pkg, kustomize/kustomize_generator.go),
 * and Argo CD by `kustomize edit` (argo-cd, util/kustomize/kustomize.go).
 */
export function mergeDelivery(kustomization: string, delivery: string): string {
  const own = parse(kustomization, { schema: 'failsafe' }) as Fields;
  const { spec } = parse(delivery, { schema: 'failsafe' }) as { readonly spec: Spec };
  const given: Fields = spec.source ? spec.source.kustomize || {} : spec;
  const images = (own.images ?? []).map(readEntry);
  for (const image of (given.images ?? []).map(readEntry)) {
    const at = images.findIndex(({ name }) => name === image.name);
    images.splice(at === -1 ? images.length : at, 1, image);
  }
  if (spec.source && given.images) images.sort((a, b) => (a.name < b.name ? -1 : 1));
  return stringify({
    ...own,
    components: [...(own.components ?? []), ...(given.components ?? [])],
    patches: [...(own.patches ?? []), ...(given.patches ?? [])],
    images,
  });
}

/** `name:tag`, `name@digest`, `name=other:tag`. */
function readEntry(image: Entry | string): Entry {
  if (typeof image !== 'string') return image;
  const found = /^(?:(?<name>[^=]*)=)?(?<other>[^:@]*)(?::(?<tag>[^@]*))?(?:@(?<digest>.*))?$/.exec(image);
  const { name, other = '', tag, digest } = found?.groups ?? {};
  return {
    name: name ?? other,
    ...(name !== undefined && { newName: other }),
    ...(tag !== undefined && { newTag: tag }),
    ...(digest !== undefined && { digest }),
  };
}
