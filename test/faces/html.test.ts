import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const readModel = (html: string): { images: { canonical: string; status: string }[] } =>
  JSON.parse(/<script type="application\/json" id="model">(.*)<\/script>/.exec(html)?.[1] ?? '') as never;

test('scan and check write the page of the daemon to a file', async () => {
  const scanned = await runCli(['scan', shop.folder, '--output', 'html']);
  expect(scanned.exitCode).toBe(0);
  expect(scanned.stdout).toMatch(/^<!doctype html>/);
  expect(readModel(scanned.stdout).images.map(({ canonical, status }) => [canonical, status])).toEqual([
    ['docker.io/library/nginx:1.25', 'missing'],
    ['quay.io/team/side:2', 'missing'],
  ]);
  expect((await runCli(['rewrite', shop.folder, ...shop.flags])).exitCode).toBe(0);
  const checked = await runCli(['check', shop.folder, ...shop.flags, '--output', 'html']);
  expect(readModel(checked.stdout).images.map(({ status }) => status)).toEqual(['safe', 'safe']);
});
