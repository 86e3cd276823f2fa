import { defineConfig } from 'vitest/config';

/** What runs too long for every change: many kills, long copies, churn. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.soak.ts'],
    server: { deps: { inline: [/@actions\//] } },
    testTimeout: 25 * 60_000,
    fileParallelism: false,
    retry: process.env['CI'] ? 1 : 0,
  },
});
