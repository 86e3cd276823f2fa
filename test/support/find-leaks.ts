import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where a secret shows, as it is or as the header of basic authentication: in the text, and in every file below the
 * folder. Lines in which a runner is asked to hide it (`::add-mask::`) do not count: the runner never shows them.
 */
export async function findLeaks(folder: string, text: string, secrets: readonly string[]): Promise<string[]> {
  const forms = secrets.flatMap((secret) => [
    secret,
    Buffer.from(`x-access-token:${secret}`).toString('base64'),
  ]);
  const shown = text.replace(/^::add-mask::.*$/gm, '');
  const leaks = forms.filter((form) => shown.includes(form)).map(() => 'the output');
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    if (forms.some((form) => content.includes(form))) leaks.push(path);
  }
  return leaks;
}
