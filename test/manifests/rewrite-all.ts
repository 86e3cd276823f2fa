import { findImages, type Rewritten, rewriteManifest, type SourceFile } from '../../src/manifests/index.ts';

/** The new name that tests give an image: short enough to read in tables. */
export function moved(image: string): string {
  return `b.io/${image.replace('://', '/')}`;
}

/** Rewrites every image of a file that is not held, and gives each of their pod specs the names. */
export function rewriteAll(text: string, names: readonly string[] = [], path = 'a.yaml'): Rewritten {
  const file: SourceFile = { path, text };
  const { uses, skipped } = findImages(file);
  if (skipped.length > 0) throw new Error(`unreadable fixture: ${JSON.stringify(skipped)}`);
  const editable = uses.filter((use) => use.hold === null);
  const specs = new Map(editable.map((use) => [`${use.document} ${use.podSpec}`, use]));
  return rewriteManifest(file, {
    images: editable.map((use) => ({
      use,
      to: use.written.startsWith('b.io/') ? use.written : moved(use.written),
    })),
    pullSecrets: [...specs.values()].flatMap(({ document, podSpec }) =>
      podSpec === null || names.length === 0 ? [] : [{ document, podSpec, names }],
    ),
  });
}

/** The rewritten text; throws the problem of a refusal. */
export function rewritten(text: string, names: readonly string[] = [], path = 'a.yaml'): string {
  const result = rewriteAll(text, names, path);
  if (!result.ok) throw new Error(`line ${result.line}: ${result.problem}`);
  return result.text;
}

/** A Pod whose spec is these lines. */
export function pod(...spec: readonly string[]): string {
  return ['apiVersion: v1', 'kind: Pod', 'metadata: {name: web}', 'spec:', ...spec, ''].join('\n');
}
