import{createHash as e}from"node:crypto";const t=String.raw`'use strict';
(() => {
const byId = (id) => document.getElementById(id);
let model;
/** By canonical name; where two rows have the same, the second has its reason in its key. */
let images = new Map();
const take = (next) => {
  model = next;
  images = new Map();
  for (const image of model.images) images.set(images.has(image.canonical) ? image.canonical + ' ' + image.why : image.canonical, image);
};
const view = { filter: 'all', text: '', sort: 'status', down: false };
const statusWords = { safe: 'backed up', waiting: 'waiting', failed: 'failed', private: 'private', missing: 'not backed up', 'left-alone': 'left alone' };
const rank = { failed: 0, missing: 1, private: 2, waiting: 3, safe: 4, 'left-alone': 5 };
const upstreamRank = { gone: 0, moved: 1, 'rate-limited': 2, unreachable: 3, private: 4, unknown: 5, available: 6 };
const filters = [
  ['all', 'images', () => true],
  ['safe', 'backed up', (i) => i.status === 'safe'],
  ['waiting', 'waiting', (i) => i.status === 'waiting'],
  ['failed', 'failed', (i) => i.status === 'failed', true],
  ['missing', 'not backed up', (i) => i.status === 'missing', true],
  ['private', 'private', (i) => i.status === 'private'],
  ['gone', 'gone upstream', (i) => i.upstream !== null && i.upstream.state === 'gone', true],
  ['moved', 'tag moved on', (i) => i.upstream !== null && i.upstream.state === 'moved'],
  ['left-alone', 'left alone', (i) => i.status === 'left-alone'],
];
const columns = {
  name: (a, b) => compare(a.name, b.name),
  status: (a, b) => rank[a.status] - rank[b.status],
  upstream: (a, b) => upstreamOf(a) - upstreamOf(b),
  places: (a, b) => b.places.length - a.places.length,
  request: (a, b) => b.requests.length - a.requests.length,
};
const upstreamOf = (i) => (i.upstream === null ? 9 : upstreamRank[i.upstream.state] ?? 8);
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {}))
    if (name === 'onclick') element.addEventListener('click', value);
    else element.setAttribute(name, value);
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
};
const pill = (kind, words) => make('span', { class: 'pill ' + kind }, words);
const ago = (at) => {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  const [count, unit] = seconds < 90 ? [seconds, 's'] : seconds < 5400 ? [Math.round(seconds / 60), 'min'] : seconds < 129600 ? [Math.round(seconds / 3600), 'h'] : [Math.round(seconds / 86400), 'd'];
  return count + ' ' + unit + ' ago';
};
const when = (at) => make('time', { datetime: new Date(at).toISOString(), title: new Date(at).toLocaleString() }, ago(at));
const link = (request) => {
  const state = /^(created|updated|unchanged)$/.test(request.state) ? 'open' : request.state;
  const words = request.number === null ? state : '#' + request.number + ' ' + state;
  return request.url !== null && /^https?:\/\//.test(request.url)
    ? make('a', { href: request.url, rel: 'noreferrer' }, words)
    : make('span', {}, words);
};

const drawHead = () => {
  byId('subject').textContent = model.subject + (model.backup === null ? '' : ' \u2192 ' + model.backup) + (model.daemon === null ? '' : ', mode ' + model.daemon.mode + (model.daemon.isSynced ? '' : ', reading the cluster'));
  const notices = byId('notices');
  notices.replaceChildren(...model.notices.map((text) => make('li', {}, text)));
  notices.hidden = model.notices.length === 0;
  byId('counts').replaceChildren(
    // A daemon knows of no image that was never tried.
    ...filters.filter(([key]) => key !== 'missing' || model.daemon === null).map(([key, words, test, alarm]) => {
      const count = model.images.filter(test).length;
      return make(
        'button',
        { type: 'button', 'data-filter': key, 'aria-pressed': String(view.filter === key), class: alarm && count > 0 ? 'alarm' : '', onclick: () => { view.filter = key; draw(); } },
        make('b', {}, String(count)),
        make('span', {}, words),
      );
    }),
  );
};

const matches = (image) => {
  if (view.text === '') return true;
  const all = [image.name, image.canonical, image.backup.reference, image.why, ...image.places.map((place) => place.where), ...image.owners].join('\n').toLowerCase();
  return view.text.split(/\s+/).every((word) => all.includes(word));
};

const shorten = (places) => {
  if (places.length === 0) return '';
  const words = [...new Set(places.map((place) => place.where))];
  return words.slice(0, 2).join(', ') + (words.length > 2 ? ' and ' + (words.length - 2) + ' more' : '');
};

const row = (key, image) =>
  make(
    'tr',
    {},
    make('td', {}, make('button', { type: 'button', class: 'open', 'data-key': key }, image.name), image.why === null ? null : make('span', { class: 'why' }, image.why)),
    make('td', { 'data-label': 'backup' }, pill(image.status, statusWords[image.status])),
    make('td', { 'data-label': 'upstream' }, image.upstream === null ? '' : pill(image.upstream.state, image.upstream.state)),
    make('td', { 'data-label': 'used by' }, shorten(image.places)),
    make('td', { 'data-label': 'pull request' }, ...image.requests.slice(0, 2).flatMap((at, n) => [n > 0 ? ' ' : '', link(model.requests[at])])),
  );

const tellsOf = (image) => JSON.stringify([image, image.requests.map((at) => model.requests[at])]);
/** What was drawn, and what it tells: a row that tells the same is the same, so that nothing moves under a reader. */
const drawn = new Map();
const rowOf = (key, image) => {
  const tells = tellsOf(image);
  let known = drawn.get(key);
  if (!known || known.tells !== tells) drawn.set(key, (known = { tells, element: row(key, image) }));
  return known.element;
};

const drawRows = () => {
  const test = filters.find(([key]) => key === view.filter)[2];
  const sort = columns[view.sort];
  for (const key of drawn.keys()) if (!images.has(key)) drawn.delete(key);
  const shown = [...images].filter(([, image]) => test(image) && matches(image));
  shown.sort(([, a], [, b]) => (view.down ? -1 : 1) * sort(a, b) || compare(a.name, b.name));
  const rows = shown.map(([key, image]) => rowOf(key, image));
  const stay = new Set(rows);
  for (const element of [...byId('rows').children]) if (!stay.has(element)) element.remove();
  let next = byId('rows').firstElementChild;
  for (const element of rows)
    if (element === next) next = next.nextElementSibling;
    else byId('rows').insertBefore(element, next);
  byId('none').hidden = shown.length > 0;
  byId('shown').textContent = shown.length + ' of ' + model.images.length;
  for (const head of document.querySelectorAll('th')) {
    const key = head.dataset.key;
    if (key === view.sort) head.setAttribute('aria-sort', view.down ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
  }
};

const pair = (term, ...value) => (value.flat().every((part) => part === null || part === '') ? [] : [make('dt', {}, term), make('dd', {}, ...value)]);
const list = (title, items, tag) => (items.length === 0 ? [] : [make('h2', {}, title), make(tag || 'ul', {}, ...items)]);

const drawDetail = (image, isLeft) => {
  const { backup, upstream } = image;
  const close = () => byId('detail').close();
  byId('detail').replaceChildren(
    make('div', { class: 'detail' },
      make('header', {}, make('h2', { id: 'detail-name' }, image.name), make('button', { type: 'button', class: 'close', autofocus: '', onclick: close }, 'Close')),
      isLeft ? make('p', {}, 'Nothing names it any more; this was known last.') : null,
      make('dl', {},
        ...pair('State', pill(image.status, statusWords[image.status]), image.why === null ? null : make('span', {}, ' ' + image.why)),
        ...(image.advice === null ? [] : pair('In Git', image.advice)),
        ...pair('Source', make('code', {}, image.canonical)),
        ...(backup.reference === null ? [] : pair('Backup', make('code', {}, backup.reference))),
        ...(backup.digest === null ? [] : pair('Digest', make('code', {}, backup.digest))),
        ...pair('Platforms', backup.platforms.join(', ')),
        ...(backup.provenAt === null ? [] : pair('Proven', when(backup.provenAt))),
        ...pair('Deployed by', image.owners.join(', ')),
        ...(upstream === null ? [] : pair('Upstream', pill(upstream.state, upstream.state), upstream.problem === null ? null : ' ' + upstream.problem, upstream.checkedAt === null ? null : [' ', when(upstream.checkedAt)])),
        ...(upstream === null || upstream.digest === null || upstream.digest === backup.digest ? [] : pair('Tag names now', make('code', {}, upstream.digest))),
      ),
      ...list('Warnings', backup.warnings.map((text) => make('li', {}, text))),
      ...list('Pull requests', image.requests.map((at) => make('li', {}, link(model.requests[at]), ' ', model.requests[at].repository, model.requests[at].explanation === null ? null : ': ' + model.requests[at].explanation))),
      ...list('What nodes run', image.running.map((one) => make('li', {}, make('code', {}, one.digest), ' in ' + one.containers + (one.containers === 1 ? ' container, ' : ' containers, ') + one.kind))),
      ...list('Used by', image.places.slice(0, 200).map((place) => make('li', {}, place.where, ' ', make('code', {}, place.field), place.isSwitched ? ' (the backup)' : ''))),
      image.places.length > 200 ? make('p', {}, 'and ' + (image.places.length - 200) + ' more') : null,
      ...list('Since the start', image.history.map((entry) => make('li', {}, when(entry.at), ' ', entry.what)).reverse(), 'ol'),
    ),
  );
};

/** The detail that is open, and what it tells. */
let detail = null;
const show = (key) => {
  const image = images.get(key);
  if (!image) return;
  detail = { key, image, tells: tellsOf(image) };
  drawDetail(image, false);
  if (!byId('detail').open) byId('detail').showModal();
  document.title = image.name + ' \u00b7 holdfast';
};
const redrawDetail = () => {
  if (detail === null) return;
  const image = images.get(detail.key);
  const tells = image ? tellsOf(image) : '';
  if (tells === detail.tells) return;
  detail = { key: detail.key, image: image || detail.image, tells };
  drawDetail(detail.image, !image);
};

/** What has the focus, in words that outlive its element. */
const focused = () => {
  const here = document.activeElement;
  const box = here && here.closest('#rows tr, #counts, dialog');
  if (!box) return null;
  const parts = (of) => [...of.querySelectorAll('a, button')];
  const at = parts(box).indexOf(here);
  const key = box.tagName === 'TR' ? box.querySelector('.open').dataset.key : null;
  return () => {
    if (document.activeElement === here) return;
    const now = key === null ? box : drawn.has(key) && drawn.get(key).element.isConnected ? drawn.get(key).element : null;
    const next = now && (parts(now)[at] || parts(now)[0]);
    if (next) next.focus({ preventScroll: true });
  };
};
const draw = () => {
  const restore = focused();
  drawHead();
  drawRows();
  redrawDetail();
  if (restore !== null) restore();
};

const address = () => {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ''; }
};
const follow = () => {
  const key = address();
  if (key !== '') show(key);
  else if (byId('detail').open) byId('detail').close();
};
byId('rows').addEventListener('click', (event) => {
  const button = event.target.closest('button.open');
  if (button) location.hash = encodeURIComponent(button.dataset.key);
});
byId('detail').addEventListener('close', () => { detail = null; document.title = 'holdfast'; history.replaceState(null, '', location.pathname + location.search); });
byId('detail').addEventListener('click', (event) => { if (event.target === byId('detail')) byId('detail').close(); });
addEventListener('hashchange', follow);
let typing = 0;
byId('text').addEventListener('input', (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => { view.text = event.target.value.trim().toLowerCase(); drawRows(); }, 80);
});
addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); byId('text').focus(); }
});
const sortBy = (key) => { view.down = view.sort === key ? !view.down : false; view.sort = key; byId('sort').value = key; drawRows(); };
for (const head of document.querySelectorAll('th')) head.querySelector('button').addEventListener('click', () => sortBy(head.dataset.key));
byId('sort').addEventListener('change', (event) => { view.sort = event.target.value; view.down = false; drawRows(); });

const refresh = async () => {
  let isStale = true;
  try {
    const answer = await fetch('api/images', { headers: { accept: 'application/json' } });
    if (answer.ok) { take(await answer.json()); isStale = false; }
  } catch { /* what it said last stays */ }
  byId('stale').hidden = !isStale;
  if (!isStale) draw();
  for (const time of document.querySelectorAll('time')) time.textContent = ago(Date.parse(time.dateTime));
};
take(JSON.parse(byId('model').textContent));
if (model.daemon !== null && location.protocol.startsWith('http')) setInterval(() => { if (!document.hidden) refresh(); }, 15000);
draw();
follow();
})();
`,n=`
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#16191d;--soft:#5b6470;--line:#dfe3e8;--link:#0b57d0;--safe:#146c2e;--safe-bg:#d9f2df;--wait:#7a4f01;--wait-bg:#ffe9b8;--bad:#a5191f;--bad-bg:#ffdcdc;--calm:#46505b;--calm-bg:#e6e9ed}
@media (prefers-color-scheme:dark){:root{--bg:#101418;--card:#181d23;--text:#e7eaee;--soft:#9aa5b1;--line:#2c343d;--link:#8ab4f8;--safe:#8fe0a4;--safe-bg:#123d20;--wait:#ffd37a;--wait-bg:#443005;--bad:#ffb0ad;--bad-bg:#521417;--calm:#b9c2cc;--calm-bg:#2a323a}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px}
header,main{max-width:1280px;margin:0 auto;padding:16px}
header{padding-bottom:0}
h1{font-size:20px;margin:0}
h2{font-size:16px;margin:24px 0 8px}
.sub{color:var(--soft);margin:2px 0 0;overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
button,input,select{font:inherit;color:inherit}
.counts{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0}
.counts button{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:8px 14px;text-align:left;cursor:pointer;min-width:104px}
.counts b{display:block;font-size:22px;line-height:1.2}
.counts span{color:var(--soft);font-size:13px}
.counts button[aria-pressed=true]{border-color:var(--link);box-shadow:inset 0 0 0 1px var(--link)}
.counts .alarm b{color:var(--bad)}
.tools{display:flex;flex-wrap:wrap;gap:8px;margin-bottom:8px;align-items:center}
.tools input{flex:1 1 240px;max-width:480px;padding:8px 12px;border:1px solid var(--line);border-radius:8px;background:var(--card)}
.tools select{display:none;padding:8px;border:1px solid var(--line);border-radius:8px;background:var(--card)}
.notices{margin:0 0 12px;padding:10px 14px 10px 30px;background:var(--wait-bg);color:var(--wait);border-radius:10px}
.notices li{overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:10px;table-layout:fixed}
th{padding:0;text-align:left;font-size:13px;color:var(--soft);border-bottom:1px solid var(--line)}
th button{all:unset;cursor:pointer;padding:8px 12px;display:block;font-weight:600}
th button:focus-visible{outline:2px solid var(--link);outline-offset:-2px}
th[aria-sort=ascending] button::after{content:" \\25B2"}
th[aria-sort=descending] button::after{content:" \\25BC"}
td{padding:8px 12px;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tbody tr{content-visibility:auto;contain-intrinsic-size:auto 44px}
tbody tr:hover{background:color-mix(in srgb,var(--link) 6%,transparent)}
th:nth-child(1){width:34%}th:nth-child(2){width:13%}th:nth-child(3){width:14%}th:nth-child(4){width:27%}
td button.open{all:unset;cursor:pointer;color:var(--link);font-weight:600;overflow-wrap:anywhere}
td button.open:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.why{display:block;color:var(--soft);font-size:13px;max-height:2.9em;overflow:hidden}
.pill{display:inline-block;border-radius:99px;padding:1px 10px;font-size:13px;font-weight:600;white-space:nowrap;background:var(--calm-bg);color:var(--calm)}
.pill.safe,.pill.available{background:var(--safe-bg);color:var(--safe)}
.pill.waiting,.pill.moved,.pill.rate-limited,.pill.unreachable{background:var(--wait-bg);color:var(--wait)}
.pill.failed,.pill.missing,.pill.gone{background:var(--bad-bg);color:var(--bad)}
.none{padding:28px;text-align:center;color:var(--soft)}
dialog{width:min(720px,100%);max-height:100%;height:100%;margin:0 0 0 auto;border:0;border-left:1px solid var(--line);background:var(--card);color:var(--text);padding:0}
dialog::backdrop{background:rgb(0 0 0/.4)}
.detail{padding:16px 20px 40px}
.detail header{display:flex;gap:12px;justify-content:space-between;align-items:start;padding:0;margin:0}
.detail h2:first-child{margin:0;font-size:18px;overflow-wrap:anywhere}
.detail .close{border:1px solid var(--line);background:none;border-radius:8px;padding:4px 12px;cursor:pointer}
dl{display:grid;grid-template-columns:minmax(90px,130px) 1fr;gap:6px 12px;margin:12px 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.detail ul,.detail ol{margin:6px 0;padding-left:20px}
.detail li{margin:3px 0;overflow-wrap:anywhere}
time{color:var(--soft)}
@media (max-width:720px){
.tools select{display:block}
table,tbody,tr,td{display:block}thead{position:absolute;left:-9999px}
table{background:none;border:0}
tbody tr{background:var(--card);border:1px solid var(--line);border-radius:10px;margin-bottom:8px;padding:8px 4px;contain-intrinsic-size:auto 130px}
td{border:0;padding:3px 10px}
td[data-label]:not(:first-child)::before{content:attr(data-label) ": ";color:var(--soft);font-size:13px}
.counts button{flex:1 1 28%;min-width:0}
dialog{width:100%;max-width:none;border:0}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}
}
`,r=t=>`'sha256-${e(`sha256`).update(t).digest(`base64`)}'`,i=[`default-src 'none'`,`script-src ${r(t)}`,`style-src ${r(n)}`,`connect-src 'self'`,`base-uri 'none'`,`form-action 'none'`].join(`; `),a=[[`name`,`Image`],[`status`,`Backup`],[`upstream`,`Upstream`],[`places`,`Used by`],[`request`,`Pull request`]];function o(e){let r=a.map(([e,t])=>`<th scope="col" data-key="${e}"><button type="button">${t}</button></th>`).join(``),o=a.map(([e,t])=>`<option value="${e}"${e===`status`?` selected`:``}>Sort by ${t.toLowerCase()}</option>`).join(``);return`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${i}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>holdfast</title>
<style>${n}</style>
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
<select id="sort" aria-label="Sort">${o}</select>
<span class="sub" id="shown" role="status"></span>
</div>
<table>
<thead><tr>${r}</tr></thead>
<tbody id="rows"></tbody>
</table>
<p class="none" id="none" hidden>No image matches.</p>
</main>
<dialog id="detail" aria-labelledby="detail-name"></dialog>
<noscript><p>This page needs JavaScript; <a href="api/images">/api/images</a> is the same as JSON.</p></noscript>
<script type="application/json" id="model">${s(e)}<\/script>
<script>${t}<\/script>
</body>
</html>
`}function s(e){return JSON.stringify(e).replaceAll(`<`,`\\u003c`).replaceAll(`\u2028`,`\\u2028`).replaceAll(`\u2029`,`\\u2029`)}export{o as n,i as t};