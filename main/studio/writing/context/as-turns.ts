/**
 * A change of a passage as a turn of a conversation, for models that were taught to answer.
 *
 * Promises: what is shown is the text that the model's own template makes of it.
 */
import type { ChatMessage } from '../../../../contract/decoding.ts';
import type { ContextPart } from '../../../../contract/context.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { tokensWithin } from './compare-context.ts';
import type { Tokenize } from './count-tokens.ts';
import { changedText, type LaidOutContext } from './layout-context.ts';

const wish = 'Answer with the changed text alone.';

export interface ContextTurns {
  readonly laidOut: LaidOutContext;
  readonly messages: ChatMessage[];
}

/** @returns null where the model has no template, or one that leaves the text out */
export async function asTurns(
  { text, parts, cut }: LaidOutContext,
  modelId: string,
  tokenize: Tokenize,
  signal: AbortSignal,
): Promise<ContextTurns | null> {
  const content = text.trimEnd().endsWith(changedText)
    ? `${text.trimEnd().slice(0, -changedText.length)}${wish}`
    : text.trimEnd();
  const messages: ChatMessage[] = [{ role: 'user', content }];
  let rendered: Awaited<ReturnType<Tokenize>>;
  try {
    rendered = await tokenize({ modelId, messages }, signal);
  } catch (error) {
    const { code } = StudioError.from(error);
    if (code === 'unsupported' || code === 'bad-request') return null;
    throw error;
  }
  const at = rendered.text.indexOf(content);
  if (at < 0) return null;
  const end = at + content.length;
  const template = (start: number, to: number): ContextPart[] =>
    to > start
      ? [
          {
            source: 'system',
            label: 'The model’s template',
            start,
            end: to,
            tokens: tokensWithin(rendered.tokens, { start, end: to }),
          },
        ]
      : [];
  return {
    messages,
    laidOut: {
      text: rendered.text,
      parts: [
        ...template(0, at),
        ...parts.map((part, index) => ({
          ...part,
          start: part.start + at,
          end: index === parts.length - 1 ? end : part.end + at,
        })),
        ...template(end, rendered.text.length),
      ],
      cut,
      tokens: rendered.tokens.length,
    },
  };
}
