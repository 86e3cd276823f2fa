import { describe, expect, it } from 'vitest';
import { defuse } from '../../../src/report/index.ts';

/** What the runner takes for a command: `::` where a line begins, `##[` anywhere. */
const isCommand = (line: string) => /^[\s\x85]*::/.test(line) || line.includes('##[');

describe('defuse', () => {
  it.each([
    '::error::x',
    '  ::set-output name=a::b',
    '\u0085 ::set-output name=a::b',
    '##[error]x',
    'a ##[command]x ##[add-mask]y',
    ':::error::',
  ])('leaves no command in %j, and everything that can be seen', (line) => {
    expect(isCommand(line)).toBe(true);
    expect(isCommand(defuse(line))).toBe(false);
    expect(defuse(line).replaceAll('\u200B', '')).toBe(line);
  });

  it('keeps other lines as they are', () => {
    for (const line of ['copied  docker.io/library/nginx:1.25', 'a::b', '# [x]'])
      expect(defuse(line)).toBe(line);
  });
});
