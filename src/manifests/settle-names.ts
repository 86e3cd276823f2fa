import type { ImageUse } from './types.ts';

/**
 * A name and the tags that stand in other places are edited together: what holds one of them holds all, and so does
 * one that is not among the uses.
 */
export function settleNames(uses: readonly ImageUse[]): readonly ImageUse[] {
  const groups = new Map<string, ImageUse[]>();
  for (const use of uses) {
    if (!isJoined(use)) continue;
    const key = keyOf(use);
    const group = groups.get(key);
    if (group) group.push(use);
    else groups.set(key, [use]);
  }
  const held = new Map<string, Pick<ImageUse, 'hold' | 'heldBy'>>();
  for (const [key, group] of groups) {
    const reason = findReason(group);
    if (reason) held.set(key, reason);
  }
  if (held.size === 0) return uses;
  return uses.map((use) => {
    const reason = use.hold === null && isJoined(use) ? held.get(keyOf(use)) : undefined;
    return reason ? { ...use, ...reason } : use;
  });
}

/** Not so the entries of overlays, which say several names by one text, too. */
function isJoined({ together, nameAt, parts }: ImageUse): boolean {
  if (together === undefined) return false;
  return nameAt !== undefined || (parts?.kind === 'split' && parts.repository.key !== 'newName');
}

function keyOf({ file, range, nameAt }: ImageUse): string {
  return `${nameAt?.file ?? file} ${(nameAt?.range ?? range)[0]}`;
}

function findReason(group: readonly ImageUse[]): Pick<ImageUse, 'hold' | 'heldBy'> | null {
  const held = group.find(({ hold }) => hold !== null);
  if (held) return { hold: held.hold, heldBy: held.heldBy ?? { file: held.file, line: held.line } };
  const isMissing = group
    .flatMap(({ together = [] }) => together)
    .some((written) => !group.some((use) => use.written === written));
  const [name] = group;
  if (!isMissing && group.some(({ nameAt }) => nameAt === undefined)) return null;
  return {
    hold: 'composed',
    heldBy: name?.nameAt ? { file: name.nameAt.file, line: name.nameAt.line } : null,
  };
}
