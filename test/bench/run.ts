import { readdir } from 'node:fs/promises';
import process from 'node:process';

/** `npm run bench -- scan`: runs test/bench/scan.ts with the remaining arguments. */
const [name = '', ...rest] = process.argv.slice(2);
const benches = (await readdir(import.meta.dirname)).flatMap((file) =>
  file.endsWith('.ts') && file !== 'run.ts' ? [file.slice(0, -3)] : [],
);
if (!benches.includes(name)) {
  console.error(`usage: npm run bench -- ${benches.join('|') || '(none yet)'}`);
  process.exit(2);
}
process.argv.splice(2, process.argv.length, ...rest);
await import(new URL(`./${name}.ts`, import.meta.url).href);
