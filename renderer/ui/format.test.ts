import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatDuration,
  formatProbability,
  formatRate,
  formatRemaining,
} from './format.ts';

describe('figures as people read them', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_500, '1.5 kB'],
    [41_200_000, '41 MB'],
    [4_200_000_000, '4.2 GB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [310, '310 ms'],
    [4_123, '4.1 s'],
    [42_000, '42 s'],
    [65_000, '1:05'],
    [7_380_000, '2:03:00'],
  ])('%d ms are %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

  it('gives a slow rate as seconds per step', () => {
    expect(formatRate(2.13, 'it')).toBe('2.1 it/s');
    expect(formatRate(0.25, 'it')).toBe('4.0 s/it');
  });

  it('never says that no time is left while something runs', () => {
    expect(formatRemaining(0)).toBe('1 s left');
    expect(formatRemaining(61_000)).toBe('1:01 left');
  });

  it('does not round a small chance to nothing', () => {
    expect(formatProbability(0.0004)).toBe('< 0.1 %');
    expect(formatProbability(0.4119)).toBe('41.2 %');
    expect(formatProbability(1)).toBe('100 %');
  });
});
