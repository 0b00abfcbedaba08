import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import type { WriteConstraint } from '../../../../contract/write.ts';
import { createUniform } from '../sampling/xoshiro.ts';
import { type ByteState, createAutomaton } from './automaton.ts';
import { createConstraint } from './create-constraint.ts';
import { parseGbnf } from './gbnf.ts';
import { characters, charactersBut } from './grammar.ts';
import { jsonSchemaGrammar } from './json-schema.ts';
import { parseRegex } from './regex.ts';

const encoder = new TextEncoder();

/** Every byte, and some texts that lie across the joints of what the tests ask for. */
const vocabulary: readonly Uint8Array[] = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...['{"', '":', ', ', '"}', 'true', '12', '\n  ', 'name', '"name', 'ab', '猫'].map((text) =>
    encoder.encode(text),
  ),
  // Halves of characters.
  Uint8Array.of(0xe7, 0x8c),
  Uint8Array.of(0xab, 0x22),
  new Uint8Array(),
];
const endId = vocabulary.length - 1;
const tokenizer = {
  encode: () => [],
  idOf: () => null,
  textOf: () => '',
  bytesOf: (id: number) => vocabulary[id] ?? new Uint8Array(),
};
const model = { tokenizer, vocabularySize: vocabulary.length, endIds: new Set([endId]) };

const jsonSchema = (schema: Extract<WriteConstraint, { kind: 'json-schema' }>['schema']) =>
  ({ kind: 'json-schema', schema }) as const;
const gbnf = (text: string) => ({ kind: 'grammar', gbnf: text }) as const;
const regex = (pattern: string) => ({ kind: 'regex', pattern }) as const;

/** Follows random allowed tokens until the text ends; null if it does not within 600 tokens. */
function writeText(constraint: WriteConstraint, nextUniform: () => number): string | null {
  const form = createConstraint(constraint, model);
  const bytes: number[] = [];
  for (let tokens = 0; tokens < 600; tokens += 1) {
    const allowed = allowedIds(form.allowed());
    if (allowed.length === 0) throw new Error('Nothing can follow.');
    if (allowed.includes(endId) !== form.isComplete()) throw new Error('It ends where it may not.');
    // Texts that could go on for ever come to an end.
    const ids = tokens > 100 && form.isComplete() ? [endId] : allowed;
    const id = ids[Math.floor(nextUniform() * ids.length)] ?? endId;
    if (id === endId)
      return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    form.accept(id);
    bytes.push(...(vocabulary[id] ?? []));
  }
  return null;
}

function allowedIds(mask: Uint32Array): number[] {
  return [...vocabulary.keys()].filter((id) => ((mask[id >> 5] ?? 0) >>> (id & 31)) & 1);
}

function matches(start: ByteState, text: string): boolean {
  let state: ByteState | null = start;
  for (const byte of encoder.encode(text)) state = state?.next(byte) ?? null;
  return state?.isAccepting ?? false;
}
const matchesGbnf = (grammar: string, text: string) =>
  matches(createAutomaton(parseGbnf(grammar)), text);
const matchesSchema = (schema: object, text: string) =>
  matches(createAutomaton(jsonSchemaGrammar({ ...schema })), text);
function matchesRegex(pattern: string, text: string): boolean {
  const { expression } = parseRegex(pattern);
  return matches(createAutomaton({ root: 'r', rules: new Map([['r', expression]]) }), text);
}

function everyTextPasses(constraint: WriteConstraint, check: (text: string) => void): void {
  let ended = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const text = writeText(constraint, createUniform(seed));
      if (text === null) return;
      ended += 1;
      check(text);
    }),
    { numRuns: 50 },
  );
  expect(ended).toBeGreaterThan(3);
}

describe('texts held to a JSON schema', () => {
  const person = {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 2, maxLength: 9 },
      age: { type: 'integer', minimum: 0, maximum: 150 },
      mood: { enum: ['glad', 'sad "ish"', 3, null] },
      tags: { type: 'array', items: { type: 'boolean' }, minItems: 1, maxItems: 3 },
      code: { type: 'string', pattern: '^[A-C"\\n]{2}-\\d+$' },
      height: { type: ['number', 'null'] },
      born: { type: 'string', format: 'date' },
    },
    required: ['name', 'age', 'tags', 'code'],
    additionalProperties: false,
  };
  const Person = z.strictObject({
    name: z.string().refine((name) => /^.{2,9}$/su.test(name)),
    age: z.number().int().min(0).max(150),
    mood: z.union([z.enum(['glad', 'sad "ish"']), z.literal(3), z.null()]).optional(),
    tags: z.array(z.boolean()).min(1).max(3),
    code: z.string().regex(/^[A-C"\n]{2}-\d+$/),
    height: z.number().nullable().optional(),
    born: z.iso.date().optional(),
  });

  it('are JSON and valid, whatever tokens are drawn', () => {
    everyTextPasses(jsonSchema(person), (text) => Person.parse(JSON.parse(text)));
  });

  it('are valid to another reader of schemas, whatever the schema', () => {
    const bound = fc.nat(4);
    const { schema } = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.constant({ type: 'boolean' }),
        fc.constant({ type: ['null', 'integer'] }),
        fc.tuple(bound, bound).map(([min, more]) => ({
          type: 'string',
          minLength: min,
          maxLength: min + more,
        })),
        fc
          .tuple(fc.integer({ min: -300, max: 300 }), fc.nat(400), fc.boolean())
          .map(([minimum, more, isWhole]) => ({
            type: isWhole ? 'integer' : 'number',
            minimum,
            maximum: minimum + more,
          })),
        fc
          .uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { minLength: 1 })
          .map((values) => ({ enum: values })),
        fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc.tuple(tie('schema'), bound, bound).map(([items, min, more]) => ({
          type: 'array',
          items,
          minItems: min,
          maxItems: min + more,
        })),
        fc
          .tuple(
            fc.dictionary(fc.string(), tie('schema'), { maxKeys: 4, noNullPrototype: true }),
            fc.infiniteStream(fc.boolean()),
          )
          .map(([properties, isRequired]) => ({
            type: 'object',
            properties,
            required: Object.keys(properties).filter(() => isRequired.next().value),
            additionalProperties: false,
          })),
      ),
    }));
    let ended = 0;
    fc.assert(
      fc.property(schema, fc.nat(), (random, seed) => {
        fc.pre(!JSON.stringify(random).includes('__proto__'));
        const parsed = z.record(z.string(), z.json()).parse(random);
        const text = writeText(jsonSchema(parsed), createUniform(seed));
        if (text === null) return;
        ended += 1;
        const { success, error } = z.fromJSONSchema(parsed).safeParse(JSON.parse(text));
        expect({ text, success, error }).toMatchObject({ success: true });
      }),
      { numRuns: 150 },
    );
    expect(ended).toBeGreaterThan(50);
  });

  it.each(['date', 'time', 'date-time', 'uuid', 'email', 'uri', 'ipv4'])(
    'are of the format %s to another reader of schemas',
    (format) => {
      const schema = { type: 'string', format } as const;
      const reader = z.fromJSONSchema(schema);
      everyTextPasses(jsonSchema(schema), (text) =>
        expect({ text, ...reader.safeParse(JSON.parse(text)) }).toMatchObject({ success: true }),
      );
    },
  );

  it('may hold any value where the schema says nothing, as deep as it likes', () => {
    everyTextPasses(jsonSchema({}), (text) => JSON.parse(text));
    everyTextPasses(jsonSchema(true), (text) => JSON.parse(text));
  });

  it('may refer to themselves', () => {
    const Tree: z.ZodType = z.lazy(() =>
      z.strictObject({ name: z.string(), children: z.array(Tree).max(2).optional() }),
    );
    const tree = {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: {
            name: { type: 'string', maxLength: 2 },
            children: { type: 'array', items: { $ref: '#/$defs/node' }, maxItems: 2 },
          },
          required: ['name'],
          additionalProperties: false,
        },
      },
    };
    everyTextPasses(jsonSchema(tree), (text) => Tree.parse(JSON.parse(text)));
  });

  it('have further properties only where they may, and never a named one twice', () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string', maxLength: 1 }, 'n"ot': { const: 1 } },
      required: ['name'],
      additionalProperties: { type: 'integer' },
    };
    expect(matchesSchema(schema, '{"name":"x","n\\"ot":1,"nam":1,"names": 2}')).toBe(true);
    expect(matchesSchema(schema, '{"name":"x","name":2}')).toBe(false);
    expect(matchesSchema(schema, '{"name":"x","n\\u0061me":2}')).toBe(false);
    expect(matchesSchema(schema, '{"other":2}')).toBe(false);
    expect(matchesSchema({ ...schema, additionalProperties: false }, '{"name":"x","b":2}')).toBe(
      false,
    );
    expect(matchesSchema({ type: 'object' }, '{"a":[],"b":{}}')).toBe(true);
  });

  it('choose among schemas', () => {
    const either = { anyOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'null' } }] };
    expect(['true', '[ null, null]', '[]'].map((text) => matchesSchema(either, text))).toEqual([
      true,
      true,
      true,
    ]);
    expect(matchesSchema(either, '[true]')).toBe(false);
    const shape = (kind: string) => ({
      type: 'object',
      properties: { kind: { const: kind } },
      required: ['kind'],
    });
    expect(matchesSchema({ oneOf: [shape('a'), shape('b')] }, '{"kind":"b"}')).toBe(true);
  });

  it('keep numbers within bounds', () => {
    const bound = fc.integer({ min: -3000, max: 3000 });
    fc.assert(
      fc.property(
        bound,
        bound,
        fc.integer({ min: -4000, max: 4000 }),
        fc.nat(99),
        (a, b, value, part) => {
          const [minimum, maximum] = [Math.min(a, b), Math.max(a, b)];
          const isInside = minimum <= value && value <= maximum;
          expect(matchesSchema({ type: 'integer', minimum, maximum }, String(value))).toBe(
            isInside,
          );
          expect(matchesSchema({ type: 'integer', minimum }, String(value))).toBe(minimum <= value);
          expect(matchesSchema({ type: 'integer', exclusiveMaximum: maximum }, String(value))).toBe(
            value < maximum,
          );
          const written = `${value}.${String(part).padStart(2, '0')}`;
          const exact = Number(written);
          expect(matchesSchema({ type: 'number', minimum, maximum }, written)).toBe(
            minimum <= exact && exact <= maximum,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    [{ type: 'objct' }, /at #: type/],
    [{ not: {} }, /not is not known/],
    [{ type: 'array', uniqueItems: true }, /uniqueItems/],
    [{ type: 'number', multipleOf: 3 }, /multipleOf/],
    [{ type: 'string', pattern: '(?=a)b' }, /character 2: what looks ahead/],
    [{ type: 'string', pattern: 'a', minLength: 2 }, /together/],
    [{ type: 'string', format: 'idn-email' }, /"idn-email" is not known/],
    [{ $ref: 'http://example.org/schema' }, /\$ref/],
    [{ $ref: '#/$defs/none' }, /nothing at/],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, /anyOf may be what is meant/],
    [
      { type: 'object', properties: { a: { type: 'object', patternProperties: {} } } },
      /at #\/properties\/a: patternProperties/,
    ],
    [{ type: 'integer', minimum: 5, maximum: 4 }, /no number/],
    [{ type: 'object', required: ['x'], properties: { y: {} } }, /"x" is not among/],
    [{ anyOf: [{ $ref: '#' }] }, /begins with itself/],
    [{ type: 'string', maxLength: 1_000_000 }, /too large/],
  ])('are refused where %o is not known', (schema, message) => {
    expect(() => createAutomaton(jsonSchemaGrammar(schema))).toThrow(message);
    expect(() => createAutomaton(jsonSchemaGrammar(schema))).toThrow(StudioError);
  });
});

describe('texts held to a grammar', () => {
  const chess = String.raw`
    # Moves, as in llama.cpp's example of them
    root   ::= "1. " move " " move "\n" ([1-9] [0-9]? ". " move " " move "\n")+
    move   ::= (pawn | nonpawn | castle) [+#]?
    nonpawn ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
    pawn   ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
    castle ::= "O-O" "-O"?
  `;

  it('follow it', () => {
    expect(matchesGbnf(chess, '1. e4 e5\n2. Nf3 Nc6\n')).toBe(true);
    expect(matchesGbnf(chess, '1. e4 e5\n2. O-O-O exd8=Q+\n')).toBe(true);
    expect(matchesGbnf(chess, '1. e4 e5\n')).toBe(false);
    expect(matchesGbnf(chess, '1. e9 e5\n2. Nf3 Nc6\n')).toBe(false);
    everyTextPasses(gbnf(chess), (text) => expect(matchesGbnf(chess, text)).toBe(true));
  });

  it('nest brackets, which no regular expression could', () => {
    const nested = 'root ::= "(" root ")" | ""';
    expect(matchesGbnf(nested, '((()))')).toBe(true);
    expect(matchesGbnf(nested, '((())')).toBe(false);
  });

  it('know escapes, classes, repetitions and alternatives on lines of their own', () => {
    const grammar = String.raw`root ::= a{2} b{1,2} [^\x41-\]]{3,}
      | "\u732b" . "\U0001F408"
    a ::= "\"" b ::= [\-x]`;
    expect(matchesGbnf(grammar, '""-xabc猫')).toBe(true);
    expect(matchesGbnf(grammar, '""-abA')).toBe(false);
    expect(matchesGbnf(grammar, '猫é🐈')).toBe(true);
  });

  it('say so where brackets are nested beyond reason', () => {
    const grammar = `root ::= ${'('.repeat(200_000)}"a"${')'.repeat(200_000)}`;
    expect(() => createConstraint(gbnf(grammar), model)).toThrow(/nested too deeply/);
  });

  it('write characters that are split over tokens, and never end within one', () => {
    everyTextPasses(gbnf('root ::= [猫é🐈]{1,4}'), (text) =>
      expect(text).toMatch(/^[猫é🐈]{1,4}$/u),
    );
    const form = createConstraint(gbnf('root ::= "猫"'), model);
    expect(allowedIds(form.allowed()).map((id) => [...(vocabulary[id] ?? [])])).toEqual([
      [0xe7],
      [...encoder.encode('猫')],
      [0xe7, 0x8c],
    ]);
    form.accept(0xe7);
    expect(form.isComplete()).toBe(false);
    expect(allowedIds(form.allowed())).toEqual([0x8c]);
  });

  it.each([
    ['root ::= "a', /line 1, character 12: the text in quotes has no end/],
    ['rot ::= "a"', /no rule "root"/],
    ['root ::= x', /"x" is used but not defined/],
    ['root ::= root "a" | "b"', /begins with itself/],
    ['root ::= x root\nx ::= "a"?', /begins with itself/],
    ['root ::= [a', /closing bracket/],
    ['root ::= ("a"', /closing bracket is expected/],
    ['root ::= "a")', /closes nothing/],
    ['root ::= "\\q"', /no known escape/],
    ['root ::= "a"{3,2}', /more than it allows/],
    ['root ::= "a"{1000000}', /too large/],
    ['root ::= <[123]>', /not known here/],
    ['root ::= []', /No text at all/],
    ['hello', /line 1, character 1: a rule is expected/],
  ])('say what is wrong with %s', (grammar, message) => {
    expect(() => createAutomaton(parseGbnf(grammar))).toThrow(message);
  });
});

describe('sets of characters', () => {
  it('are the bytes of their characters and no others', () => {
    const point = fc.oneof(
      fc.integer({ min: 0, max: 0x10ffff }),
      fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff),
    );
    const ranges = fc.array(
      fc.tuple(point, point).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(ranges, fc.array(point), fc.boolean(), (set, points, isNegated) => {
        const expression = isNegated ? charactersBut(set) : characters(set);
        if (expression.kind === 'characters' && expression.ranges.length === 0) return;
        const start = createAutomaton({ root: 'r', rules: new Map([['r', expression]]) });
        for (const each of [...points, ...set.flatMap(({ first, last }) => [first, last])]) {
          if (each >= 0xd800 && each <= 0xdfff) continue;
          const isIn = set.some(({ first, last }) => first <= each && each <= last);
          expect(matches(start, String.fromCodePoint(each))).toBe(isIn !== isNegated);
        }
      }),
    );
  });
});

describe('texts held to a regular expression', () => {
  it.each([
    '(red|green|blue)( (red|green))*',
    '^[A-Z][a-z]{2,5}\\d+$',
    '\\+?\\(\\d{3}\\) [0-9-]{4}',
    '(?:a?b*c+){1,3}',
    '(?<year>\\d{4})-\\w\\S.',
    '[^a-z\\d\\s]x{0}y',
    '[\\w.+\\-]+@\\w+\\.(com|org)',
    'a{2,}?\\u0041\\x42\\u{1F408}',
  ])('match %s as JavaScript does', (pattern) => {
    const native = new RegExp(`^(?:${pattern.replace(/^\^|\$$/g, '')})$`, 'u');
    everyTextPasses(regex(pattern), (text) => expect(text).toMatch(native));
    fc.assert(
      fc.property(fc.stringMatching(native), fc.nat(), fc.string(), (text, at, other) => {
        expect(matchesRegex(pattern, text)).toBe(true);
        const changed = text.slice(0, at % (text.length + 1)) + other;
        expect(matchesRegex(pattern, changed)).toBe(native.test(changed));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    '(?=a)',
    '(?<!a)b',
    '(a)\\1',
    '\\bword',
    'a^b',
    '*',
    'a)',
    '(a',
    '[b-a]',
    'a|b$',
    '[a',
    '\\',
  ])('are refused where %s is not regular or not whole', (pattern) => {
    expect(() => parseRegex(pattern)).toThrow(StudioError);
  });
});

describe('a form that is taken back', () => {
  it('is as it was before', () => {
    const form = createConstraint(gbnf('root ::= "ab" "cd" | "axx"'), model);
    const masks: Uint32Array[] = [];
    for (const character of 'abc') {
      masks.push(form.allowed().slice());
      form.accept(character.charCodeAt(0));
    }
    expect(() => form.accept(0x7a)).toThrow(RangeError);
    for (const count of [1, 2]) {
      form.rewind(count);
      masks.length -= count - 1;
      expect(form.allowed()).toEqual(masks.pop());
    }
    form.accept(0x61);
    form.accept(0x78);
    form.accept(0x78);
    expect(form.isComplete()).toBe(true);
    expect(allowedIds(form.allowed())).toEqual([endId]);
  });
});
