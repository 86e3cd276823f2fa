import { parseImageReference } from '../reference/index.ts';
import type { HoldReason } from './types.ts';

const sentences: Readonly<Record<HoldReason, string>> = {
  template: 'The image is a template that is filled in before the manifest is applied.',
  variable: 'The image holds a variable that is filled in before the manifest is applied.',
  placeholder: 'The image is a placeholder that something else replaces before the manifest is applied.',
  scheme: 'The image is a source path (as in ko://) that a build replaces by an image.',
  empty: 'No image is written here.',
  invalid: 'This is not a valid name of an image.',
  ignored: 'A holdfast ignore comment or annotation says to leave it alone.',
  'flux-setter': 'Flux writes this image (an $imagepolicy comment); it would undo the edit.',
  'image-updater': 'An image updater writes this image; edit its configuration first.',
  overlay: 'An overlay decides this image by its name; renaming it here would break the overlay.',
  generated: 'The file is generated; change what generates it.',
  encrypted: 'The document is encrypted with a checksum over all of it (SOPS); an edit would break it.',
  'chart-template': "The file is a Helm chart's template; its images are decided by the chart's values.",
  'duplicate-key': 'The key is written twice; remove one of the two.',
  'multi-line': 'The image is written over several lines; write it on one.',
  'quoted-text':
    'The image stands in text that is quoted, folded (>), or says how deep it is indented; write that text as a literal block (|).',
  'shared-anchor': 'The anchor is also used for something that is no image; an edit would change that, too.',
  'unknown-tag': 'The tag is decided where this text does not tell; write it beside the name.',
  'base-tag':
    'The base decides the tag of this entry, and what it says is not known here: write that tag in the entry (newTag, in Argo CD old=new:tag).',
  'unknown-registry':
    'Whether the chart puts a registry before this name is not known here: write docker.io/ before it, or registry: docker.io beside it, whichever the chart has.',
  'chart-digest':
    'The chart puts a digest of its own behind this tag: write `digest: ""` beside it, where the digest of the backup then goes, or in values of Cilium `useDigest: false`.',
  number:
    'The tag has no quotes around it, and so is a number, which Helm writes in its own way (1.20 as 1.2): put quotes around the tag that is meant.',
  composed:
    'The name is put together from parts that stand in several places (other values, templates of the chart), or of a suffix or a pattern of an entry. Copy each image that they make with `holdfast copy --image`, then write the name of the backup by hand where the name is said; the tags stay as they are.',
  hub: 'Istio puts the names of its images behind this hub (pilot, proxyv2, install-cni, ztunnel). Copy those that run with `holdfast copy --image`, then write here the path that their copies share.',
  'reported-only': 'A reference at this place is reported, and edited only by a rule.',
  tested: 'A JSON patch asks that the base say this image, and fails if it says another.',
  'not-followed':
    'Something on the way to what is applied reads or changes this image in a way that is not followed here; change both places by hand.',
  'needs-entry':
    'Something else decides this image by its name, so that the base has to stay; what is built here runs it as it is, and an entry of its own cannot be added safely: write one by hand.',
};

/** One sentence for people. */
export function describeHold(reason: HoldReason): string {
  return sentences[reason];
}

/** What the written value alone says against taking it for the name of an image. */
export function findTextHold(written: string): HoldReason | null {
  if (written === '') return 'empty';
  if (written.includes('{{')) return 'template';
  if (written.startsWith('ENC[')) return 'encrypted';
  if (written.includes('$')) return 'variable';
  if (isPlaceholder(written)) return 'placeholder';
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(written)) return 'scheme';
  return parseImageReference(written).ok ? null : 'invalid';
}

/** `<repo>`, `{user}/x`, `@TAG@`, `%IMAGE%`, and Istio's `auto`, which its injector replaces. */
function isPlaceholder(written: string): boolean {
  return written === 'auto' || /<[^<>]+>|\{[^{}]+\}|@[A-Za-z_][\w-]*@|%[A-Za-z_]\w*%/.test(written);
}

/** What a comment after the value on its line says. */
export function findCommentHold(restOfLine: string): HoldReason | null {
  if (/#\s*holdfast:\s*ignore\b/.test(restOfLine)) return 'ignored';
  if (/#\s*\{\s*"\$imagepolicy"\s*:/.test(restOfLine)) return 'flux-setter';
  return null;
}
