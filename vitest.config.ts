import { defineConfig } from 'vitest/config';
import { SkipReporter } from './test/support/skip-reporter.ts';

/** Files that start git, kubectl, servers and whole programs by the dozen. They take longest, and begin. */
const withPrograms = [
  'test/{backup,e2e,forge,watch}/**/*.test.ts',
  'test/faces/daemon/*.test.ts',
  'test/manifests/{kustomize,overlay}-*.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'alone', include: withPrograms } },
      {
        extends: true,
        // What they import is the greater part of their time, so that they share it.
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: withPrograms, isolate: false },
      },
    ],
    server: { deps: { inline: [/@actions\//] } },
    // Most of the time is waiting for servers and processes, so that two cores feed four.
    maxWorkers: 4,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The second that is the default is too short for a real server on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    // Real servers on a shared machine miss a time-out now and then; what fails twice is broken, and a retry is shown.
    retry: process.env['CI'] ? 1 : 0,
    reporters: ['default', new SkipReporter()],
  },
});
