import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNumber, scrub, snap, stepBy } from './number-scrub.ts';

const guidance = { min: 1, max: 50, step: 0.5 };

describe('a number that is stepped', () => {
  it('goes by its step, and ten times as far with Shift', () => {
    expect(stepBy(5, 1, false, guidance)).toBe(5.5);
    expect(stepBy(5, -1, true, guidance)).toBe(1);
    expect(stepBy(20, 1, true, guidance)).toBe(25);
  });

  it('shows no rounding dust', () => {
    expect(stepBy(0.7, 1, false, { min: 0, max: 2, step: 0.1 })).toBe(0.8);
  });

  it('never leaves its range and always lands on a step', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        const snapped = snap(value, guidance);
        expect(snapped).toBeGreaterThanOrEqual(1);
        expect(snapped).toBeLessThanOrEqual(50);
        expect(Number.isInteger(snapped / 0.5)).toBe(true);
      }),
    );
  });
});

describe('a number that is dragged', () => {
  it('stays where it is until the pointer has moved by a step', () => {
    expect(scrub(20, 1, false, { min: 64, max: 4096, step: 64 })).toBe(64);
    expect(scrub(256, 1, false, { min: 64, max: 4096, step: 64 })).toBe(256);
  });

  it('crosses a range of few steps in about 300 pixels and a fine one at 4 pixels a step', () => {
    expect(scrub(0, 300, false, { min: 0, max: 50, step: 1 })).toBe(50);
    expect(scrub(0, 100, false, { min: 0, max: 1, step: 0.01 })).toBe(0.25);
  });

  it('goes back when dragged back', () => {
    expect(scrub(20, -40, false, { min: 1, max: 500, step: 1 })).toBe(10);
  });
});

describe('a number that is typed', () => {
  it.each([
    ['7', 7],
    [' 7,5 ', 7.5],
    ['.5', 0.5],
    ['-3', -3],
    ['1e3', 1000],
  ])('reads %j as %d', (text, value) => expect(parseNumber(text)).toBe(value));

  it.each(['', 'seven', '7px', '1.2.3', 'Infinity', '0x10'])('does not read %j', (text) => {
    expect(parseNumber(text)).toBeNull();
  });
});
