import { createHash } from 'node:crypto';
import { pageScript } from './script.ts';
import { pageStyle } from './style.ts';
import type { PageModel } from './types.ts';

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What the page may do: run its own program, and ask its own server. Also sent as a header by the daemon. */
export const pagePolicy = [
  "default-src 'none'",
  `script-src ${hash(pageScript)}`,
  `style-src ${hash(pageStyle)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const columns = [
  ['name', 'Image'],
  ['status', 'Backup'],
  ['upstream', 'Upstream'],
  ['places', 'Used by'],
  ['request', 'Pull request'],
] as const;

/** One HTML file that stands alone: no other file, no network beyond its own server. */
export function renderPage(model: PageModel): string {
  const heads = columns
    .map(([key, words]) => `<th scope="col" data-key="${key}"><button type="button">${words}</button></th>`)
    .join('');
  const options = columns
    .map(
      ([key, words]) =>
        `<option value="${key}"${key === 'status' ? ' selected' : ''}>Sort by ${words.toLowerCase()}</option>`,
    )
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>holdfast</title>
<style>${pageStyle}</style>
</head>
<body>
<a class="skip" href="#text">Skip to the filter</a>
<header>
<h1>holdfast</h1>
<p class="sub" id="subject"></p>
<p class="sub" id="stale" role="status" hidden>The daemon does not answer; this is what it said last.</p>
</header>
<main>
<div class="counts" id="counts" role="group" aria-label="Show"></div>
<ul class="notices" id="notices" hidden></ul>
<div class="tools">
<input id="text" type="search" placeholder="Filter by image, workload, namespace  ( / )" aria-label="Filter" autocomplete="off">
<select id="sort" aria-label="Sort">${options}</select>
<span class="sub" id="shown" role="status"></span>
</div>
<table>
<thead><tr>${heads}</tr></thead>
<tbody id="rows"></tbody>
</table>
<p class="none" id="none" hidden>No image matches.</p>
</main>
<dialog id="detail" aria-labelledby="detail-name"></dialog>
<noscript><p>This page needs JavaScript; <a href="api/images">/api/images</a> is the same as JSON.</p></noscript>
<script type="application/json" id="model">${embed(model)}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** JSON that can stand in a script element: no text of it can end the element or begin a comment. */
function embed(model: PageModel): string {
  return JSON.stringify(model)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
