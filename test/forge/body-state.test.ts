import { expect, it } from 'vitest';
import { readBodyState, replaceOwnPart, writeBodyState } from '../../src/forge/body-state.ts';

const state = { fingerprint: 'ab', commit: 'c'.repeat(40), phase: 'open' } as const;

it('keeps below what GitHub takes when it keeps the words of others', () => {
  const before = `${writeBodyState('short', state)}\n${'x'.repeat(60_000)}`;
  const after = replaceOwnPart(before, writeBodyState('y'.repeat(50_000), state));
  expect(after.length).toBe(65_536);
  expect(readBodyState(after)).toEqual(state);
  expect(after).toMatch(/ open -->\n\nx+\n$/);
});
