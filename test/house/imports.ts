import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, posix, relative } from 'node:path';

export const sourceFolder = join(import.meta.dirname, '../../src');

/** A file of src/, by its path there: `plan/policy.ts`. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

export function readSources(): SourceText[] {
  return readdirSync(sourceFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      path: relative(sourceFolder, path).replaceAll('\\', '/'),
      text: readFileSync(path, 'utf8'),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** One specifier that a file imports or re-exports; `typeOnly` leaves no trace at run time. */
export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const forms = [
  /^\s*(?:import|export)\s+(type\s)?(?:[^'"();]*?\sfrom\s+)['"]([^'"]+)['"]/gm,
  /^\s*import\s+()['"]([^'"]+)['"]/gm,
  /\b(?:import|require)\(\s*()['"]([^'"]+)['"]/g,
];

/** Every import of a TypeScript text, comments left out. */
export function findImports(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return forms.flatMap((form) =>
    [...code.matchAll(form)].map(([, type, specifier = '']) => ({ specifier, typeOnly: Boolean(type) })),
  );
}

/**
 * The room that a path is in: the first folder, in faces/ the first two; files beside the rooms (`error.ts`) are
 * rooms of their own, and what the faces share is the room `faces`.
 */
export function roomOf(path: string): string {
  const [first = '', second = '', third] = path.split('/');
  return first === 'faces' && third !== undefined ? `faces/${second}` : first;
}

/** Where a relative specifier leads, as a path in src/; null for packages. */
export function resolveImport(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.normalize(posix.join(dirname(from), specifier)) : null;
}

const builtins = new Set(builtinModules);

/** The package that a bare specifier names, without the path in it; null for Node's own modules. */
export function packageOf(specifier: string): string | null {
  if (specifier.startsWith('node:') || builtins.has(specifier)) return null;
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
