import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type PageModel, pageOfReport, pagePolicy, renderPage } from '../../src/report/index.ts';
import { samplePage } from '../support/page-sample.ts';
import { sampleReport } from './sample.ts';

const program = '/usr/bin/chromium';
const isMissing = !existsSync(program);
/** Where to leave pictures, for eyes. */
const pictures = process.env['HOLDFAST_SCREENSHOTS'];

describe('the page as text', () => {
  test('holds no name that could be markup, and asks for nothing outside', () => {
    const html = renderPage(samplePage(3, 0));
    expect(html).not.toContain('<img');
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(html).toContain(pagePolicy);
  });

  test('is made of a report, too: one row for each image, with all of its places', () => {
    const model = pageOfReport(sampleReport(), 'ghcr.io/acme/backup');
    expect(model.daemon).toBeNull();
    expect(model.images.map(({ canonical }) => canonical)).toEqual(
      [...new Set(model.images.map(({ canonical }) => canonical))].toSorted(),
    );
    expect(model.images.flatMap(({ places }) => places)).toHaveLength(sampleReport().images.length);
    expect(renderPage(model)).toBe(renderPage(model));
  });
});

describe.skipIf(isMissing)(`the page in Chromium${isMissing ? ` (${program} is not there)` : ''}`, () => {
  let browser: Browser;
  let server: Server;
  let url: string;
  let model: PageModel;
  let isStarting = false;
  let page: Page;
  const errors: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: program,
      args: ['--headless', '--no-sandbox', '--disable-gpu'],
    });
    server = createServer((request, answer) => {
      const isApi = request.url === '/api/images';
      if (isApi && isStarting) return void answer.writeHead(503).end('starting\n');
      answer.setHeader('content-type', isApi ? 'application/json' : 'text/html; charset=utf-8');
      answer.setHeader('content-security-policy', pagePolicy);
      answer.end(isApi ? JSON.stringify(model) : renderPage(model));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });
  afterEach(async () => {
    await page.close();
    isStarting = false;
    const [error] = errors.splice(0);
    if (error !== undefined) throw new Error(`the page said: ${error}`);
  });

  async function open(
    count: number,
    options: Parameters<Browser['newPage']>[0] = { viewport: { width: 1280, height: 860 } },
    shown: PageModel = samplePage(count, Date.now()),
  ): Promise<void> {
    model = shown;
    page = await browser.newPage(options);
    // Where time is measured it is the real one.
    if (count < 1000) await page.clock.install();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(url);
    await page.waitForSelector('#rows tr');
  }
  /** The page asks again every fifteen seconds. */
  const refreshed = async (): Promise<void> => {
    const answered = page.waitForResponse(/api\/images$/);
    await page.clock.runFor(15_000);
    await (await answered).finished();
  };
  const image = (name: string) => page.locator(`#rows button.open:text-is("${name}")`);
  const names = () => page.locator('#rows button.open').allTextContents();
  const shoot = async (name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
  };

  test('shows counts on top, and what needs a person first', async () => {
    await open(40);
    expect(await page.locator('.counts button').allTextContents()).toEqual([
      '40images',
      '20backed up',
      '5waiting',
      '5failed',
      '5private',
      '5gone upstream',
      '5tag moved on',
      '5left alone',
    ]);
    expect(await page.locator('#rows tr').first().locator('.pill').first().textContent()).toBe('failed');
    expect(await page.locator('#notices').textContent()).toContain('GitHub does not accept the token');
    await shoot('light');
  });

  test('filters by state and by text, and sorts by each column', async () => {
    await open(40);
    await page.click('.counts [data-filter=gone]');
    expect(await page.locator('#rows tr').count()).toBe(5);
    await page.click('.counts [data-filter=all]');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('team-3 service-1');
    await expect.poll(names).toEqual(
      samplePage(40, 0)
        .images.filter(
          ({ places, name }) => /service-1/.test(name) && places.some(({ where }) => /team-3\//.test(where)),
        )
        .map(({ name }) => name)
        .toSorted(),
    );
    await page.fill('#text', 'nothing like this');
    await page.waitForSelector('#none:not([hidden])');
    await page.fill('#text', '');
    await expect.poll(() => page.locator('#rows tr').count()).toBe(40);
    await page.click('th[data-key=name] button');
    const sorted = await names();
    expect(sorted).toEqual(sorted.toSorted());
    await page.click('th[data-key=name] button');
    expect(await names()).toEqual(sorted.toReversed());
    expect(await page.getAttribute('th[data-key=name]', 'aria-sort')).toBe('descending');
  });

  test("opens one image's detail by keyboard, with its history, and by its address", async () => {
    await open(40, { viewport: { width: 1280, height: 860 }, colorScheme: 'dark' });
    await page.focus('#rows button.open');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    const words = (await page.locator('dialog').textContent()) ?? '';
    for (const word of ['Used by', 'What nodes run', 'seen in the cluster', 'Application argocd/shop'])
      expect(words).toContain(word);
    await shoot('dark-detail');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog:not([open])', { state: 'attached' });
    await page.goto(`${url}#${encodeURIComponent('ghcr.io/acme/service-9:1.9.0')}`);
    await page.waitForSelector('dialog[open]');
    expect(await page.locator('#detail-name').textContent()).toBe('ghcr.io/acme/service-9:1.9.0');
  });

  test('opens the image that was clicked, whatever the daemon has said since', async () => {
    await open(40);
    await image('ghcr.io/acme/service-9:1.9.0').focus();
    model = { ...model, images: model.images.slice(3) };
    await refreshed();
    await expect.poll(() => page.locator('#rows tr').count()).toBe(37);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('ghcr.io/acme/service-9:1.9.0');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    expect(await page.locator('#detail-name').textContent()).toBe('ghcr.io/acme/service-9:1.9.0');
  });

  test('two rows of one name open their own detail', async () => {
    model = samplePage(10, Date.now());
    const [, first] = model.images;
    if (first === undefined) throw new Error('no image');
    const ignored = { ...first, status: 'left-alone', why: 'It is left alone as its Pod asks.' } as const;
    await open(10, undefined, { ...model, images: [...model.images, ignored] });
    await page.locator('#rows tr', { hasText: 'as its Pod asks' }).locator('button').click();
    await page.waitForSelector('dialog[open]');
    expect(await page.locator('dialog').textContent()).toContain('It is left alone as its Pod asks.');
  });

  test('an open detail says what is known now, keeps what is selected in it, and says when the image went', async () => {
    await open(40);
    await image('ghcr.io/acme/service-9:1.9.0').click();
    await page.waitForSelector('dialog[open]');
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector('dialog code'))`);
    await refreshed();
    expect(await page.evaluate('String(getSelection())')).toBe('ghcr.io/acme/service-9:1.9.0');
    const history = [{ at: Date.now(), what: 'upstream no longer has it' }];
    model = { ...model, images: model.images.map((one) => ({ ...one, history })) };
    await refreshed();
    await expect.poll(() => page.locator('dialog').textContent()).toContain('upstream no longer has it');
    expect(await page.evaluate('document.activeElement.className')).toBe('close');
    model = { ...model, images: model.images.filter(({ name }) => name !== 'ghcr.io/acme/service-9:1.9.0') };
    await refreshed();
    await expect.poll(() => page.locator('dialog').textContent()).toContain('Nothing names it any more');
  });

  test('a daemon that is not ready is stale, until it is', async () => {
    await open(5);
    isStarting = true;
    await refreshed();
    await expect.poll(() => page.locator('#stale').isVisible()).toBe(true);
    errors.splice(0);
    isStarting = false;
    await refreshed();
    await expect.poll(() => page.locator('#stale').isVisible()).toBe(false);
  });

  test('the way back closes the detail, and an address that is none opens nothing', async () => {
    await open(5);
    await page.locator('#rows button.open').first().click();
    await page.waitForSelector('dialog[open]');
    await page.goBack();
    await page.waitForSelector('dialog:not([open])', { state: 'attached' });
    await page.goto(`${url}#%E0%A4%A`);
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await page.reload();
    await page.waitForSelector('#rows tr');
  });

  test('rows that say the same stay the same, so that nothing moves under a reader', async () => {
    await open(300);
    await page.evaluate(
      `document.querySelectorAll('#rows tr')[150].scrollIntoView(); window.kept = document.querySelectorAll('#rows tr')[150]`,
    );
    const top = 'kept.getBoundingClientRect().top';
    const before = await page.evaluate(top);
    model = {
      ...model,
      images: model.images.map((one, index) => (index === 5 ? { ...one, why: 'It failed.' } : one)),
    };
    await refreshed();
    await expect.poll(() => page.locator('#rows').textContent()).toContain('It failed.');
    expect(await page.evaluate(top)).toBeCloseTo(Number(before), 0);
  });

  test('fits a phone, and never scrolls sideways', async () => {
    await open(40, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(360);
    await shoot('phone');
    await page.locator('#rows button.open').first().tap();
    await page.waitForSelector('dialog[open]');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await shoot('phone-detail');
  });

  test('2,000 images without a hitch', async () => {
    const began = performance.now();
    await open(2000);
    const figures: Record<string, number> = { load: performance.now() - began };
    expect(await page.locator('#rows tr').count()).toBe(2000);
    const steps = {
      sort: `document.querySelector('th[data-key=places] button').click()`,
      filter: `document.querySelector('[data-filter=gone]').click()`,
      'filter off': `document.querySelector('[data-filter=all]').click()`,
      detail: `document.querySelectorAll('#rows button.open')[1500].click()`,
    };
    for (const [name, step] of Object.entries(steps))
      figures[name] = await page.evaluate(`(async () => {
        const began = performance.now();
        ${step};
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        return performance.now() - began;
      })()`);
    await page.waitForSelector('dialog[open]');
    if (pictures) console.info(figures);
    // Tenths of a second where nothing else runs.
    expect(Math.max(...Object.values(figures))).toBeLessThan(10_000);
  });
});
