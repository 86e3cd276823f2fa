import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderChart } from '../../src/source/index.ts';

describe('a chart that is rendered', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
    mkdirSync(join(folder, 'chart/templates'), { recursive: true });
    writeFileSync(join(folder, 'chart/Chart.yaml'), 'name: web\n');
    writeFileSync(join(folder, 'chart/values.yaml'), 'a: 1\n');
    writeFileSync(join(folder, 'chart/values.schema.json'), '{"$ref":"http://example.com/"}');
    symlinkSync('/etc/hostname', join(folder, 'chart/templates/link'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A `helm` that is this program. */
  const render = async (program: string, more: { timeout?: number; signal?: AbortSignal } = {}) => {
    const helm = join(folder, 'helm');
    writeFileSync(helm, `#!${process.execPath}\n${program}\n`);
    chmodSync(helm, 0o755);
    const texts = new Map([['values.yaml', 'a: 2\n']]);
    return renderChart(
      { folder: join(folder, 'chart'), texts, values: ['values.yaml'] },
      { path: `${folder}${delimiter}${dirname(process.execPath)}`, ...more },
    );
  };

  it('is a copy with the other text, without links and schema, and without this environment', async () => {
    const program = `const fs = require('node:fs');
      const [, , ...words] = process.argv;
      console.log(JSON.stringify([fs.readdirSync(words[2], { recursive: true }).sort(), fs.readFileSync(words[4], 'utf8'),
        words.slice(0, 2), process.env.HTTPS_PROXY, process.env.USER ?? null, words[2]]));`;
    const rendered = await render(program);
    expect(rendered.status).toBe('rendered');
    const seen = JSON.parse(rendered.status === 'rendered' ? rendered.text : '[]') as unknown[];
    const copy = String(seen.pop());
    expect(seen).toEqual([
      ['Chart.yaml', 'templates', 'values.yaml'],
      'a: 2\n',
      ['template', 'release'],
      'http://127.0.0.1:1',
      null,
    ]);
    expect([copy.startsWith(folder), existsSync(copy)]).toEqual([false, false]);
  });

  it('is given up after a while', async () => {
    expect(await render('setInterval(() => {}, 1000)', { timeout: 300 })).toEqual({
      status: 'failed',
      message: 'helm did not end within 0.3 s',
    });
  });

  it('stops when the run is stopped', async () => {
    const signal = AbortSignal.timeout(200);
    await expect(render('setInterval(() => {}, 1000)', { signal })).rejects.toThrow(/timeout/);
  });
});
