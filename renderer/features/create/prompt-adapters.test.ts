import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../contract/resources.ts';
import { searchAdapters } from '../adapters/adapter-family.ts';
import { adapterProblems, hasWords, withWords } from './prompt-adapters.ts';

const lora = (id: string, facts: Partial<Resource> = {}): Resource => ({
  id,
  kind: 'lora',
  name: id,
  aliases: [],
  path: `/library/${id}.safetensors`,
  sizeBytes: 1,
  hash: null,
  family: null,
  triggerWords: [],
  licence: null,
  problem: null,
  ...facts,
});
const loras = [
  lora('broken', { problem: 'It is damaged.' }),
  lora('large', { family: 'sdxl' }),
  lora('cats', { family: 'sd1', aliases: ['Katzen'], triggerWords: ['whiskers'] }),
];

describe('LoRAs in a prompt', () => {
  it.each([
    'a <lora:cats:0.8>',
    '<lora:CATS:1:.5>',
    '<lora:Katzen>',
    '<lora:cats:te=0.5:unet=-1>',
    '<lora:{cats|dogs}:1>',
    '1 < 2',
  ])('are fine in %j', (prompt) => expect(adapterProblems(prompt, loras, 'sd1')).toEqual([]));

  it.each([
    ['<lora:cats:much>', /“much”.*counts as 1/],
    ['<lora:cats:>', /no number/],
    ['<lora:cats:1:0,5>', /“0,5”/],
    ['<lora:cats:20>', /beyond 10/],
    ['<lora:dogs:1>', /no LoRA “dogs”/],
    ['<lora:broken:1>', /cannot be used.*damaged/],
    ['<lora:large:1>', /made for SDXL; this model is Stable Diffusion 1/],
    ['<lora:cats:1', /needs a “>”/],
  ])('are told of in %j', (prompt, message) => {
    expect(adapterProblems(`a, ${prompt}`, loras, 'sd1')).toMatchObject([
      { start: 3, end: 3 + prompt.length, message: expect.stringMatching(message) },
    ]);
  });

  it('are not called missing while the library is unknown', () => {
    expect(adapterProblems('<lora:dogs:1>', undefined, null)).toEqual([]);
  });
});

describe('searching for adapters', () => {
  it('puts usable ones first and finds other names and words', () => {
    const ids = (typed: string) => searchAdapters(loras, typed, 'sd1').map(({ id }) => id);
    expect(ids('')).toEqual(['cats', 'large', 'broken']);
    expect(ids('katz')).toEqual(['cats']);
    expect(ids('Whisk')).toEqual(['cats']);
    expect(ids('zebra')).toEqual([]);
  });
});

describe('trigger words', () => {
  it('are put at the end once', () => {
    expect(withWords('', 'big bold')).toBe('big bold');
    expect(withWords('a cat ', 'big bold')).toBe('a cat, big bold');
    expect(withWords('a cat,', 'big bold')).toBe('a cat, big bold');
    expect(hasWords('a cat, (Big bold:1.2)', 'big bold')).toBe(true);
    expect(hasWords('a cat, big boldness', 'big bold')).toBe(false);
  });
});
