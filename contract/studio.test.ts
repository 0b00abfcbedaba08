import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { engineContract } from './engine.ts';
import { ImageRequest } from './image-request.ts';
import { studioContract } from './studio.ts';
import { decodeFrame, encodeFrame } from './wire/codec.ts';

/** Values that a schema accepts, built from its own definition. */
function valuesOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  return candidatesOf(schema).filter((value) => z.safeParse(schema, value).success);
}

function candidatesOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) {
    return fc.record(
      Object.fromEntries(
        Object.entries(schema.shape).map(([key, field]) => [key, valuesOf(field)]),
      ),
    );
  }
  if (schema instanceof z.ZodArray)
    return fc.array(valuesOf(schema.element), { minLength: 1, maxLength: 3 });
  if (schema instanceof z.ZodNullable) return fc.option(valuesOf(schema.unwrap()));
  if (schema instanceof z.ZodOptional)
    return fc.option(valuesOf(schema.unwrap()), { nil: undefined });
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return valuesOf(schema.unwrap());
  if (schema instanceof z.ZodPipe) return valuesOf(schema.in);
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(valuesOf));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodRecord)
    return fc.dictionary(fc.string(), valuesOf(schema.valueType), {
      maxKeys: 3,
      noNullPrototype: true,
    });
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodUUID) return fc.uuid({ version: 4 });
  if (schema instanceof z.ZodString)
    return fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
      fc.constantFrom('create.prompt', 'a'.repeat(64), '#ff8800', 'en'),
    );
  if (schema instanceof z.ZodNumber) {
    const range = {
      min: Math.max(schema.minValue ?? -1e9, -1e9),
      max: Math.min(schema.maxValue ?? 1e9, 2 ** 40),
    };
    // Multiples of 8 so that sides of pictures are found without discarding most candidates.
    return schema.isInt
      ? fc.oneof(
          fc.integer(range),
          fc
            .integer({ min: Math.ceil(range.min / 8), max: Math.floor(range.max / 8) })
            .map((n) => n * 8),
        )
      : // Adding 0 turns −0, which JSON does not know, into 0.
        fc.double({ ...range, noNaN: true }).map((value) => value + 0);
  }
  if (schema instanceof z.ZodCustom) return fc.uint8Array({ maxLength: 20 });
  if (schema instanceof z.ZodLazy) return fc.oneof(fc.string(), fc.integer(), fc.constant(null));
  throw new Error(`No values are known for a schema of kind ${schema._zod.def.type}.`);
}

const schemas = Object.entries({ ...studioContract, ...engineContract }).flatMap(
  ([name, procedure]): (readonly [string, z.core.$ZodType])[] =>
    procedure.kind === 'call'
      ? [
          [`${name} input`, procedure.input],
          [`${name} output`, procedure.output],
        ]
      : [
          [`${name} input`, procedure.input],
          [`${name} item`, procedure.item],
        ],
);

describe('every message of the contracts', () => {
  it.each(schemas)('%s arrives as it was sent', (_name, schema) => {
    fc.assert(
      fc.property(valuesOf(schema), (value) => {
        const received = decodeFrame(encodeFrame({ type: 'item', id: 1, item: value }))['item'];
        expect(z.parse(schema, received)).toEqual(z.parse(schema, value));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a change of settings', () => {
  it('names what changes and nothing else', () => {
    const { input } = studioContract['settings.set'];
    expect(input.parse({ theme: 'dark' })).toEqual({ theme: 'dark' });
    const changes = { partProviders: { unet: 'cpu' } } as const;
    expect(input.parse(changes)).toEqual(changes);
  });
});

describe('an image request', () => {
  const valid = {
    modelId: 'starter',
    prompt: 'a red apple',
    width: 256,
    height: 256,
    steps: 20,
    guidanceScale: 5,
    scheduler: 'dpmpp-2m',
    sigmaSchedule: 'karras',
  };

  it('fills in what was left out', () => {
    expect(ImageRequest.parse(valid)).toMatchObject({ negativePrompt: '', seed: null, count: 1 });
  });

  it('drops NUL characters, which no picture file can hold, and keeps every other', () => {
    expect(ImageRequest.parse({ ...valid, prompt: 'a\0 cat \u202e猫🐈' }).prompt).toBe(
      'a cat \u202e猫🐈',
    );
  });

  it.each([
    ['width', 0],
    ['width', 7],
    ['height', 100_000],
    ['width', 260.5],
    ['steps', 0],
    ['steps', 10_000],
    ['guidanceScale', Number.NaN],
    ['seed', -1],
    ['seed', 2 ** 53],
    ['count', 0],
    ['scheduler', 'no-such-scheduler'],
    ['prompt', 'x'.repeat(100_001)],
  ])('is refused when %s is %s, naming the field', (field, value) => {
    const result = ImageRequest.safeParse({ ...valid, [field]: value });
    expect(result.error?.issues[0]?.path).toEqual([field]);
  });
});
