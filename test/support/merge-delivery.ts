import { parse, stringify } from 'yaml';

interface Fields {
  readonly components?: readonly string[];
  readonly patches?: readonly unknown[];
  readonly images?: readonly { readonly name: string }[];
}

/** What Flux writes into the kustomization of the folder that it applies (fluxcd/pkg, kustomize/kustomize_generator.go). */
export function mergeDelivery(kustomization: string, delivery: string): string {
  const own = parse(kustomization, { schema: 'failsafe' }) as Fields;
  const { spec } = parse(delivery, { schema: 'failsafe' }) as { readonly spec: Fields };
  const images = [...(own.images ?? [])];
  for (const image of spec.images ?? []) {
    const at = images.findIndex(({ name }) => name === image.name);
    images.splice(at === -1 ? images.length : at, 1, image);
  }
  return stringify({
    ...own,
    components: [...(own.components ?? []), ...(spec.components ?? [])],
    patches: [...(own.patches ?? []), ...(spec.patches ?? [])],
    images,
  });
}
