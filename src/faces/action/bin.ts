import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { main } from './main.ts';

const stop = new AbortController();
// Every transfer under way listens to it; how many that are is for `concurrency` to say.
setMaxListeners(0, stop.signal);
// A workflow that is cancelled gets SIGINT, 7.5 s later SIGTERM, and is then killed.
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  });

await main(process.env, process.cwd(), stop.signal);
