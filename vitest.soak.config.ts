import { defineConfig } from 'vitest/config';

/** Those that `runCount` makes longer. */
const properties = [
  'test/manifests/{find-documents,read-block,repair}.test.ts',
  'test/plan/{glob,read-plain-lock}.test.ts',
  'test/reference/properties.test.ts',
];

/** What runs too long for every change: many kills, long copies, churn. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.soak.ts', ...properties],
    env: { HOLDFAST_SOAK: '1' },
    server: { deps: { inline: [/@actions\//] } },
    testTimeout: 25 * 60_000,
    fileParallelism: false,
    retry: process.env['CI'] ? 1 : 0,
  },
});
