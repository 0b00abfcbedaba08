/**
 * Text ⇄ token ids, from a `tokenizer.json`.
 *
 * Encoding is that of @huggingface/tokenizers. Decoding works on bytes, because a token of a
 * byte-level vocabulary may hold a part of a character, which no decoder of strings can give back.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';

export interface TextTokenizer {
  /** Token ids, with the special tokens that the tokenizer adds by itself. */
  encode(text: string): number[];
  /** Token ids without them; special tokens that are written out count as such. */
  encodePlain(text: string): number[];
  /** UTF-8 bytes of one token, perhaps a part of a character; empty for special tokens. */
  bytesOf(tokenId: number): Uint8Array;
  /** One token alone as text; parts of characters show as U+FFFD. */
  textOf(tokenId: number): string;
  idOf(token: string): number | null;
  /** As it stands in the vocabulary; null for an id that does not. */
  tokenOf(tokenId: number): string | null;
  isSpecial(tokenId: number): boolean;
}

interface DecoderShape {
  readonly type: string;
  readonly decoders?: readonly DecoderShape[] | undefined;
}
const DecoderShape: z.ZodType<DecoderShape> = z.lazy(() =>
  z.looseObject({ type: z.string(), decoders: z.array(DecoderShape).optional() }),
);
const TokenizerFile = z.looseObject({
  model: z.looseObject({ vocab: z.unknown() }),
  decoder: DecoderShape.nullable(),
  added_tokens: z.array(
    z.looseObject({ id: z.number().int(), content: z.string(), special: z.boolean() }),
  ),
  normalizer: z.unknown(),
  pre_tokenizer: z.unknown(),
  post_processor: z.unknown(),
});

/**
 * @param file parsed `tokenizer.json`
 * @param config parsed `tokenizer_config.json`, `{}` if there is none
 * @param path for messages
 * @throws {StudioError} `model-invalid` if it is damaged, `unsupported` if its decoder is unknown
 */
export function createTextTokenizer(file: unknown, config: object, path: string): TextTokenizer {
  const parsed = TokenizerFile.safeParse(file);
  if (!parsed.success) throw damaged(path, parsed.error.issues[0]?.message ?? '');
  const { added_tokens: addedTokens, decoder } = parsed.data;
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(parsed.data, config);
  } catch (error) {
    throw damaged(path, StudioError.from(error).message, error);
  }

  const added = new Map(addedTokens.map((token) => [token.id, token]));
  const toBytes = chooseBytes(decoder, path);
  const encoder = new TextEncoder();
  const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

  function bytesOf(tokenId: number): Uint8Array {
    const addedToken = added.get(tokenId);
    if (addedToken)
      return addedToken.special ? new Uint8Array() : encoder.encode(addedToken.content);
    const token = tokenizer.id_to_token(tokenId);
    return token === undefined ? new Uint8Array() : toBytes(token);
  }

  function encode(text: string, addsSpecial: boolean): number[] {
    if (text === '') return [];
    const { ids }: { readonly ids: readonly (number | undefined)[] } = tokenizer.encode(text, {
      add_special_tokens: addsSpecial,
    });
    return ids.map((id) => {
      if (id === undefined) throw damaged(path, 'it has no token for some characters');
      return id;
    });
  }

  return {
    encode: (text) => encode(text, true),
    encodePlain: (text) => encode(text, false),
    bytesOf,
    textOf: (tokenId) => lossy.decode(bytesOf(tokenId)),
    idOf: (token) => tokenizer.token_to_id(token) ?? null,
    tokenOf: (tokenId) => tokenizer.id_to_token(tokenId) ?? null,
    isSpecial: (tokenId) => added.get(tokenId)?.special ?? false,
  };
}

function chooseBytes(decoder: DecoderShape | null, path: string): (token: string) => Uint8Array {
  const types = new Set(
    decoder ? [decoder, ...(decoder.decoders ?? [])].map(({ type }) => type) : [],
  );
  if (types.has('ByteLevel')) return byteLevelBytes();
  if (types.has('Metaspace') || types.has('ByteFallback')) return metaspaceBytes;
  throw new StudioError(
    'unsupported',
    `The tokenizer in ${path} decodes in a way that is not known here. Choose another model.`,
    {
      file: path,
      decoder: decoder?.type ?? null,
    },
  );
}

/**
 * GPT-2's byte alphabet: printable Latin-1 stands for itself, the other bytes for U+0100 onward.
 * Source: Radford et al. 2019, `bytes_to_unicode` in openai/gpt-2
 */
function byteLevelBytes(): (token: string) => Uint8Array {
  const byteOf = new Map<string, number>();
  let shifted = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    byteOf.set(String.fromCodePoint(printable ? byte : 256 + shifted++), byte);
  }
  const encoder = new TextEncoder();
  return (token) => {
    const bytes = Array.from(token, (character) => byteOf.get(character));
    return bytes.includes(undefined)
      ? encoder.encode(token)
      : Uint8Array.from(bytes, (byte) => byte ?? 0);
  };
}

/** SentencePiece: `▁` is a space, `<0x0A>` a byte. */
function metaspaceBytes(token: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  return new TextEncoder().encode(token.replaceAll('▁', ' '));
}

function damaged(path: string, why: string, cause?: unknown): StudioError {
  return new StudioError(
    'model-invalid',
    `The tokenizer in ${path} cannot be read (${why}). Import the model again.`,
    { file: path },
    { cause },
  );
}
