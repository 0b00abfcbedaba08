import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseParametersText, writeParametersText } from './parameters-text.ts';

// Written by Stable Diffusion web UI 1.10.1.
const sample = `masterpiece, a castle (on a hill:1.2),
at dawn
Negative prompt: blurry,
low quality
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1, Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Lora hashes: "a: 1234, b: 5678", Version: v1.10.1`;

describe('the parameters text', () => {
  it('is read as the web UI reads it', () => {
    const { prompt, negativePrompt, pairs } = parseParametersText(sample);
    expect(prompt).toBe('masterpiece, a castle (on a hill:1.2),\nat dawn');
    expect(negativePrompt).toBe('blurry,\nlow quality');
    expect(Object.fromEntries(pairs)).toEqual({
      Steps: '20',
      Sampler: 'DPM++ 2M',
      'Schedule type': 'Karras',
      'CFG scale': '7',
      Seed: '1',
      Size: '512x768',
      'Model hash': '6ce0161689',
      Model: 'v1-5-pruned-emaonly',
      'Lora hashes': 'a: 1234, b: 5678',
      Version: 'v1.10.1',
    });
  });

  it('is written back to the very same text', () => {
    const { prompt, negativePrompt, pairs } = parseParametersText(sample);
    expect(writeParametersText(prompt, negativePrompt, Object.fromEntries(pairs))).toBe(sample);
  });

  it('takes a last line with fewer than three pairs for prompt', () => {
    const two = 'a sign that says\nName: Bob, Age: 12';
    expect(parseParametersText(two)).toEqual({ prompt: two, negativePrompt: '', pairs: new Map() });
    expect(parseParametersText(`${two}, Town: Bath`).pairs.size).toBe(3);
  });

  it('leaves out the negative prompt where it is empty, and absent values', () => {
    expect(
      writeParametersText('a cat', '', { Steps: 1, Seed: null, Model: '', Size: '64x64' }),
    ).toBe('a cat\nSteps: 1, Size: 64x64');
  });

  it('quotes values that hold a comma, a colon or a line break as JSON', () => {
    const written = writeParametersText('x', '', {
      A1: 'a, b',
      B1: 'c: d',
      C1: 'e\nf',
      D1: 'say "hi", 猫',
      E1: 'plain',
    });
    expect(written).toBe(
      'x\nA1: "a, b", B1: "c: d", C1: "e\\nf", D1: "say \\"hi\\", 猫", E1: plain',
    );
    expect(Object.fromEntries(parseParametersText(written).pairs)).toEqual({
      A1: 'a, b',
      B1: 'c: d',
      C1: 'e\nf',
      D1: 'say "hi", 猫',
      E1: 'plain',
    });
  });

  it('keeps what it cannot unquote as it stands', () => {
    const { pairs } = parseParametersText('x\nSteps: 1, Seed: 2, Odd: "a\\qb", Size: 8x8');
    expect(pairs.get('Odd')).toBe('"a\\qb"');
  });

  it('can be only a parameter line, or nothing', () => {
    expect(parseParametersText('Steps: 1, Seed: 2, Size: 8x8').prompt).toBe('');
    expect(parseParametersText('')).toEqual({ prompt: '', negativePrompt: '', pairs: new Map() });
  });

  it('gives any prompts and values back', () => {
    const line = fc
      .string({ unit: 'grapheme' })
      .map((value) => value.replaceAll(/[\n\r]/g, ' ').trim());
    const prompt = fc
      .array(line, { minLength: 1, maxLength: 4 })
      .filter((lines) => lines.every((one) => !one.startsWith('Negative prompt:')))
      .map((lines) => lines.join('\n').trim());
    // Leading spaces are lost in the web UI as well.
    const value = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .map((found) => found.trim())
      .filter((found) => found !== '');
    fc.assert(
      fc.property(prompt, prompt, value, (positive, negative, model) => {
        const written = writeParametersText(positive, negative, {
          Steps: 20,
          Seed: 1,
          Size: '8x8',
          Model: model,
          RNG: 'CPU',
        });
        const read = parseParametersText(written);
        expect(read.prompt).toBe(positive);
        expect(read.negativePrompt).toBe(negative);
        expect(read.pairs.get('Model')).toBe(model);
      }),
      { numRuns: 500 },
    );
  });

  it('finds the very pairs that the web UI’s own expression finds', () => {
    const reference = /\s*([\p{L}\p{N}_][\p{L}\p{N}_ \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/gu;
    const piece = fc.constantFrom(
      'a',
      'é',
      'Ab',
      ' ',
      '-',
      '/',
      ':',
      ': ',
      ',',
      ', ',
      '"',
      '\\',
      '"x"',
      '"a, b"',
      '9',
      '猫',
      '🐈',
      '(',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const line = pieces.join('').trim();
        const expected = [...line.matchAll(reference)];
        const { pairs, prompt } = parseParametersText(line);
        if (expected.length < 3) expect([prompt, pairs.size]).toEqual([line, 0]);
        else
          expect(new Set(pairs.keys())).toEqual(
            new Set(expected.filter(([, , found]) => found !== '').map(([, name]) => name)),
          );
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['a', ' ', ':', 'a:', '"', 'a:"', 'a: "\\', ', '])(
    'takes no longer than its length for 100,000 characters of %j',
    (piece) => {
      // A reader that tries every start anew needs minutes for this and runs into the test's limit.
      const text = `x${piece.repeat(100_000 / piece.length)}`;
      expect(
        parseParametersText(text).prompt.length + parseParametersText(text).pairs.size,
      ).toBeGreaterThan(0);
    },
  );

  it('is never too odd to be read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void parseParametersText(text)),
      { numRuns: 500 },
    );
  });
});
