import fc from 'fast-check';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../../contract/errors.ts';
import { SamplingSettings, samplerStages } from '../../../../contract/write.ts';
import { textChunk } from '../../library/metadata/png-chunks.ts';
import { readCharacterCard } from './character-card.ts';
import { readForeignPreset } from './foreign-preset.ts';

describe('A preset of another program', () => {
  it('of SillyTavern keeps its numbers and its order', () => {
    const { sampling, notes } = readForeignPreset(
      JSON.stringify({
        temp: 1.25,
        top_p: 0.9,
        top_k: 40,
        typical_p: 1,
        min_p: 0.05,
        rep_pen: 1.1,
        rep_pen_range: 2048,
        freq_pen: 0.1,
        presence_pen: 0.2,
        dry_multiplier: 0.8,
        dry_base: 1.75,
        dry_allowed_length: 3,
        dry_sequence_breakers: '["\\n", ":"]',
        xtc_threshold: 0.1,
        xtc_probability: 0.5,
        mirostat_mode: 0,
        mirostat_tau: 5,
        dynatemp: true,
        min_temp: 0.5,
        max_temp: 1.5,
        tfs: 0.95,
        sampler_priority: ['temperature', 'dynamic_temperature', 'top_k', 'top_p', 'min_p', 'xtc'],
      }),
    );
    expect(sampling).toMatchObject({
      temperature: 1.25,
      topP: 0.9,
      topK: 40,
      minP: 0.05,
      repetitionPenalty: 1.1,
      penaltyWindow: 2048,
      dryMultiplier: 0.8,
      dryAllowedLength: 3,
      dryBreakers: ['\n', ':'],
      xtcProbability: 0.5,
      mirostatTau: 0,
      dynamicTemperatureLow: 0.5,
      dynamicTemperatureHigh: 1.5,
    });
    expect(notes).toEqual(['Tail-free sampling is not known here and is left out.']);
    const known = sampling.order.filter((stage) =>
      ['temperature', 'top-k', 'top-p', 'min-p', 'xtc'].includes(stage),
    );
    expect(known).toEqual(['temperature', 'top-k', 'top-p', 'min-p', 'xtc']);
    expect(new Set(sampling.order)).toEqual(new Set(samplerStages));
  });

  it('of KoboldAI keeps the order of its numbered stages', () => {
    const { sampling } = readForeignPreset(
      JSON.stringify({
        temp: 0.7,
        top_p: 0.92,
        top_k: 0,
        typical: 1,
        tfs: 1,
        rep_pen: 1.08,
        rep_pen_range: 0,
        sampler_order: [6, 0, 1, 3, 4, 2, 5],
      }),
    );
    expect(sampling.penaltyWindow).toBe(100_000);
    const shown = sampling.order.filter((stage) =>
      ['penalties', 'top-k', 'typical', 'top-p', 'temperature'].includes(stage),
    );
    expect(shown).toEqual(['penalties', 'top-k', 'typical', 'top-p', 'temperature']);
  });

  it('says which numbers are out of range, and refuses what is no preset', () => {
    const { sampling, notes } = readForeignPreset('{"temp": 9, "top_k": -1, "top_p": 1}');
    expect(sampling.temperature).toBe(5);
    expect(sampling.topK).toBe(0);
    expect(notes).toHaveLength(1);
    for (const text of ['', '[]', '{"a":1}', 'null'])
      expect(() => readForeignPreset(text)).toThrow(StudioError);
  });

  it('is read or refused, whatever it holds', () => {
    const names = [
      'temp',
      'top_p',
      'top_k',
      'rep_pen_range',
      'dry_sequence_breakers',
      'sampler_order',
      'mirostat_mode',
      'dynatemp',
      'min_temp',
      'sampler_priority',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (file) => {
        try {
          const { sampling } = readForeignPreset(JSON.stringify(file));
          expect(SamplingSettings.parse(sampling)).toEqual(sampling);
        } catch (error) {
          expect(error).toBeInstanceOf(StudioError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const v2 = {
  spec: 'chara_card_v2',
  spec_version: '2.0',
  data: {
    name: 'Mira 猫',
    description: '{{char}} is a cat who talks to {{user}}.',
    personality: 'dry',
    scenario: 'A library.',
    first_mes: 'Hello, {{user}}.',
    mes_example: '<START>\n{{user}}: Hi\n{{char}}: Hm.',
    system_prompt: '{{original}} Be brief.',
    post_history_instructions: 'Stay in character.',
    alternate_greetings: ['You again.'],
    creator: 'someone',
    tags: ['cat'],
    character_book: {
      scan_depth: 3,
      entries: [
        {
          keys: ['library'],
          content: '{{char}} owns it.',
          enabled: true,
          insertion_order: 7,
          selective: true,
          secondary_keys: ['book'],
        },
        { keys: [], content: 'Always told.', constant: true, enabled: true },
      ],
    },
  },
};

async function png(keyword: string, text: string): Promise<Uint8Array> {
  const picture = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  return Buffer.concat([picture.subarray(0, 33), textChunk(keyword, text), picture.subarray(33)]);
}

describe('A character card', () => {
  it('within a PNG gives memory, greetings and lore', async () => {
    const bytes = await png('chara', Buffer.from(JSON.stringify(v2)).toString('base64'));
    const card = readCharacterCard(bytes, 'Sam');
    expect(card.name).toBe('Mira 猫');
    expect(card.memory).toBe(
      'Be brief.\n\nMira 猫 is a cat who talks to Sam.\n\nMira 猫’s personality: dry\n\nScenario: A library.',
    );
    expect(card.greetings).toEqual(['Hello, Sam.', 'You again.']);
    expect(card.note).toBe('Stay in character.');
    expect(card.lore).toMatchObject([
      {
        keys: ['library'],
        secondaryKeys: ['book'],
        text: 'Mira 猫 owns it.',
        priority: 7,
        scanCharacters: 3000,
      },
      { constant: true, keys: [], text: 'Always told.' },
    ]);
  });

  it('of version 1 and 3 is read as well, and the newer chunk counts', async () => {
    expect(
      readCharacterCard(
        Buffer.from(JSON.stringify({ name: 'Old', description: 'd', first_mes: 'Hi' })),
        'You',
      ).greetings,
    ).toEqual(['Hi']);
    const v3 = { ...v2, spec: 'chara_card_v3', data: { ...v2.data, name: 'New' } };
    const both = Buffer.concat([
      await png('ccv3', Buffer.from(JSON.stringify(v3)).toString('base64')),
    ]);
    expect(readCharacterCard(both, 'You').name).toBe('New');
  });

  it('is refused in words where there is none', async () => {
    for (const bytes of [
      await png('parameters', 'x'),
      Buffer.from('{}'),
      Buffer.from('no'),
      deflateSync('x'),
      await png('chara', '%%%'),
    ])
      expect(() => readCharacterCard(bytes, 'You')).toThrow(StudioError);
  });

  it('is read or refused, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (book, name) => {
        const file = {
          spec: 'chara_card_v2',
          data: { name, description: 'x', character_book: book },
        };
        try {
          readCharacterCard(Buffer.from(JSON.stringify(file)), 'You');
        } catch (error) {
          expect(error).toBeInstanceOf(StudioError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
