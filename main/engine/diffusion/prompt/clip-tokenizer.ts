/**
 * CLIP's byte-pair tokenizer, from `vocab.json` and `merges.txt`.
 *
 * Ids equal those of transformers' CLIPTokenizer: Unicode NFC, white space runs to one space,
 * lower case, words split by CLIP's pattern, bytes written as visible characters, merges by rank,
 * `</w>` at the end of each word. Source: Radford et al. 2021, arXiv:2103.00020, and its released code.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { readModelJson } from '../model-files.ts';
import { mergePairs } from './byte-pairs.ts';

export interface ClipTokenizer {
  readonly startId: number;
  readonly endId: number;
  readonly padId: number;
  /** Tokens per chunk with the start and end tokens; 77 for every published CLIP. */
  readonly maxLength: number;
  /** Ids are below this. */
  readonly vocabularySize: number;
  /** @returns ids without start, end and padding; any length */
  encode(text: string): number[];
}

const wordPattern = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;
const wordEnd = '</w>';
const defaultMaxLength = 77;
/** Words kept with their ids; a prompt that is being typed is counted again and again. */
const maxCachedWords = 10_000;

const SpecialToken = z.union([
  z.string(),
  z.object({ content: z.string() }).transform(({ content }) => content),
]);
const SpecialTokens = z.object({
  bos_token: SpecialToken.default('<|startoftext|>'),
  eos_token: SpecialToken.default('<|endoftext|>'),
  pad_token: SpecialToken.optional(),
});
const TokenizerConfig = z.object({ model_max_length: z.number().optional() });

/** @throws {StudioError} `model-invalid`, naming the file */
export async function loadClipTokenizer(folder: string): Promise<ClipTokenizer> {
  const vocabulary = new Map(
    Object.entries(
      await readModelJson(path.join(folder, 'vocab.json'), z.record(z.string(), z.number().int())),
    ),
  );
  const ranks = await readMerges(path.join(folder, 'merges.txt'));
  const special = await readModelJson(
    path.join(folder, 'special_tokens_map.json'),
    SpecialTokens,
    {},
  );
  const config = await readModelJson(
    path.join(folder, 'tokenizer_config.json'),
    TokenizerConfig,
    {},
  );

  function idOf(token: string): number {
    const id = vocabulary.get(token);
    if (id === undefined) {
      throw new StudioError(
        'model-invalid',
        `"${folder}/vocab.json" lacks the token "${token}". Install the model again.`,
        { folder },
      );
    }
    return id;
  }

  const startId = idOf(special.bos_token);
  const endId = idOf(special.eos_token);
  const specials = new Map([
    [special.bos_token, startId],
    [special.eos_token, endId],
  ]);
  const cache = new Map<string, readonly number[]>();

  function encodeWord(word: string): readonly number[] {
    const cached = cache.get(word);
    if (cached) return cached;
    const symbols = Array.from(
      new TextEncoder().encode(word),
      (byte) => byteCharacters[byte] ?? '',
    );
    symbols.push(`${symbols.pop() ?? ''}${wordEnd}`);
    const ids = mergePairs(symbols, ranks).map((symbol) => vocabulary.get(symbol) ?? endId);
    if (cache.size === maxCachedWords) cache.clear();
    cache.set(word, ids);
    return ids;
  }

  return {
    startId,
    endId,
    padId: special.pad_token === undefined ? endId : idOf(special.pad_token),
    maxLength: maxLengthOf(config.model_max_length),
    vocabularySize: vocabulary.values().reduce((largest, id) => Math.max(largest, id), 0) + 1,
    encode(text) {
      return splitAtSpecials(text, specials).flatMap((part) =>
        typeof part === 'number'
          ? [part]
          : (normalise(part).match(wordPattern) ?? []).flatMap((word) => encodeWord(word)),
      );
    },
  };
}

/** Some exports write "no limit" as 10^30. */
function maxLengthOf(declared: number | undefined): number {
  return declared !== undefined && declared >= 3 && declared <= 4096
    ? Math.trunc(declared)
    : defaultMaxLength;
}

/** Lower case one character at a time: a Greek sigma at a word's end is treated like any other. */
function normalise(text: string): string {
  const spaced = text.normalize('NFC').replace(/\p{White_Space}+/gu, ' ');
  return Array.from(spaced, (character) => character.toLowerCase()).join('');
}

function splitAtSpecials(text: string, specials: ReadonlyMap<string, number>): (string | number)[] {
  let parts: (string | number)[] = [text];
  for (const [token, id] of specials) {
    parts = parts.flatMap((part) =>
      typeof part === 'number'
        ? [part]
        : part.split(token).flatMap((piece, index) => (index === 0 ? [piece] : [id, piece])),
    );
  }
  return parts;
}

async function readMerges(file: string): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StudioError(
      'model-invalid',
      `"${file}" cannot be read. Install the model again.`,
      { file },
      { cause },
    );
  });
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
  const damaged = lines.find((line) => !/^\S+ \S+$/u.test(line));
  if (damaged !== undefined) {
    throw new StudioError(
      'model-invalid',
      `"${file}" holds a line that is no pair of symbols: "${damaged.slice(0, 40)}". Install the model again.`,
      { file },
    );
  }
  return new Map(lines.map((line, rank) => [line, rank]));
}

/** GPT-2's table: every byte as a character that is neither a space nor a control. */
const byteCharacters: readonly string[] = (() => {
  const visible = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let shifted = 256;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(visible(byte) ? byte : shifted++),
  );
})();
