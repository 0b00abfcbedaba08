/**
 * How surprising a text is to a model, token by token: for heat maps over anybody's words.
 *
 * Promises: every token of the text comes once, in order; a cancel takes effect before the next piece;
 * other work of the process gets its turn between pieces.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  ScoredToken,
  ScoreEvent,
  ScoreRequest,
  TextToken,
} from '../../../contract/reading.ts';
import type { SessionPool } from '../session.ts';
import { describeToken } from './choose-token.ts';
import { createDecoder, defaultPrefillChunk } from './decoder.ts';
import { throwIfAborted } from './generate.ts';
import type { TextModel } from './text-model.ts';
import { borrowTextSessions } from './text-sessions.ts';
import { placeTokens } from './token-places.ts';

/**
 * A text longer than the context is read in windows; each begins half a context before what it scores, so
 * that every token follows at least that much, or all there is.
 * @throws {StudioError} `cancelled`, `model-missing`, `model-invalid`, `out-of-memory`, `unsupported`
 */
export async function* scoreText(
  pool: SessionPool,
  model: TextModel,
  request: ScoreRequest,
  signal?: AbortSignal,
): AsyncGenerator<ScoreEvent, void, undefined> {
  const { tokenizer, contextLength } = model;
  const ids = tokenizer.encode(request.text);
  const places = placeTokens(request.text, ids, tokenizer);
  const total = ids.length;
  let bits = 0;
  let scored = 0;
  throwIfAborted(signal);
  await using sessions = await borrowTextSessions(pool, model, request.weights, signal);

  const score = (place: TextToken, row: Float32Array | null): ScoredToken => {
    if (!row) return { ...place, surprisalBits: null, probability: null, alternatives: [] };
    const { topAlternatives } = request;
    const { probability, surprisalBits, alternatives } = describeToken(
      place.tokenId,
      row,
      topAlternatives,
      tokenizer,
    );
    bits += surprisalBits;
    scored += 1;
    return { ...place, surprisalBits, probability, alternatives };
  };

  const half = contextLength >> 1;
  let done = 0;
  for (let start = 0; done < total; start = done - half) {
    using decoder = createDecoder(sessions, model);
    const end = Math.min(total, start + contextLength);
    let before: Float32Array | null = null;
    for (let at = start; at < end; at += defaultPrefillChunk) {
      await nextTurn();
      throwIfAborted(signal);
      const piece = ids.slice(at, Math.min(end, at + defaultPrefillChunk));
      const rows: readonly Float32Array[] = await decoder.forwardAll(piece, signal);
      const first = done;
      const tokens = piece.flatMap((_id, index) => {
        const place = places[at + index];
        if (at + index < first || !place) return [];
        return [score(place, index === 0 ? before : (rows[index - 1] ?? null))];
      });
      before = rows.at(-1) ?? null;
      done = Math.max(done, at + piece.length);
      if (tokens.length > 0) yield { kind: 'tokens', tokens, done, total };
    }
  }
  yield { kind: 'done', tokens: total, meanSurprisalBits: scored > 0 ? bits / scored : 0 };
}
