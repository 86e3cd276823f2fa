/** How often a property is tried: some hundred times for a change, ten times as often in `npm run soak`. */
export const runCount = (runs: number): number => (process.env['HOLDFAST_SOAK'] === '1' ? 10 * runs : runs);
