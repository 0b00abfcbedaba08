/** The tokenizer of T5, from a `tokenizer.json`: whole sentences with an end token, no start. */
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { readModelJson } from '../model-files.ts';

export interface SentenceTokenizer {
  /** What stands at the end of every text: one token, with T5. */
  readonly endIds: readonly number[];
  readonly padId: number;
  /** @returns ids without end and padding; any length */
  encode(text: string): number[];
}

const TokenizerFile = z.looseObject({
  model: z.looseObject({ vocab: z.unknown() }),
  added_tokens: z.array(z.looseObject({ id: z.number().int(), content: z.string() })).default([]),
  decoder: z.unknown(),
  normalizer: z.unknown(),
  pre_tokenizer: z.unknown(),
  post_processor: z.unknown(),
});
const TokenizerConfig = z.looseObject({
  pad_token: z
    .union([
      z.string(),
      z.object({ content: z.string() }).transform(({ content }) => content),
      z.null(),
    ])
    .optional(),
});

/** @throws {StudioError} `model-invalid`, naming the file */
export async function loadSentenceTokenizer(folder: string): Promise<SentenceTokenizer> {
  const file = path.join(folder, 'tokenizer.json');
  const parsed = await readModelJson(file, TokenizerFile);
  const config = await readModelJson(
    path.join(folder, 'tokenizer_config.json'),
    TokenizerConfig,
    {},
  );
  try {
    const tokenizer = new Tokenizer(parsed, config);
    const padId = tokenizer.token_to_id(config.pad_token ?? '<pad>');
    return {
      endIds: tokenizer.encode('').ids,
      padId: padId ?? 0,
      encode: (text) =>
        text.trim() === '' ? [] : tokenizer.encode(text, { add_special_tokens: false }).ids,
    };
  } catch (cause) {
    throw new StudioError(
      'model-invalid',
      `"${file}" is not a tokenizer that can be read (${StudioError.from(cause).message}). Save it again with the "tokenizers" library.`,
      { file },
      { cause },
    );
  }
}
