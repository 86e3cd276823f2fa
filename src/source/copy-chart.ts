import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HoldfastError } from '../error.ts';

const largest = 64 * 1024 * 1024;

/**
 * Copies the folder of a chart, with other texts for some of its files (paths relative to it). No symbolic link goes
 * along, which helm would follow to anywhere, and no JSON schema of values, which may name others in the network.
 * Throws `environment` for more than 64 MiB.
 */
export async function copyChart(
  folder: string,
  target: string,
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  let bytes = 0;
  const walk = async (inside: string): Promise<void> => {
    await mkdir(join(target, inside), { recursive: true });
    for (const entry of await readdir(join(folder, inside), { withFileTypes: true })) {
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.name === '.git' || entry.name === 'node_modules' || entry.name === 'values.schema.json')
        continue;
      if (entry.isDirectory()) await walk(path);
      if (!entry.isFile() || texts.has(path)) continue;
      const content = await readFile(join(folder, path));
      bytes += content.length;
      if (bytes > largest)
        throw new HoldfastError('environment', 'the chart has more than 64 MiB; render it by hand');
      await writeFile(join(target, path), content);
    }
  };
  await walk('');
  for (const [path, text] of texts) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), text);
  }
}
