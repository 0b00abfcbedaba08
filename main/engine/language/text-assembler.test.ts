import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextAssembler } from './text-assembler.ts';

const encoder = new TextEncoder();

/** Feeds pieces as tokens 0, 1, 2 …; returns what was handed out after each, and at the end. */
function assemble(pieces: readonly Uint8Array[], stop: readonly string[]) {
  const assembler = createTextAssembler<number>(stop);
  const handedOut: string[][] = [];
  const order: number[] = [];
  let stopped = false;
  for (const [index, piece] of pieces.entries()) {
    const result = assembler.push(index, piece);
    handedOut.push(result.settled.map(({ text }) => text));
    order.push(...result.settled.map(({ token }) => token));
    if (result.stopped) {
      stopped = true;
      break;
    }
  }
  if (!stopped) {
    const rest = assembler.finish();
    handedOut.push(rest.map(({ text }) => text));
    order.push(...rest.map(({ token }) => token));
  }
  return { handedOut, text: handedOut.flat().join(''), order, stopped };
}

const words = (...texts: readonly string[]) => texts.map((text) => encoder.encode(text));

/** Cuts bytes at arbitrary places. */
const cutBytes = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.array(fc.nat(200), { maxLength: 30 })).map(([whole, cuts]) => {
    const bytes = encoder.encode(whole);
    const places = [
      ...new Set([0, ...cuts.filter((at) => at < bytes.length), bytes.length]),
    ].toSorted((a, b) => a - b);
    return { whole, pieces: places.slice(1).map((end, index) => bytes.slice(places[index], end)) };
  });

describe('text from tokens', () => {
  it('hands a character out whole, with its last token', () => {
    const cat = encoder.encode('🐈');
    const pieces = [cat.slice(0, 1), cat.slice(1, 3), cat.slice(3)];
    expect(assemble(pieces, []).handedOut).toEqual([[''], [''], ['🐈'], []]);
  });

  it('leaves an unfinished character out at the end', () => {
    expect(assemble([encoder.encode('a'), encoder.encode('猫').slice(0, 2)], []).text).toBe('a');
  });

  it('shows broken bytes as replacement characters and goes on', () => {
    expect(assemble([Uint8Array.of(0xff), encoder.encode('b')], []).text).toBe('\ufffdb');
  });

  it('holds back what may begin a stop text, and gives it out when it does not', () => {
    const { handedOut } = assemble(words('one ', 'EN', 'DE', 'R'), ['END.']);
    expect(handedOut).toEqual([['one '], [], ['EN'], ['DE', 'R'], []]);
  });

  it('hands out what stands before a stop text and nothing after it', () => {
    const result = assemble(words('go', 'od\n', '\nbad', ' more'), ['\n\n']);
    expect(result).toMatchObject({ text: 'good', order: [0, 1], stopped: true });
  });

  it('takes the first of several stop texts', () => {
    expect(assemble(words('a b c d'), ['d', 'b']).text).toBe('a ');
  });

  it('gives out what was held when the text ends there', () => {
    expect(assemble(words('the E', 'N'), ['END'])).toMatchObject({ text: 'the EN', order: [0, 1] });
  });

  it('gives back any text whole, however its bytes are cut, every token once and in order', () => {
    fc.assert(
      fc.property(
        cutBytes(fc.string({ unit: 'grapheme' })),
        fc.array(fc.string({ minLength: 1 })),
        ({ whole, pieces }, stops) => {
          const stop = stops.filter((candidate) => !whole.includes(candidate));
          const { text, order } = assemble(pieces, stop);
          expect(text).toBe(whole);
          expect(order).toEqual(pieces.map((_piece, index) => index));
        },
      ),
    );
  });

  it('never hands out a stop text or anything after it', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'b', '猫'),
      minLength: 1,
      maxLength: 30,
    });
    const stops = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', '猫'), minLength: 1, maxLength: 4 }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(cutBytes(letters), stops, ({ whole, pieces }, stop) => {
        const at = firstStop(pieces, stop);
        const { text, stopped } = assemble(pieces, stop);
        expect(stopped).toBe(at !== Infinity);
        expect(text).toBe(whole.slice(0, at));
      }),
    );
  });
});

/**
 * Writes `texts`, a choice of tokens for each place, first choices first: what was taken back goes on
 * with the next choice for the place where the phrase began.
 */
function writeAround(
  texts: readonly (readonly string[])[],
  banned: readonly string[],
  stop: readonly string[] = [],
) {
  const assembler = createTextAssembler<{ place: number; text: string }>(stop, banned);
  const next = texts.map(() => 0);
  const shown: string[] = [];
  for (let place = 0; place < texts.length;) {
    const text = texts[place]?.[next[place] ?? 0] ?? '_';
    const result = assembler.push({ place, text }, encoder.encode(text));
    shown.push(...result.settled.map((settled) => settled.text));
    if (result.stopped) return { shown, text: shown.join('') };
    const [first] = result.takenBack;
    if (!first) {
      place += 1;
      continue;
    }
    expect(result.settled).toEqual([]);
    expect(result.takenBack.map((taken) => taken.place)).toEqual(
      Array.from({ length: place - first.place + 1 }, (_, index) => first.place + index),
    );
    place = first.place;
    next.fill(0, place + 1);
    next[place] = (next[place] ?? 0) + 1;
  }
  shown.push(...assembler.finish().map(({ text }) => text));
  return { shown, text: shown.join('') };
}

describe('banned phrases', () => {
  it('are taken back to the token in which they begin, which another one then replaces', () => {
    const { shown, text } = writeAround([['a '], ['shi', 'wa'], ['ver'], ['s']], ['shiver']);
    expect(text).toBe('a wavers');
    expect(shown[0]).toBe('a ');
  });

  it('are found in any capitals and across tokens that hold more', () => {
    expect(writeAround([['con', 'x'], ['CAT'], ['enate']], ['ncate']).text).toBe('xCATenate');
    expect(writeAround([['ÄHNLICH', 'gleich']], ['ähnlich']).text).toBe('gleich');
  });

  it('may begin anew in what stood before one that was taken back', () => {
    expect(writeAround([['x', 'y'], ['xa', 'a'], ['ba']], ['xab']).text).toBe('yaba');
  });

  it('hold nothing back but what may become one', () => {
    const assembler = createTextAssembler<number>([], ['ice cream']);
    const push = (token: number, text: string) =>
      assembler.push(token, encoder.encode(text)).settled.map((settled) => settled.token);
    expect(push(0, 'the ')).toEqual([0]);
    expect(push(1, 'Ice')).toEqual([]);
    expect(push(2, ' c')).toEqual([]);
    expect(push(3, 'ube')).toEqual([1, 2, 3]);
  });

  it('leave characters whole that begin before them', () => {
    // The cat is split over three tokens; the phrase that follows is taken back in its midst.
    const cat = encoder.encode('猫');
    const assembler = createTextAssembler<number>([], ['bad']);
    assembler.push(0, cat.slice(0, 1));
    assembler.push(1, cat.slice(1));
    assembler.push(2, encoder.encode('b'));
    expect(
      assembler.push(3, Uint8Array.of(...encoder.encode('ad'), cat[0] ?? 0)).takenBack,
    ).toEqual([2, 3]);
    expect(assembler.push(4, encoder.encode('é')).settled).toEqual([{ token: 4, text: 'é' }]);
    const begun = createTextAssembler<number>([], ['x']);
    begun.push(0, cat.slice(0, 2));
    expect(begun.push(1, Uint8Array.of(cat[2] ?? 0, 0x78)).takenBack).toEqual([1]);
    expect(begun.push(2, Uint8Array.of(cat[2] ?? 0)).settled).toEqual([{ token: 2, text: '猫' }]);
  });

  it('lose to a stop text that begins before them, and win over one that does not', () => {
    expect(writeAround([['so END'], ['now']], ['dnow'], ['END']).text).toBe('so ');
    expect(writeAround([['THEN', 'ok'], [' END']], ['hen e'], ['END']).text).toBe('ok ');
  });

  it('are never handed out, and nothing else is lost', () => {
    const letter = fc.constantFrom('a', 'b', 'A', '猫');
    const piece = fc.string({ unit: letter, minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(fc.array(piece, { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
        fc.array(fc.string({ unit: letter, minLength: 1, maxLength: 4 }), {
          minLength: 1,
          maxLength: 3,
        }),
        (texts, banned) => {
          const { text } = writeAround(texts, banned);
          for (const phrase of banned)
            expect(text.toLowerCase()).not.toContain(phrase.toLowerCase());
          // Every place was written in the end, by one of its choices or by the stand-in.
          const all = texts.map((options) => `(?:${[...options, '_'].join('|')})`).join('');
          expect(text).toMatch(new RegExp(`^${all}$`, 'u'));
        },
      ),
    );
  });
});

/** Where the stop text begins that is the first to be there whole, as tokens arrive. */
function firstStop(pieces: readonly Uint8Array[], stops: readonly string[]): number {
  const utf8 = new TextDecoder();
  let text = '';
  for (const piece of pieces) {
    text += utf8.decode(piece, { stream: true });
    const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
    if (found.length > 0) return Math.min(...found);
  }
  return Infinity;
}
