import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeAdapters } from './adapters.ts';
import { parseAttention, type Emphasis } from './attention.ts';
import { splitComposition } from './composition.ts';
import { resolveDynamic, type Wildcards } from './dynamic.ts';
import { promptSchedule } from './schedule.ts';
import { promptSpans } from './spans.ts';
import { parsePrompt } from './parse.ts';
import { branchesOf } from './tree.ts';

/** Characters that mean something, and some that do not. */
const trickyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '(',
        ')',
        '[',
        ']',
        ':',
        '|',
        '\\',
        '{',
        '}',
        '$$',
        '::',
        '__',
        '${',
        '=',
        '!',
        '<lora:',
        '>',
        'BREAK',
        'AND',
        '1.2',
        '3',
        '0.5',
        ' ',
        '\n',
        'a',
        'cat',
        '猫',
        '\ud800',
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''));

const noWildcards: Wildcards = () => null;

function weights(text: string, emphasis: Emphasis = 'original') {
  return parseAttention(text, emphasis).map((piece) =>
    piece.kind === 'text' ? [piece.text, Math.round(piece.weight * 1e6) / 1e6] : 'BREAK',
  );
}

describe('attention', () => {
  it.each([
    ['normal text', [['normal text', 1]]],
    [
      'an (important) word',
      [
        ['an ', 1],
        ['important', 1.1],
        [' word', 1],
      ],
    ],
    ['(unbalanced', [['unbalanced', 1.1]]],
    ['\\(literal\\]', [['(literal]', 1]]],
    ['(unnecessary)(parens)', [['unnecessaryparens', 1.1]]],
    [
      '[less] (a:0.5)',
      [
        ['less', 0.909091],
        [' ', 1],
        ['a', 0.5],
      ],
    ],
    [
      '((twice) as (much:1.5))',
      [
        ['twice', 1.21],
        [' as ', 1.1],
        ['much', 1.65],
      ],
    ],
    ['[not:1.5]', [['not:1.5', 0.909091]]],
    ['a ) stray ]', [['a ) stray ]', 1]]],
    ['one BREAK (two BREAK three)', [['one', 1], 'BREAK', ['two', 1.1], 'BREAK', ['three', 1.1]]],
    ['BREAKFAST', [['BREAKFAST', 1]]],
    ['', [['', 1]]],
  ])('of %j is as the web UI has it', (text, expected) => {
    expect(weights(text)).toEqual(expected);
  });

  it.each([
    [
      'an (important) word',
      [
        ['an ', 1],
        ['important', 1.1],
        [' word', 1],
      ],
    ],
    [
      '((twice) as (much:1.5))',
      [
        ['twice', 1.21],
        [' as ', 1.1],
        ['much', 1.5],
      ],
    ],
    ['[kept]', [['[kept]', 1]]],
    ['(unbalanced', [['(unbalanced', 1]]],
    ['\\(literal\\)', [['(literal)', 1]]],
    ['(a:b)', [['a:b', 1.1]]],
  ])('of %j is as ComfyUI has it', (text, expected) => {
    expect(weights(text, 'comfy')).toEqual(expected);
  });

  it('without emphasis takes brackets as they are', () => {
    expect(weights('(a:2) [b]', 'none')).toEqual([['(a:2) [b]', 1]]);
  });

  it('parses any text, with pieces in order, within its bounds', () => {
    fc.assert(
      fc.property(
        trickyText,
        fc.constantFrom<Emphasis>('original', 'comfy', 'none'),
        (text, emphasis) => {
          let last = 0;
          for (const { start, end } of parseAttention(text, emphasis)) {
            expect(start).toBeGreaterThanOrEqual(last);
            expect(end).toBeGreaterThanOrEqual(start);
            last = end;
          }
          expect(last).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('is not exhausted by brackets without end', () => {
    for (const emphasis of ['original', 'comfy'] as const) {
      const deep = '('.repeat(20_000) + 'x' + ')'.repeat(20_000);
      expect(parseAttention(deep, emphasis).length).toBeGreaterThan(0);
    }
  });
});

describe('prompt scheduling', () => {
  it.each([
    ['test', [['test', 10]]],
    [
      'a [b:3]',
      [
        ['a ', 3],
        ['a b', 10],
      ],
    ],
    [
      'a [b: 3]',
      [
        ['a ', 3],
        ['a b', 10],
      ],
    ],
    [
      'a [[[b]]:2]',
      [
        ['a ', 2],
        ['a [[b]]', 10],
      ],
    ],
    [
      '[(a:2):3]',
      [
        ['', 3],
        ['(a:2)', 10],
      ],
    ],
    [
      'a [b : c : 1] d',
      [
        ['a b  d', 1],
        ['a  c  d', 10],
      ],
    ],
    [
      'a[b:[c:d:2]:1]e',
      [
        ['abe', 1],
        ['ace', 2],
        ['ade', 10],
      ],
    ],
    ['a [unbalanced', [['a [unbalanced', 10]]],
    [
      'a [b:.5] c',
      [
        ['a  c', 5],
        ['a b c', 10],
      ],
    ],
    [
      'a [{b|d{:.5] c',
      [
        ['a  c', 5],
        ['a {b|d{ c', 10],
      ],
    ],
    [
      '((a][:b:c [d:3]',
      [
        ['((a][:b:c ', 3],
        ['((a][:b:c d', 10],
      ],
    ],
    [
      '[a::4]b',
      [
        ['ab', 4],
        ['b', 10],
      ],
    ],
    ['[a:b:0]', [['b', 10]]],
    ['[a:b:20]', [['a', 10]]],
    ['[a:b:c:3]', [['[a:b:c:3]', 10]]],
    ['(x:1.2)', [['(x:1.2)', 10]]],
  ])('of %j', (text, expected) => {
    expect(promptSchedule(text, 10).map((part) => [part.text, part.untilStep])).toEqual(expected);
  });

  it('alternates step by step, also with nothing', () => {
    const texts = promptSchedule('[fe|]male', 4);
    expect(texts.map((part) => [part.text, part.untilStep])).toEqual([
      ['female', 1],
      ['male', 2],
      ['female', 3],
      ['male', 4],
    ]);
    expect(promptSchedule('[a|b|c]', 4).map((part) => part.text)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('covers every step of any text', () => {
    fc.assert(
      fc.property(trickyText, fc.integer({ min: 1, max: 30 }), (text, steps) => {
        const parts = promptSchedule(text, steps);
        expect(parts.at(-1)?.untilStep).toBe(steps);
        const ends = parts.map(({ untilStep }) => untilStep);
        expect(ends).toEqual([...new Set(ends)].toSorted((a, b) => a - b));
        const changes = branchesOf(parsePrompt(text, 'resolved').nodes).filter(
          ({ kind }) => kind === 'schedule' || kind === 'alternation',
        );
        if (changes.length === 0) expect(parts).toEqual([{ text, untilStep: steps }]);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('composition', () => {
  it('splits at AND and reads weights', () => {
    expect(splitComposition('a cat :1.2 AND a dog AND a hat :-0.5')).toEqual([
      { text: 'a cat', weight: 1.2 },
      { text: 'a dog', weight: 1 },
      { text: 'a hat', weight: -0.5 },
    ]);
    expect(splitComposition('SAND ANDY 16:9')).toEqual([{ text: 'SAND ANDY 16:9', weight: 1 }]);
  });
});

describe('adapters in a prompt', () => {
  it('are taken out with their weights', () => {
    const { text, loras } = takeAdapters('a <lora:ink:0.8> cat<lora:line art:1:0.5><lora:x:te=2>');
    expect(text).toBe('a  cat');
    expect(loras.map(({ name, unetWeight, textWeight }) => [name, unetWeight, textWeight])).toEqual(
      [
        ['ink', 0.8, 0.8],
        ['line art', 1, 0.5],
        ['x', 1, 2],
      ],
    );
    expect(takeAdapters('<3 <lora> a<b').text).toBe('<3 <lora> a<b');
  });
});

describe('dynamic prompts', () => {
  const colours: Wildcards = (pattern) =>
    pattern === 'colour' ? ['red', 'green', 'blue'] : pattern === 'loop' ? ['__loop__'] : null;
  const resolve = (text: string, seed = 1) =>
    resolveDynamic(text, { seed, wildcards: colours }).resolved;
  const seen = (text: string) => new Set(Array.from({ length: 200 }, (_, i) => resolve(text, i)));

  it('choose by the seed alone', () => {
    expect(seen('a {cat|dog}')).toEqual(new Set(['a cat', 'a dog']));
    expect(resolve('{a|b|c|d|e|f|g}', 2 ** 40)).toBe(resolve('{a|b|c|d|e|f|g}', 2 ** 40));
    expect(seen('{a|{b|c}}')).toEqual(new Set(['a', 'b', 'c']));
  });

  it('follow weights', () => {
    const counts = Array.from({ length: 2000 }, (_, i) => resolve('{3::a|1::b}', i));
    const share = counts.filter((text) => text === 'a').length / counts.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
    expect(seen('{0::a|b}')).toEqual(new Set(['b']));
  });

  it('draw several without drawing one twice', () => {
    for (const text of seen('{2$$a|b|c}')) expect(new Set(text.split(', ')).size).toBe(2);
    expect(seen('{1-2$$ and $$a|b}')).toEqual(new Set(['a', 'b', 'a and b', 'b and a']));
    for (const text of seen('{2$$__colour__}')) expect(new Set(text.split(', ')).size).toBe(2);
  });

  it('read wildcards, and say which are missing or endless', () => {
    expect(seen('a __colour__ cat')).toEqual(new Set(['a red cat', 'a green cat', 'a blue cat']));
    const missing = resolveDynamic('a __nothing_here__ cat', { seed: 1, wildcards: colours });
    expect(missing.resolved).toBe('a __nothing_here__ cat');
    expect(missing.problems).toMatchObject([{ start: 2, end: 18 }]);
    expect(resolveDynamic('__loop__', { seed: 1, wildcards: colours }).problems).toHaveLength(1);
  });

  it('know variables, drawn each time or once', () => {
    expect(resolve('${c=red}a ${c} cat and a ${c} dog')).toBe('a red cat and a red dog');
    for (const text of seen('${c=!{red|blue|green}}${c} ${c}')) {
      const [first, second] = text.split(' ');
      expect(second).toBe(first);
    }
    expect(seen('${c={1|2|3|4}}${c}${c}').size).toBeGreaterThan(4);
    expect(resolve('${c:blue}')).toBe('blue');
    expect(resolveDynamic('${c}', { seed: 1, wildcards: colours }).problems).toHaveLength(1);
  });

  it('leave everything else as it is', () => {
    expect(resolve('(a:1.2) [b|c] \\(d\\) \\{e\\} _f_ $5')).toBe(
      '(a:1.2) [b|c] \\(d\\) {e} _f_ $5',
    );
    const open = resolveDynamic('a {b|c', { seed: 1, wildcards: noWildcards });
    expect(open).toEqual({
      resolved: 'a {b|c',
      problems: [{ start: 2, end: 3, message: 'This brace is never closed.' }],
    });
  });

  it('resolve any text, and text without syntax to itself', () => {
    fc.assert(
      fc.property(trickyText, fc.nat(), (text, seed) => {
        const { resolved, problems } = resolveDynamic(text, { seed, wildcards: noWildcards });
        if (!/[{}\\$]/.test(text)) expect(resolved).toBe(text);
        for (const { start, end } of problems) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('stop before they grow without end', () => {
    const bomb: Wildcards = () => ['__x__ __x__ __x__ __x__ __x__ __x__'];
    const { resolved, problems } = resolveDynamic('__x__', { seed: 1, wildcards: bomb });
    expect(resolved.length).toBeLessThanOrEqual(100_000);
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe('spans of a prompt', () => {
  const spans = (text: string) =>
    promptSpans(text, { emphasis: 'original', isWildcard: (pattern) => pattern === 'colour' });

  it('name what each stretch means', () => {
    const found = spans('a {b|__colour__} [c:d:3] <lora:x:1> AND e').map((span) => [
      span.text,
      span.meaning,
    ]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['__colour__', 'wildcard'],
        ['[c:d:3]', 'schedule'],
        ['<lora:x:1>', 'adapter'],
        ['AND', 'keyword'],
      ]),
    );
  });

  it('carry weights, and problems with their places', () => {
    expect(spans('a (b:1.5)').find(({ text }) => text === 'b')?.weight).toBe(1.5);
    const odd = spans('(a __none__').filter(({ problem }) => problem !== null);
    expect(odd.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [3, 11],
    ]);
  });

  it('joined are any prompt again', () => {
    fc.assert(
      fc.property(trickyText, (text) => {
        const found = spans(text);
        expect(found.map((span) => span.text).join('')).toBe(text);
        let at = 0;
        for (const { start, end } of found) {
          expect(start).toBe(at);
          at = end;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
