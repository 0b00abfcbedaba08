/**
 * Character cards (version 1, 2 and 3), as JSON or within a PNG.
 * Sources: the card specifications `chara_card_v2` and `chara_card_v3`; a PNG holds the JSON as Base64 under `chara`
 * or `ccv3`, of which the latter counts.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { LoreEntry } from '../../../../contract/projects.ts';
import type { CharacterCard } from '../../../../contract/writing-presets.ts';
import { readPngText } from '../../library/metadata/png-chunks.ts';

const text = z
  .string()
  .nullish()
  .transform((own) => own ?? '');
const texts = z
  .array(z.string())
  .nullish()
  .transform((own) => own ?? []);

const BookEntry = z.looseObject({
  keys: texts,
  secondary_keys: texts,
  selective: z.boolean().nullish(),
  content: text,
  name: text,
  comment: text,
  enabled: z.boolean().nullish(),
  constant: z.boolean().nullish(),
  case_sensitive: z.boolean().nullish(),
  priority: z.number().nullish(),
  insertion_order: z.number().nullish(),
  use_regex: z.boolean().nullish(),
});

const Card = z.looseObject({
  name: z.string(),
  description: text,
  personality: text,
  scenario: text,
  first_mes: text,
  mes_example: text,
  system_prompt: text,
  post_history_instructions: text,
  alternate_greetings: texts,
  creator: text,
  creator_notes: text,
  tags: texts,
  character_book: z
    .looseObject({ scan_depth: z.number().nullish(), entries: z.array(BookEntry) })
    .nullish(),
});
const Wrapped = z.looseObject({
  spec: z.enum(['chara_card_v2', 'chara_card_v3']),
  data: Card,
});

/** Characters that a message has, as cards count their scan depth in messages. */
const charactersPerMessage = 1000;

/**
 * @param bytes a PNG or a JSON file
 * @param person takes the place of `{{user}}`
 * @throws {StudioError} `bad-request` if there is no card in it
 */
export function readCharacterCard(bytes: Uint8Array, person: string): CharacterCard {
  const card = parse(jsonOf(bytes));
  const told = (own: string) => filledIn(own, card.name, person);
  const part = (heading: string, own: string) =>
    own.trim() === '' ? [] : [`${heading}${told(own.trim())}`];
  return {
    name: card.name,
    memory: [
      ...part('', card.system_prompt.replaceAll(/\{\{original\}\}/gi, '')),
      ...part('', card.description),
      ...part(`${card.name}’s personality: `, card.personality),
      ...part('Scenario: ', card.scenario),
    ].join('\n\n'),
    note: told(card.post_history_instructions.replaceAll(/\{\{original\}\}/gi, '').trim()),
    greetings: [card.first_mes, ...card.alternate_greetings]
      .filter((own) => own.trim() !== '')
      .map(told),
    examples: told(card.mes_example.trim()),
    lore: (card.character_book?.entries ?? []).flatMap((entry) =>
      loreEntry(entry, card.character_book?.scan_depth ?? null, told),
    ),
    creator: card.creator,
    creatorNotes: card.creator_notes,
    tags: card.tags,
  };
}

function jsonOf(bytes: Uint8Array): string {
  const png = readPngText(bytes);
  if (!png) return new TextDecoder().decode(bytes);
  const held = png.texts.get('ccv3') ?? png.texts.get('chara');
  if (held === undefined)
    throw noCard(
      'This PNG holds no character card: it may have been saved anew by a program that drops such data.',
    );
  return Buffer.from(held, 'base64').toString('utf8');
}

function parse(json: string): z.infer<typeof Card> {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw noCard('This file is no character card: it is neither a PNG nor JSON.', cause);
  }
  const wrapped = Wrapped.safeParse(value);
  if (wrapped.success) return wrapped.data.data;
  const flat = Card.safeParse(value);
  if (flat.success && (flat.data.description !== '' || flat.data.first_mes !== ''))
    return flat.data;
  throw noCard('This JSON is no character card: it has no name with a description or a greeting.');
}

function noCard(message: string, cause?: unknown): StudioError {
  return new StudioError('bad-request', `${message} Choose another file.`, undefined, { cause });
}

function filledIn(own: string, character: string, person: string): string {
  return own
    .replaceAll(/\{\{char\}\}|<BOT>/gi, () => character)
    .replaceAll(/\{\{user\}\}|<USER>/gi, () => person)
    .replaceAll('\r\n', '\n');
}

function loreEntry(
  entry: z.infer<typeof BookEntry>,
  scanDepth: number | null,
  told: (own: string) => string,
): LoreEntry[] {
  const keys = (own: readonly string[]) =>
    own
      .map((key) => told(key).trim())
      .filter((key) => key !== '' && key.length <= 500)
      .map((key) => (entry.use_regex === true && !/^\/.+\/[a-z]*$/s.test(key) ? `/${key}/` : key));
  const parsed = LoreEntry.safeParse({
    id: randomUUID(),
    title: (entry.name || entry.comment || entry.keys[0] || '').slice(0, 500),
    keys: keys(entry.keys),
    secondaryKeys: entry.selective === true ? keys(entry.secondary_keys) : [],
    text: told(entry.content),
    enabled: entry.enabled !== false,
    constant: entry.constant === true,
    caseSensitive: entry.case_sensitive === true,
    priority: Math.max(
      -1000,
      Math.min(1000, Math.round(entry.priority ?? entry.insertion_order ?? 0)),
    ),
    ...(scanDepth === null
      ? {}
      : {
          scanCharacters: Math.min(
            1_000_000,
            Math.max(0, Math.round(scanDepth)) * charactersPerMessage,
          ),
        }),
  });
  return parsed.success ? [parsed.data] : [];
}
