#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { main } from './main.ts';

// Node 20 takes longer to optimise what a scan runs than the scan takes, and little of that is run again: a function has
// to run eight times as much (1 MB of bytecode) before. Later versions have a quick compiler for the time between.
if (process.version.startsWith('v20.')) setFlagsFromString('--interrupt-budget=1081344');

// A reader that went away (`| head`) must not stop a copy or a rewrite half-way.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`holdfast: the output cannot be written (${error.code ?? error.message})\n`);
    process.exit(2);
  });

const stop = new AbortController();
// Every transfer under way listens to it; how many that are is for --concurrency to say.
setMaxListeners(0, stop.signal);
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(2);
    stop.abort();
  });

const exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
});
process.exitCode = exitCode;
// What was stopped, and does not end by itself (a child of git that waits for a server), keeps nobody waiting.
if (stop.signal.aborted) setTimeout(() => process.exit(), 1000).unref();
