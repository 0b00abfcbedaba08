import { describe, expect, it } from 'vitest';
import { Source } from '../../../contract/image-options.ts';
import { extendedSize, sourceSummary } from './source-size.ts';

describe('the size of an extended picture', () => {
  it('is the nearest that the model can paint', () => {
    const edges = { left: 10, top: 0, right: 64, bottom: 3 };
    expect(extendedSize({ width: 250, height: 256 }, edges, 8)).toEqual({
      width: 328,
      height: 256,
    });
    expect(extendedSize({ width: 250, height: 256 }, edges, 32)).toEqual({
      width: 320,
      height: 256,
    });
  });

  it('stays within what can be drawn', () => {
    const edges = { left: 2048, top: 0, right: 2048, bottom: 0 };
    expect(extendedSize({ width: 4000, height: 8 }, edges, 8)).toEqual({ width: 4096, height: 64 });
  });
});

describe('the summary of a source', () => {
  it('says what is set', () => {
    const source = Source.parse({ picture: 'a'.repeat(64), strength: 0.4 });
    expect(sourceSummary(null)).toBeNull();
    expect(sourceSummary(source)).toBe('40 % anew');
    const extend = { left: 8, top: 0, right: 0, bottom: 0 };
    expect(sourceSummary({ ...source, extend })).toBe('40 % anew · extended');
  });
});
