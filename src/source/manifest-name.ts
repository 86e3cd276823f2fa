/** True for the names that manifests go by; a file that a person names needs none of them. */
export function isManifestName(path: string): boolean {
  return /\.(?:ya?ml|json|kyaml)$/i.test(path) || /(?:^|\/)Kustomization$/.test(path);
}

/** Folders that hold what others wrote: never searched, unless named on the command line. */
export function isForeignFolder(name: string): boolean {
  return name === 'node_modules' || name === 'vendor' || name === '.git';
}
