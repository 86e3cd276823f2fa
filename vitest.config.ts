import { defineConfig } from 'vitest/config';
import { SkipReporter } from './test/support/skip-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    server: { deps: { inline: [/@actions\//] } },
    // Most of the time is waiting for servers and processes, so that two cores feed four.
    maxWorkers: 4,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Real servers on a shared machine miss a time-out now and then; what fails twice is broken, and a retry is shown.
    retry: process.env['CI'] ? 1 : 0,
    reporters: ['default', new SkipReporter()],
  },
});
