import { parseImageReference } from '../reference/index.ts';
import type { ImagePart, ImageUse, SplitImage } from './types.ts';

/** One scalar of a split image and what it shall say. */
export interface PartChange {
  readonly part: ImagePart;
  readonly to: string;
}

/** Whether a place can say a digest. One scalar always can; where a digest stands, another one can. */
export function canHoldDigest({ parts, nameAt }: ImageUse): boolean {
  if (nameAt) return false;
  if (parts?.kind === 'override') return parts.pinned;
  if (parts?.kind === 'entry') return parts.bare !== true;
  if (parts?.kind !== 'split') return true;
  return parts.digest !== null || parts.tag?.written.includes('@') === true;
}

/** Whether a place can say another tag than the one that counts there now. */
export function canChangeTag({ parts, nameAt }: ImageUse): boolean {
  if (nameAt) return false;
  if (parts?.kind === 'entry') return parts.bare !== true;
  return parts?.kind !== 'split' || parts.tag !== null;
}

type Said = { readonly written: string };

/** `registry/repository:tag@digest` from the parts that are there. */
export function composeImage(parts: {
  readonly registry: Said | null;
  readonly repository: Said;
  readonly tag: Said | null;
  readonly digest: Said | null;
}): string {
  const registry = parts.registry?.written ?? '';
  const tag = parts.tag?.written ?? '';
  const digest = parts.digest?.written ?? '';
  const name = registry === '' ? parts.repository.written : `${registry}/${parts.repository.written}`;
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`);
}

/**
 * The fewest scalars that make a split image say another name, in the order that keys are added. A digest that the
 * other name does not have is emptied. Null when the parts cannot say it.
 */
export function spreadImage(image: SplitImage, written: string, to: string): readonly PartChange[] | null {
  const parsed = parseImageReference(to);
  if (!parsed.ok) return null;
  const { registry, repository, tag, digest } = parsed.value;
  const changes: PartChange[] = [];
  const set = (part: ImagePart, text: string) => {
    if (part.written !== text) changes.push({ part, to: text });
  };
  if (image.registry?.key === 'hub') {
    const name = `${registry}/${repository}`;
    const slash = name.lastIndexOf('/');
    set(image.registry, name.slice(0, slash));
    set(image.repository, name.slice(slash + 1));
  } else if (image.registry !== null) {
    set(image.registry, registry);
    set(image.repository, repository);
  } else set(image.repository, nameOf(to));
  const tagHoldsDigest = image.digest === null && image.tag?.written.includes('@') === true;
  if (digest !== null && image.digest === null && !tagHoldsDigest && !written.endsWith(`@${digest}`))
    return null;
  if (image.tag !== null) {
    const whole = (tag ?? '') + (tagHoldsDigest && digest !== null ? `@${digest}` : '');
    // Beside a digest that is new, kustomize drops the tag of the base.
    const repeated = image.tag.range === null && digest !== null && image.digest?.range === null;
    if (tag !== null && (image.tag.written !== whole || repeated))
      changes.push({ part: image.tag, to: whole });
  } else if (tag !== null && tag !== (tagOf(written) || 'latest')) return null;
  if (image.digest !== null) {
    if (digest !== null) set(image.digest, digest);
    // On the way back: it was the copy's, and a copy of chosen platforms has one that its source does not have.
    else if (written.includes('@')) set(image.digest, '');
  }
  return changes;
}

/** Without tag and digest, as it is written. */
export function nameOf(image: string): string {
  const [name = ''] = image.split('@');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  return colon === -1 ? name : name.slice(0, colon);
}

function tagOf(image: string): string {
  const [named = ''] = image.split('@');
  return named.slice(nameOf(image).length + 1);
}
