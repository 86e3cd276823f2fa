/**
 * `holdfast/main`, or `holdfast/main--apps` for one directory. Not `holdfast/main/apps`: git cannot hold that branch
 * beside `holdfast/main`, so that changing `group` would fail.
 */
export function branchName(prefix: string, base: string, group: string | null): string {
  return group === null ? `${prefix}/${base}` : `${groupPrefix(prefix, base)}${encodeGroup(group)}`;
}

/** What the branches of all directories of a base start with. */
export function groupPrefix(prefix: string, base: string): string {
  return `${prefix}/${base}--`;
}

/** The directory that a file's pull request is for, with `group: directory`: the first part of its path. */
export function groupOf(path: string): string {
  const slash = path.indexOf('/');
  return slash === -1 ? '.' : path.slice(0, slash);
}

/** The directory that a branch below `groupPrefix` is for. */
export function readGroup(branch: string, prefix: string): string {
  const encoded = branch.slice(prefix.length);
  const bytes = [...encoded.matchAll(/\.([0-9a-f]{2})|[^.]/g)].map(([character, hex]) =>
    hex === undefined ? character.charCodeAt(0) : Number.parseInt(hex, 16),
  );
  return Buffer.from(bytes).toString('utf8');
}

/** Letters, digits, `_` and `-` stay; any other byte becomes `.xx`, which git allows and which is unique. */
function encodeGroup(group: string): string {
  return [...Buffer.from(group)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[\w-]/.test(character) ? character : `.${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
