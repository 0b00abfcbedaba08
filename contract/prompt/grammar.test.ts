import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeAdapters } from './adapters.ts';
import { parseAttention, type Emphasis } from './attention.ts';
import { canonicalPrompt } from './canonical.ts';
import { splitComposition } from './composition.ts';
import { resolveDynamic, type Wildcards } from './dynamic.ts';
import { parsePrompt } from './parse.ts';
import { promptProblems } from './problems.ts';
import { promptSchedule } from './schedule.ts';
import { bracketsAtCaret, promptSpans } from './spans.ts';
import { applyStyleText } from './style.ts';
import { branchesOf, isBranch, leavesOf, printNodes, type PromptNode } from './tree.ts';

/** What the grammar is made of, glued in any order. */
const blanks = [' ', '\n', ' AND ', ' BREAK ', '${ v }', ': +.5 )', ': 3 ]', ':-0.70 '];
const ownSigns = fc
  .array(
    fc.constantFrom(
      ...(
        '( ) [ ] { } | : \\ <lora: > $ $$ __ ${v= ${ ! = :: 2$$ 1-02$$ ${v: {prompt} a cat AND ' +
        'BREAK :1.20) :0.50] (a [b: |c] {a| 02.50:: 1e2 A B \ud800 猫'
      ).split(' '),
      ...blanks,
      ':te= 0.50',
    ),
    { maxLength: 40 },
  )
  .map((signs) => signs.join(''));
const anyText = fc.oneof({ weight: 3, arbitrary: ownSigns }, fc.string({ unit: 'binary' }));
const dialects = fc.constantFrom('template', 'style', 'resolved' as const);
const runs = { numRuns: 5000 };
const wildcards: Wildcards = (pattern) => (pattern === 'cat' ? ['red', '2::blue (dark'] : null);

describe('the tree of a prompt', () => {
  it('prints any text as it was, and the print grows the same tree', () => {
    fc.assert(
      fc.property(anyText, dialects, (text, dialect) => {
        const tree = parsePrompt(text, dialect);
        expect(printNodes(tree.nodes) === text).toBe(true);
        expect(parsePrompt(printNodes(tree.nodes), dialect)).toEqual(tree);
      }),
      runs,
    );
  });

  it('tiles the text: leaves without a gap, branches from their first leaf to their last', () => {
    fc.assert(
      fc.property(anyText, dialects, (text, dialect) => {
        const { nodes, problems } = parsePrompt(text, dialect);
        let at = 0;
        for (const leaf of leavesOf(nodes)) {
          expect(leaf.start).toBe(at);
          expect(text.slice(leaf.start, leaf.end)).toBe(leaf.text);
          expect(leaf.text).not.toBe('');
          at = leaf.end;
        }
        expect(at).toBe(text.length);
        for (const { children, start, end } of branchesOf(nodes)) {
          expect(children[0]?.start).toBe(start);
          expect(children.at(-1)?.end).toBe(end);
        }
        for (const { start, end, remedy } of problems) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(remedy).not.toBe('');
        }
      }),
      runs,
    );
  });

  it.each([
    ['(a:1.2)', 'round'],
    ['[a]', 'square'],
    ['[a:b:3]', 'schedule'],
    ['[a:0.5]', 'schedule'],
    ['[a|b]', 'alternation'],
    ['{2$$ and $$a|3::b}', 'choice'],
    ['${v=!a|b}', 'assign'],
    ['${v}', 'variable'],
    ['${v:a}', 'variable'],
    ['<lora:a:1:te=0.5>', 'lora'],
    ['__a/b*__', 'wildcard'],
    ['AND', 'and'],
    ['BREAK', 'break'],
    [String.raw`\(`, 'escape'],
    ['(a', 'round-start'],
    ['{a', 'text'],
  ])('has %j as a node of kind %s', (text, kind) => {
    expect(parsePrompt(text, 'template').nodes[0]?.kind).toBe(kind);
  });

  it('pairs braces before brackets, so that an option may hold half a bracket', () => {
    const { nodes } = parsePrompt('{(a|b}:1.2)', 'template');
    expect(kindsOf(nodes)).toEqual([
      ['choice', ['choice-start', 'round-start', 'text', 'option-bar', 'text', 'brace-end']],
      'colon',
      'figure',
      'round-end',
    ]);
    const drawn = new Set(
      Array.from({ length: 20 }, (_, seed) => {
        const { resolved } = resolveDynamic('{(a|b}:1.2)', { seed, wildcards });
        return JSON.stringify(parseAttention(resolved, 'original').map((piece) => ({ ...piece })));
      }),
    );
    expect(drawn).toEqual(
      new Set([
        '[{"kind":"text","text":"a","weight":1.2,"start":1,"end":2}]',
        '[{"kind":"text","text":"b:1.2)","weight":1,"start":0,"end":6}]',
      ]),
    );
  });

  it('takes braces of a resolved prompt for letters', () => {
    expect(parsePrompt('{a|b} __c__ ${d}', 'resolved').nodes.map(({ kind }) => kind)).toEqual([
      'text',
      'bar',
      'text',
    ]);
  });

  it('leaves an escaped bar alone outside of braces, as an alternation needs it', () => {
    const resolve = (text: string) => resolveDynamic(text, { seed: 1, wildcards }).resolved;
    expect(resolve(String.raw`[a\|b]`)).toBe(String.raw`[a\|b]`);
    expect(resolve(String.raw`{[a\|b]}`)).toBe('[a|b]');
    expect(resolve(String.raw`\\{a}`)).toBe(String.raw`\{a}`);
  });
});

describe('long and deep prompts', () => {
  const length = 100_000;
  it.each([
    '(',
    '[',
    '{',
    '{a|',
    '${v=',
    '[a:',
    '(a',
    '<lora:',
    '__',
    ':',
    '\\',
    ')',
    'AND ',
    '{2$$',
  ])(
    'of %j alone are read in time',
    (sign) => {
      const text = sign.repeat(length / sign.length);
      const started = performance.now();
      const tree = parsePrompt(text, 'template');
      expect(performance.now() - started).toBeLessThan(3000);
      expect(printNodes(tree.nodes) === text).toBe(true);
      resolveDynamic(text, { seed: 1, wildcards });
      promptSchedule(text, 20);
      for (const emphasis of ['original', 'comfy'] as const) parseAttention(text, emphasis);
      splitComposition(takeAdapters(text).text);
      promptSpans(text, { emphasis: 'original', isWildcard: () => true });
      // A second at most on a machine that does nothing else; growing by the square it would be minutes.
      expect(performance.now() - started).toBeLessThan(20_000);
    },
    60_000,
  );

  it.each([
    ['(', 'a)'],
    ['[', 'a]'],
    ['{', 'a}'],
    ['[a:', ':3]'],
    ['([{', 'a}])'],
    ['${v:', '}'],
  ])(
    'nested in %j and %j exhaust no stack',
    (open, close) => {
      const text = open.repeat(20_000) + close.repeat(20_000);
      expect(printNodes(parsePrompt(text, 'template').nodes) === text).toBe(true);
      expect(promptSchedule(text, 5).at(-1)?.untilStep).toBe(5);
      expect(parseAttention(text, 'original').length).toBeGreaterThan(0);
      expect(canonicalPrompt(parsePrompt(text, 'template')) === text).toBe(true);
    },
    60_000,
  );
});

describe('the canonical writing', () => {
  /** Everything that the engine is told. */
  const meaning = (resolved: string) => {
    const { text, loras } = takeAdapters(resolved);
    return [
      loras.map(({ name, unetWeight, textWeight }) => [name, unetWeight, textWeight]),
      splitComposition(text).map((part) => [
        part.weight,
        promptSchedule(part.text, 10).map((stretch) => [
          stretch.untilStep,
          parseAttention(stretch.text, 'original').map((piece) =>
            piece.kind === 'text' ? [piece.text, piece.weight] : null,
          ),
        ]),
      ]),
    ];
  };

  it('is itself when written again', () => {
    fc.assert(
      fc.property(anyText, dialects, (text, dialect) => {
        const once = canonicalPrompt(parsePrompt(text, dialect));
        expect(canonicalPrompt(parsePrompt(once, dialect))).toBe(once);
      }),
      runs,
    );
  });

  it('means the same, resolved and as a template', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, seed) => {
        const resolved = canonicalPrompt(parsePrompt(text, 'resolved'));
        expect(meaning(resolved)).toEqual(meaning(text));
        const draw = (template: string) => resolveDynamic(template, { seed, wildcards }).resolved;
        const template = canonicalPrompt(parsePrompt(text, 'template'));
        expect(meaning(draw(template))).toEqual(meaning(draw(text)));
      }),
      runs,
    );
  });

  it.each([
    ['(a: 1.30 ) (b:+.5)', '(a:1.3) (b:0.5)'],
    ['[a:b: 0.50 ] [c: 3. ] [d:07]', '[a:b:0.5] [c:3.0] [d:7]'],
    ['<LORA: ink :0.80: te= 1.0>', '<lora:ink:0.8:te=1>'],
    ['{02-02$$ , $$ 1.50::a|2.0::b}', '{2$$ , $$1.5::a|2::b}'],
    ['${ v =! a}${ v }', '${v=! a}${v}'],
    ['({a|b}: 1.20 ) 16: 9.0 )', '({a|b}: 1.20 ) 16: 9.0 )'],
  ])('of %j is %j', (text, expected) => {
    expect(canonicalPrompt(parsePrompt(text, 'template'))).toBe(expected);
  });
});

describe('problems', () => {
  const found = (text: string, emphasis: Emphasis = 'original') =>
    promptProblems(parsePrompt(text, 'template'), {
      emphasis,
      isWildcard: (pattern) => pattern === 'colour',
    }).map(({ code, start, end }) => [code, start, end]);

  it.each([
    ['a (b', [['bracket-open', 2, 3]]],
    ['a ] b', [['bracket-stray', 2, 3]]],
    ['a {b|c', [['brace-open', 2, 3]]],
    ['${v=a', [['brace-open', 0, 4]]],
    [
      '${v} __x__',
      [
        ['variable-unset', 0, 4],
        ['wildcard-missing', 5, 10],
      ],
    ],
    ['<lora:a, b', [['lora-open', 0, 10]]],
    ['{3$$a|b} {3$$__colour__}', [['choice-short', 0, 8]]],
    ['ink of {prompt}', [['placeholder', 7, 15]]],
    ['{(a|(b}:1.2) [c:d:3] [e|f]', []],
    ['{(a|b}', [['bracket-open', 1, 2]]],
    ['(a {b|c)}', []],
    ['<lora:a(b:1> ${v=x}${v} ${w:y} \\( __colour__', []],
  ])('of %j are placed', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it('follow the emphasis', () => {
    expect(found('[a (b', 'comfy')).toEqual([['bracket-open', 3, 4]]);
    expect(found('[a (b', 'none')).toEqual([]);
  });

  it('know the ends of the brackets at the caret', () => {
    const ends = (text: string, caret: number) =>
      bracketsAtCaret(text, caret)?.map(({ start }) => start) ?? null;
    expect(ends('a (b [c])', 3)).toEqual([2, 8]);
    expect(ends('a (b [c])', 9)).toEqual([2, 8]);
    expect(ends('a (b [c])', 8)).toEqual([5, 7]);
    expect(ends('a (b [c])', 4)).toBeNull();
    expect(ends('{a|b}', 5)).toEqual([0, 4]);
  });
});

describe('styles', () => {
  it('take the prompt at its place, and never for a choice', () => {
    expect(applyStyleText('a cat', 'ink of {prompt}, {red|blue}')).toBe('ink of a cat, {red|blue}');
    expect(applyStyleText('$& {x}', '{prompt} and {prompt}')).toBe('$& {x} and $& {x}');
    expect(applyStyleText('a cat', String.raw`\{prompt} ink`)).toBe(
      String.raw`a cat, \{prompt} ink`,
    );
    expect(applyStyleText('a cat ', ' chalk')).toBe('a cat, chalk');
    expect(applyStyleText('', 'chalk')).toBe('chalk');
    expect(parsePrompt('ink {of {prompt}|x}', 'style').problems).toEqual([]);
  });
});

type Kinds = string | readonly [string, readonly Kinds[]];
function kindsOf(nodes: readonly PromptNode[]): readonly Kinds[] {
  return nodes.map((node) => (isBranch(node) ? [node.kind, kindsOf(node.children)] : node.kind));
}
