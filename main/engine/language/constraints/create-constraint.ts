import type { WriteConstraint } from '../../../../contract/write.ts';
import type { TextModel } from '../text-model.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { badGrammar, type ByteState, createAutomaton } from './automaton.ts';
import { parseGbnf } from './gbnf.ts';
import type { Grammar } from './grammar.ts';
import { jsonSchemaGrammar } from './json-schema.ts';
import { parseRegex } from './regex.ts';
import type { TokenConstraint } from './token-constraint.ts';
import { createTokenTrie, type TokenTrie } from './token-trie.ts';

/** Masks kept; a text within a string or a list comes back to the same few states. */
const mostMasks = 256;

/** A vocabulary takes half a second to lay out, and is the same for every text of a model. */
const tries = new WeakMap<TokenBytes, TokenTrie>();

type TokenBytes = Pick<TextTokenizer, 'bytesOf'>;

/**
 * Holds a text to a form. Works on bytes, so that characters may be split over tokens.
 * @throws {StudioError} `bad-request`, saying where, for a form that cannot be read or followed
 */
export function createConstraint(
  constraint: WriteConstraint,
  {
    tokenizer,
    vocabularySize,
    endIds,
  }: Pick<TextModel, 'vocabularySize' | 'endIds'> & { readonly tokenizer: TokenBytes },
): TokenConstraint {
  const start = automatonOf(constraint);
  const trie = trieOf(tokenizer, vocabularySize);
  const states = [start];
  const masks = new Map<ByteState, Uint32Array>();
  const current = () => states.at(-1) ?? start;

  function maskOf(state: ByteState): Uint32Array {
    const known = masks.get(state);
    if (known) return known;
    const allowed = new Uint32Array(Math.ceil(vocabularySize / 32));
    trie.markAllowed(state, allowed);
    for (const id of endIds) {
      const word = allowed[id >> 5];
      if (word === undefined) continue;
      // An end token ends the text, whatever text it would be by itself.
      const bit = 1 << (id & 31);
      allowed[id >> 5] = state.isAccepting ? word | bit : word & ~bit;
    }
    const [oldest] = masks.keys();
    if (masks.size >= mostMasks && oldest) masks.delete(oldest);
    masks.set(state, allowed);
    return allowed;
  }

  return {
    allowed: () => maskOf(current()),
    isComplete: () => current().isAccepting,
    accept(tokenId) {
      let state: ByteState | null = current();
      for (const byte of tokenizer.bytesOf(tokenId)) state = state?.next(byte) ?? null;
      if (state === null) throw new RangeError(`Token ${tokenId} does not have the form.`);
      states.push(state);
    },
    rewind(count) {
      states.length = Math.max(1, states.length - count);
    },
  };
}

function automatonOf(constraint: WriteConstraint): ByteState {
  try {
    return createAutomaton(grammarOf(constraint));
  } catch (error) {
    // Forms are read and built by functions that call themselves as deep as they are nested.
    if (error instanceof RangeError)
      throw badGrammar('The form is nested too deeply to be followed.');
    throw error;
  }
}

function grammarOf(constraint: WriteConstraint): Grammar {
  switch (constraint.kind) {
    case 'json-schema':
      return jsonSchemaGrammar(constraint.schema);
    case 'grammar':
      return parseGbnf(constraint.gbnf);
    case 'regex': {
      const { expression } = parseRegex(constraint.pattern);
      return { root: 'root', rules: new Map([['root', expression]]) };
    }
    default:
      return constraint satisfies never;
  }
}

function trieOf(tokenizer: TokenBytes, vocabularySize: number): TokenTrie {
  const known = tries.get(tokenizer);
  if (known?.vocabularySize === vocabularySize) return known;
  const trie = createTokenTrie(tokenizer.bytesOf, vocabularySize);
  tries.set(tokenizer, trie);
  return trie;
}
