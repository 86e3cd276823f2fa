/** The folder that a path lies in; empty for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** The path of what a folder holds; with an empty name, what the paths of all that is in it begin with. */
export function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** A path below the root, or null for a remote one and one that leaves the root. */
export function resolvePath(folder: string, path: string): string | null {
  if (isRemote(path) || path.startsWith('/')) return null;
  const segments = folder === '' ? [] : folder.split('/');
  for (const segment of path.split('/')) {
    if (segment === '..') {
      if (segments.pop() === undefined) return null;
    } else if (segment !== '.' && segment !== '') {
      segments.push(segment);
    }
  }
  return segments.join('/');
}

/** What objects name as a folder or file of their repository, with or without a `/` before it. */
export function resolveFromRoot(path: string): string | null {
  return resolvePath('', path.replace(/^\/+/, ''));
}

function isRemote(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/|^[^/]+@[^/]+:|\?|^(?:github\.com|gitlab\.com|bitbucket\.org)\/|\.git(?:\/|$)/.test(
    path,
  );
}

/** Stands for what a template fills in, and for one name of a path. */
const [filledIn, oneName] = ['\u0000', '\u0001'];

/**
 * The paths of `known` that a path may mean which an object in `folder` names. Objects name paths from the root of
 * their repository, which may be any folder around them; a template may become anything.
 */
export function findPaths(path: string, folder: string, known: ReadonlySet<string>): readonly string[] {
  const pattern = path.replaceAll(/\{\{.*?\}\}|\$\{.*?\}|\*\*/g, filledIn).replaceAll('*', oneName);
  const found = new Set<string>();
  for (const root of foldersAround(folder)) {
    const resolved = resolvePath(root, pattern.replace(/^\/+/, ''));
    if (!pattern.includes(filledIn) && !pattern.includes(oneName)) {
      if (resolved !== null && known.has(resolved)) found.add(resolved);
      continue;
    }
    // What is filled in may be several folders, so that steps out of them lead anywhere.
    const matches = compile(resolved ?? `${filledIn}/${pattern.replace(/^.*\.\.\//, '')}`);
    for (const each of known) if (matches(each)) found.add(each);
  }
  return [...found].toSorted();
}

function foldersAround(folder: string): string[] {
  const around = [''];
  for (let at = folder; at !== ''; at = folderOf(at)) around.push(at);
  return around;
}

/** Most paths begin or end otherwise, which is told much sooner. */
function compile(pattern: string): (path: string) => boolean {
  const parts = pattern.split(filledIn).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const whole = new RegExp(`^${parts.join('.*').replaceAll(oneName, '[^/]*')}$`);
  const literal = pattern.replaceAll(oneName, filledIn).split(filledIn);
  const [start = ''] = literal;
  const end = literal.at(-1) ?? '';
  return (path) => path.startsWith(start) && path.endsWith(end) && whole.test(path);
}
