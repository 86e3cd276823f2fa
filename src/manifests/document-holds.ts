import type { HoldReason } from './types.ts';
import { getText, getValue, type TreeNode } from './yaml/tree.ts';

/** Why no image of this document may be edited, whatever it is. */
export function findDocumentHold(text: string, root: TreeNode | null): HoldReason | null {
  if (isSealed(root)) return 'encrypted';
  return saysGenerated(text) ? 'generated' : null;
}

/** SOPS computes its MAC over every value unless `mac_only_encrypted` says otherwise. */
function isSealed(root: TreeNode | null): boolean {
  const sops = getValue(root, 'sops');
  return getText(sops, 'mac') !== null && getText(sops, 'mac_only_encrypted') !== 'true';
}

/** A file that a generator wrote: by Flux's name for it, or by the comment that opens it. */
export function isGeneratedFile(path: string, text: string): boolean {
  return /(?:^|\/)gotk-components\.ya?ml$/.test(path) || saysGenerated(text);
}

/** "DO NOT EDIT" in the comments before the first line of content. */
function saysGenerated(text: string): boolean {
  for (const line of leadingLines(text)) {
    if (/\bdo not (?:manually )?(?:edit|modify)\b/i.test(line)) return true;
  }
  return false;
}

function* leadingLines(text: string): Generator<string> {
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, Math.min(end, start + 500)).trim();
    if (line !== '' && !/^(?:#|%|---(?:\s|$))/.test(line)) return;
    yield line;
    start = end + 1;
  }
}
