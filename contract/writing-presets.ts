/** What writers bring from other programs and keep by name: character cards, sampler presets. */
import { z } from 'zod';
import { LoreEntry } from './projects.ts';
import { call } from './rpc.ts';
import { SamplingSettings } from './write.ts';

export const writingPresetLimits = { bytes: 64 * 2 ** 20 } as const;

const Bytes = z
  .instanceof(Uint8Array)
  .refine(({ length }) => length <= writingPresetLimits.bytes, 'The file can be at most 64 MB.');

export const CharacterCard = z.object({
  name: z.string(),
  /** Description, personality, scenario and the card's own instructions. */
  memory: z.string(),
  /** Told shortly before the answer. */
  note: z.string(),
  /** What the character may begin with; the first is the card's favourite. */
  greetings: z.array(z.string()),
  examples: z.string(),
  lore: z.array(LoreEntry),
  creator: z.string(),
  creatorNotes: z.string(),
  tags: z.array(z.string()),
});
export type CharacterCard = z.infer<typeof CharacterCard>;

export const NamedSampling = z.object({
  name: z.string().trim().min(1).max(200),
  sampling: SamplingSettings,
});
export type NamedSampling = z.infer<typeof NamedSampling>;

export const writingPresetsContract = {
  /**
   * A character card, as PNG or JSON. Nothing is changed by reading it.
   * @throws `bad-request` if there is none in it
   */
  'cards.read': call(
    z.object({
      bytes: Bytes,
      /** Takes the place of `{{user}}`. */
      person: z.string().min(1).max(200),
    }),
    CharacterCard,
  ),
  /** Presets of this library, by name; those that come with the program are not among them. */
  'samplers.list': call(z.object({}), z.array(NamedSampling)),
  /** Adds a preset or replaces the one of that name. */
  'samplers.put': call(NamedSampling, z.array(NamedSampling)),
  'samplers.remove': call(z.object({ name: NamedSampling.shape.name }), z.array(NamedSampling)),
  /**
   * A sampler preset of SillyTavern or KoboldAI. Nothing is kept by reading it.
   * @throws `bad-request` if it is none
   */
  'samplers.read': call(
    z.object({ fileName: z.string().min(1).max(1000), bytes: Bytes }),
    NamedSampling.extend({
      /** Sentences: what is not taken over, and why. */
      notes: z.array(z.string()),
    }),
  ),
} as const;
