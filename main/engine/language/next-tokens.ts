/**
 * What may come next in a text, before the samplers and after them, for people who steer them.
 *
 * Promises: the numbers are those that `generateText` would draw the first token from; nothing is drawn and
 * nothing is written; the same text asked for again with other samplers costs no run of the model.
 */
import type {
  NextToken,
  NextTokenRequest,
  NextTokens,
  TokenCutter,
} from '../../../contract/reading.ts';
import type { SamplingSettings } from '../../../contract/write.ts';
import type { SessionPool } from '../session.ts';
import { asModelError } from './choose-token.ts';
import { throwIfAborted } from './generate.ts';
import { largestFirst } from './logits/largest-first.ts';
import { logSumExpAndEntropy } from './logits/softmax.ts';
import type { PrefixCache } from './prefix-cache.ts';
import { readPrompt } from './prompt.ts';
import { allCandidates, type Candidates, indexOf } from './sampling/candidates.ts';
import { createSampler } from './sampling/sampler.ts';
import type { TextModel } from './text-model.ts';
import { borrowTextSessions } from './text-sessions.ts';

export interface NextTokenReader {
  /**
   * @throws {StudioError} `cancelled`; `bad-request` and `too-large` as `readPrompt`; `model-missing`,
   *   `model-invalid`, `out-of-memory`, `unsupported`
   */
  read(
    pool: SessionPool,
    model: TextModel,
    request: NextTokenRequest,
    options: { readonly prefixes: PrefixCache; readonly signal?: AbortSignal },
  ): Promise<NextTokens>;
  /** Forgets what it keeps. */
  release(): void;
}

interface Seen {
  readonly pool: SessionPool;
  readonly model: TextModel;
  readonly weights: NextTokenRequest['weights'];
  readonly promptIds: readonly number[];
  /** f32 [V], what follows the prompt; not modified. */
  readonly logits: Float32Array;
}

export function createNextTokenReader(): NextTokenReader {
  /** Of the last text: whoever turns a sampler asks about it again and again. */
  let last: Seen | null = null;

  const isSame = (seen: Seen, own: Omit<Seen, 'logits'>): boolean =>
    seen.pool === own.pool &&
    seen.model === own.model &&
    seen.weights === own.weights &&
    seen.promptIds.length === own.promptIds.length &&
    seen.promptIds.every((id, index) => id === own.promptIds[index]);

  return {
    async read(pool, model, request, { prefixes, signal }) {
      throwIfAborted(signal);
      const { promptIds } = readPrompt(model, request);
      const asked = { pool, model, weights: request.weights, promptIds };
      let seen = last;
      if (!seen || !isSame(seen, asked)) {
        await using sessions = await borrowTextSessions(pool, model, request.weights, signal);
        // As a generation reads it, so that the next one finds it read and gets the same bits.
        const decoder = await prefixes.open(sessions, model, promptIds, 'exact');
        try {
          const logits = await decoder.prefill(promptIds.slice(decoder.length), signal);
          seen = { ...asked, logits };
          last = seen;
        } finally {
          prefixes.keep(sessions, model, decoder, promptIds);
        }
      }
      try {
        return nextTokens(seen.logits, promptIds, model, request);
      } catch (cause) {
        throw asModelError(cause);
      }
    },
    release() {
      last = null;
    },
  };
}

/**
 * @param logits f32 [V], not modified
 * @param history every token so far
 * @throws {RangeError} for logits that mean nothing
 */
export function nextTokens(
  logits: Float32Array,
  history: readonly number[],
  { tokenizer, endIds }: Pick<TextModel, 'tokenizer' | 'endIds'>,
  { sampling, topTokens }: Pick<NextTokenRequest, 'sampling' | 'topTokens'>,
): NextTokens {
  const raw = allCandidates(logits);
  const { normaliser, entropy } = logSumExpAndEntropy(raw.logits);
  const walks = chancesOf(sampling).map(({ chance, settings }) => ({
    chance,
    ...walk(raw, history, settings, tokenizer.bytesOf),
  }));
  const rows = new Map<number, NextToken>();
  for (const candidates of [raw, ...walks.map(({ drawn }) => drawn)]) {
    for (const place of largestFirst(candidates.logits).first(
      Math.min(topTokens, candidates.logits.length),
    )) {
      const tokenId = candidates.tokenIds[place] ?? 0;
      if (rows.has(tokenId)) continue;
      const cuts = walks.flatMap(({ stages }) => {
        const stage = stages.find(({ left }) => indexOf(left, tokenId) === null);
        return stage ? [stage.by] : [];
      });
      rows.set(tokenId, {
        tokenId,
        text: tokenizer.textOf(tokenId),
        isEnd: endIds.has(tokenId),
        probability: Math.exp((logits[tokenId] ?? -Infinity) - normaliser),
        drawnProbability: walks.reduce(
          (sum, { chance, drawn, drawnNormaliser }) =>
            sum + chance * probabilityAmong(drawn, drawnNormaliser, tokenId),
          0,
        ),
        cutBy: cuts[0] ?? null,
      });
    }
  }
  // What a stage does by chance is told as if it did.
  const told = walks.at(-1);
  const sizes = [raw, ...(told?.stages.map(({ left }) => left) ?? [])].map(
    ({ tokenIds }) => tokenIds.length,
  );
  return {
    tokens: [...rows.values()].toSorted((a, b) => b.probability - a.probability),
    entropyBits: entropy / Math.LN2,
    drawnEntropyBits: walks.reduce((sum, each) => sum + each.chance * each.entropyBits, 0),
    cuts: (told?.stages ?? []).flatMap(({ by }, index) => {
      const tokensLeft = sizes[index + 1] ?? 0;
      return tokensLeft < (sizes[index] ?? 0) ? [{ by, tokensLeft }] : [];
    }),
    vocabularySize: logits.length,
  };
}

interface Walk {
  /** What was left after each, in order. */
  readonly stages: readonly { readonly by: TokenCutter; readonly left: Candidates }[];
  readonly drawn: Candidates;
  readonly drawnNormaliser: number;
  readonly entropyBits: number;
}

/** Stages look at what is left and at the text, not at each other, so that each can act alone. */
function walk(
  raw: Candidates,
  history: readonly number[],
  settings: SamplingSettings,
  bytesOf: TextModel['tokenizer']['bytesOf'],
): Walk {
  const alone = (order: SamplingSettings['order']) =>
    createSampler({ ...settings, order }, { seed: 0, bytesOf });
  const stages: { by: TokenCutter; left: Candidates }[] = [];
  let left = raw;
  for (const stage of settings.order) {
    left = alone([stage]).shape(left, history);
    stages.push({ by: stage, left });
  }
  const drawn = alone([]).distribution(left, history);
  stages.push({ by: settings.temperature === 0 ? 'greedy' : 'mirostat', left: drawn });
  const { normaliser, entropy } = logSumExpAndEntropy(drawn.logits);
  return { stages, drawn, drawnNormaliser: normaliser, entropyBits: entropy / Math.LN2 };
}

/** XTC acts in a share of the draws: once as it does not, once as it does. */
function chancesOf(
  settings: SamplingSettings,
): readonly { readonly chance: number; readonly settings: SamplingSettings }[] {
  const { xtcProbability } = settings;
  if (xtcProbability <= 0 || xtcProbability >= 1 || !settings.order.includes('xtc'))
    return [{ chance: 1, settings }];
  return [
    { chance: 1 - xtcProbability, settings: { ...settings, xtcProbability: 0 } },
    { chance: xtcProbability, settings: { ...settings, xtcProbability: 1 } },
  ];
}

function probabilityAmong(candidates: Candidates, normaliser: number, tokenId: number): number {
  const index = indexOf(candidates, tokenId);
  return index === null ? 0 : Math.exp((candidates.logits[index] ?? -Infinity) - normaliser);
}
