/**
 * True for the names that manifests go by, and for helpers of charts, which tell what values are put into. A file that
 * a person names needs none of them.
 */
export function isManifestName(path: string): boolean {
  return (
    /\.(?:ya?ml|json|kyaml)$/i.test(path) ||
    /(?:^|\/)Kustomization$|\/templates\/.*\.tpl$|^templates\/.*\.tpl$/.test(path)
  );
}

/** Folders that hold what others wrote: never searched, unless named on the command line. */
export function isForeignFolder(name: string): boolean {
  return name === 'node_modules' || name === 'vendor' || name === '.git';
}
