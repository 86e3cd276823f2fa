export { pageOfReport } from './page-of-report.ts';
export { pagePolicy, renderPage } from './render-page.ts';
export type * from './types.ts';
