import { describeHold, type HoldReason, type ImageUse } from '../manifests/index.ts';
import {
  canonicalName,
  familiarName,
  formatReference,
  type ImageReference,
  isUnder,
  parseImageReference,
} from '../reference/index.ts';
import { compileGlob } from './glob.ts';
import type { ExclusionReason, JudgePolicy, Verdict } from './types.ts';

/**
 * holdfast's own images, wherever they are published: a backup of the program that makes backups would have it wait
 * for itself.
 */
const ownImages: readonly string[] = ['**/holdfast'];

/** Left alone unless nothing is: what a cluster needs to start is not moved by default. */
export const safeNamespaces: readonly string[] = ['kube-system'];

const notAName: ReadonlySet<HoldReason> = new Set([
  'template',
  'variable',
  'placeholder',
  'scheme',
  'empty',
  'invalid',
]);

/** Decides about single uses. The globs are compiled once; the answer depends on the use and the policy alone. */
export function compileJudge(policy: JudgePolicy): (use: ImageUse) => Verdict {
  const findExclusion = compileExclusions(policy);
  return (use) => {
    if (use.hold !== null && use.hold !== 'invalid' && notAName.has(use.hold))
      return unusable(use, use.hold, null);
    const parsed = parseImageReference(use.written);
    if (!parsed.ok)
      return { state: 'unusable', reference: null, reason: 'invalid', explanation: sentence(parsed.problem) };
    const reference = parsed.value;
    if (policy.backup !== null && isUnder(reference, policy.backup)) return { state: 'backup', reference };
    const exclusion = findExclusion(use, reference);
    if (exclusion !== null) return { state: 'excluded', reference, ...exclusion };
    const other = use.hold === 'reported-only' && policy.includeOther === true;
    return use.hold === null || other
      ? { state: 'candidate', reference }
      : unusable(use, use.hold, reference);
  };
}

interface Exclusion {
  readonly reason: ExclusionReason;
  readonly explanation: string;
}

function compileExclusions(
  policy: JudgePolicy,
): (use: ImageUse, reference: ImageReference) => Exclusion | null {
  const isOwn = compileGlobs(ownImages);
  const findImage = compileGlobs(policy.exclude.images);
  const findSpaces = compileSpaces(policy);
  const findPath = compileGlobs(policy.exclude.paths, spellPath);
  return (use, reference) => {
    if (use.hold === 'ignored') return { reason: 'ignored', explanation: describeHold('ignored') };
    // Spelled only where somebody asks: a folder has thousands of images.
    if (reference.repository.endsWith('holdfast') && isOwn(spellings(reference)) !== null)
      return {
        reason: 'own-image',
        explanation: "This is one of holdfast's own images; they are left alone.",
      };
    const image = policy.exclude.images.length === 0 ? null : findImage(spellings(reference));
    if (image !== null)
      return {
        reason: 'excluded-image',
        explanation: `Images like "${image}" are excluded by the configuration.`,
      };
    const spaces = findSpaces(use);
    if (spaces !== null)
      return {
        reason: 'excluded-namespace',
        explanation: `The namespace${spaces.length > 1 ? 's' : ''} ${spaces.join(', ')} ${spaces.length > 1 ? 'are' : 'is'} excluded.`,
      };
    const path = findPath([use.file]);
    return path === null
      ? null
      : { reason: 'excluded-path', explanation: `Files like "${path}" are excluded by the configuration.` };
  };
}

/** The namespaces of a use, with the globs that exclude them; null unless all of them are excluded. */
function compileSpaces({ exclude, placesOf }: JudgePolicy): (use: ImageUse) => readonly string[] | null {
  const findGlob = compileGlobs(exclude.namespaces);
  if (exclude.namespaces.length === 0) return () => null;
  return (use) => {
    const places = placesOf?.(use) ?? [use.workload.namespace];
    const excluded = places.flatMap((place) => {
      const glob = place === null ? null : findGlob([place]);
      return place === null || glob === null ? [] : glob === place ? place : `${place} (by "${glob}")`;
    });
    return excluded.length === places.length && excluded.length > 0 ? excluded : null;
  };
}

/** Answers the first pattern that matches one of the texts. */
function compileGlobs(
  patterns: readonly string[],
  spell: (pattern: string) => readonly string[] = (pattern) => [pattern],
): (texts: readonly string[]) => string | null {
  const compiled = patterns.map((pattern) => ({ pattern, globs: spell(pattern).map(compileGlob) }));
  return (texts) =>
    compiled.find(({ globs }) => globs.some((glob) => texts.some((text) => glob(text))))?.pattern ?? null;
}

/** A folder's name means all of it: `test`, `test/` and `test/**` are the same. */
function spellPath(pattern: string): readonly string[] {
  const path = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  return [path, `${path}/**`];
}

/** All that a person may call an image: in full or short, with tag and digest, with the tag alone, or bare. */
function spellings(reference: ImageReference): readonly string[] {
  const names = [reference, { ...reference, digest: null }, { ...reference, tag: null, digest: null }];
  return [canonicalName(reference), ...names.map(formatReference), ...names.map(familiarName)];
}

function unusable(use: ImageUse, reason: HoldReason, reference: ImageReference | null): Verdict {
  const place = use.heldBy === null ? '' : ` See ${use.heldBy.file}:${use.heldBy.line}.`;
  return { state: 'unusable', reference, reason, explanation: describeHold(reason) + place };
}

/** A problem of a parser as a whole sentence. */
export function sentence(problem: string): string {
  return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}
