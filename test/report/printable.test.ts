import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/report/index.ts';

describe('printable', () => {
  it('shows escape sequences instead of sending them', () => {
    expect(printable('nginx\x1b[31m\x07:1\r\n')).toBe('nginx\\u{1b}[31m\\u{7}:1\\r\\n');
    expect(printable('\u009b2J')).toBe('\\u{9b}2J');
  });

  it('shows characters that reorder or split a line', () => {
    expect(printable('a\u202Eb\u2066c\u2028d\uFEFF')).toBe('a\\u{202e}b\\u{2066}c\\u{2028}d\\u{feff}');
  });

  it('keeps tabs and the letters of every language', () => {
    expect(printable('image:\tbücher/日本:1')).toBe('image:\tbücher/日本:1');
  });

  it('never leaves a control character, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/(?!\t)[\p{Cc}\p{Bidi_Control}]/u);
      }),
    );
  });
});
