/**
 * The page's own program: plain JavaScript as text, because the page has to stand alone in one file. It writes text by
 * `textContent` only, so that a name from the cluster can never be markup.
 */
export const pageScript = String.raw`'use strict';
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
`;
