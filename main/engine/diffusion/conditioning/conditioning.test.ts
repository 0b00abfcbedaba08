import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defaultImageOptions, emphasisNames } from '../../../../contract/image-options.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { Session, SessionLease } from '../../session.ts';
import {
  collect,
  goldenFolder,
  largestDifference,
  neverAborted,
  openTestPool,
  settingsWith,
  type TestPool,
} from '../drawing.fixture.ts';
import { createPainter } from '../painter.ts';
import { loadClipTokenizer, type ClipTokenizer } from '../prompt/clip-tokenizer.ts';
import { countPromptTokens, encodePrompts } from './conditioning.ts';
import { emphasise } from './emphasise.ts';

/** Made by models/recipes/golden/prompt_weights.py. */
const golden = z
  .object({
    stride: z.number(),
    cases: z.array(
      z.object({
        prompt: z.string(),
        emphasis: z.enum(emphasisNames),
        length: z.number(),
        values: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'prompt-weights.json'), 'utf8')));

const folder = path.join(goldenFolder, 'tiny-stable-diffusion');
let test: TestPool;
let lease: SessionLease;
let session: Session;
let tokenizer: ClipTokenizer;

beforeAll(async () => {
  test = await openTestPool();
  lease = await test.pool.borrow('tiny', path.join(folder, 'text_encoder/model.onnx'));
  session = lease.session;
  tokenizer = await loadClipTokenizer(path.join(folder, 'tokenizer'));
});
afterAll(async () => {
  await lease[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

function encode(
  prompt: string,
  {
    steps = 4,
    guided = false,
    negativePrompt = '',
    emphasis = 'original',
  }: Partial<Pick<ImageSettings, 'steps' | 'negativePrompt' | 'emphasis'>> & {
    readonly guided?: boolean;
  } = {},
) {
  return encodePrompts(
    [{ tokenizer, hidden: 'last_hidden_state', pooled: null, use: (work) => work(session) }],
    { ...defaultImageOptions, prompt, negativePrompt, emphasis },
    { passes: [steps], guided, signal: neverAborted },
  );
}

describe('weights', () => {
  it.each(golden.cases)('of $prompt ($emphasis) are as in the reference', async (expected) => {
    const conditioning = await encode(expected.prompt, { emphasis: expected.emphasis });
    const { values, length, batch } = conditioning.ofPass(4)(1);
    expect([length, batch]).toEqual([expected.length, 1]);
    const sparse = Array.from(expected.values, (_, i) => values[i * golden.stride] ?? Number.NaN);
    // The encoder's own values lie within ±4; float32 is rounded differently in the mean.
    expect(largestDifference(sparse, expected.values)).toBeLessThan(2e-5);
  });

  it('restore the mean that they moved', () => {
    const embeddings = Float32Array.of(1, 2, 3, 4);
    const weighed = emphasise(embeddings, [1, 2], 'original', null);
    // 1, 2, 6, 8 have the mean 4.25, where it was 2.5.
    const expected = [1, 2, 6, 8].map((value) => (value * 2.5) / 4.25);
    expect(largestDifference(weighed, expected)).toBeLessThan(1e-6);
  });

  it('of 1 leave the embeddings as they are', async () => {
    const plain = await encode('a red apple');
    const weighed = await encode('a (red:1) apple');
    expect(weighed.ofPass(4)(1).values).toEqual(plain.ofPass(4)(1).values);
  });
});

describe('prompts of several texts', () => {
  it('change at the step they name, and only there', async () => {
    const conditioning = await encode('a [red:green:2] apple', { guided: true });
    const at = conditioning.ofPass(4);
    expect(at(1)).toBe(at(2));
    expect(at(3)).toBe(at(4));
    expect(at(3).values).not.toEqual(at(2).values);
    const green = await encode('a green apple', { guided: true });
    expect(largestDifference(at(4).values, green.ofPass(4)(1).values)).toBeLessThan(1e-6);
  });

  it('stand one below the other with their weights, behind the unconditional one', async () => {
    const conditioning = await encode('a cat :1.5 AND a dog');
    expect(conditioning.isGuided).toBe(true);
    expect(conditioning.weights).toEqual([1.5, 1]);
    expect(conditioning.ofPass(4)(1).batch).toBe(3);
  });

  it('fill as many chunks as the longest of them', async () => {
    const conditioning = await encode('a cat BREAK a dog BREAK a tree', { guided: true });
    expect(conditioning.ofPass(4)(1)).toMatchObject({ batch: 2, length: 3 * 77 });
  });

  it('draw what one of them draws where both halves are the same', async () => {
    const draw = async (prompt: string) => {
      const painter = createPainter();
      const settings = settingsWith({ prompt });
      const options = { previews: false, signal: neverAborted };
      const { image } = await collect(
        painter.draw(test.pool, { id: 'tiny', folder }, settings, options),
      );
      return image.rgb;
    };
    const alone = await draw('a red apple');
    const halves = await draw('a red apple :0.5 AND a red apple :0.5');
    expect(largestDifference(halves, alone)).toBeLessThanOrEqual(1);
    expect(await draw('a red apple AND a (green:1.5) cat')).not.toEqual(alone);
  });
});

describe('counting', () => {
  it('leaves out brackets and adapters, and takes the longest of several prompts', () => {
    const plain = countPromptTokens(tokenizer, 'a red apple').tokens;
    expect(countPromptTokens(tokenizer, 'a (red:1.2) [apple] <lora:x:1>').tokens).toBe(plain);
    expect(countPromptTokens(tokenizer, 'a AND a red apple').tokens).toBe(plain);
    expect(countPromptTokens(tokenizer, 'a BREAK red')).toMatchObject({ chunks: 2, chunkSize: 75 });
  });
});
