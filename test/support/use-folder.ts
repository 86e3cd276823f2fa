import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/**
 * A folder for the tests around the call, made when they run and removed after them. What is made while tests are
 * collected stays for ever where all of them are skipped.
 */
export function useFolder(name: string): { readonly path: string } {
  const folder = { path: '' };
  beforeAll(() => {
    folder.path = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  });
  afterAll(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}
