/** What the parts of a context are called, and how a context divides for the eye. Pure. */
import type { BuiltContext, ContextCut, ContextPart } from '../../../../contract/context.ts';
import type { TextToken } from '../../../../contract/reading.ts';

export const sourceTitles: Readonly<Record<ContextPart['source'], string>> = {
  system: 'System',
  memory: 'Memory',
  character: 'Character',
  lore: 'Lore',
  examples: 'Example dialogue',
  earlier: 'Earlier scene',
  text: 'Text',
  turns: 'Turns',
  note: 'Author’s note',
  after: 'What comes later',
  instruction: 'Instruction',
};

export function cutReasonTitle(source: ContextCut['source'], reason: ContextCut['reason']): string {
  switch (reason) {
    case 'beside':
      return 'what is told besides the text already fills its half of the room';
    case 'story':
      return `the ${source === 'turns' ? 'conversation' : 'story'} is longer than the room that is left`;
    default:
      return reason satisfies never;
  }
}

export interface ShownPart extends ContextPart {
  /** What the model knows from its last run. */
  readonly known: string;
  /** What it has to compute anew. */
  readonly fresh: string;
  /** Whether the first thing that is computed anew stands in here. */
  readonly turnsHere: boolean;
}

export function shownParts({
  text,
  parts,
  keptCharacters,
}: Pick<BuiltContext, 'text' | 'parts' | 'keptCharacters'>): readonly ShownPart[] {
  return parts.map((part) => {
    const turn = Math.min(part.end, Math.max(part.start, keptCharacters));
    return {
      ...part,
      known: text.slice(part.start, turn),
      fresh: text.slice(turn, part.end),
      turnsHere: keptCharacters >= part.start && keptCharacters < part.end,
    };
  });
}

/** A token as it is shown within a part. */
export interface ShownToken {
  readonly text: string;
  readonly tokenId: number;
  readonly isKnown: boolean;
}

/** Beyond that a part shows those nearest to the cursor alone. */
export const mostShownTokens = 3000;

/**
 * The tokens of a part; one that reaches over its border is shown in both.
 * @param tokens of the whole, in order
 */
export function tokensOfPart(
  text: string,
  { start, end }: Pick<ContextPart, 'start' | 'end'>,
  tokens: readonly Pick<TextToken, 'tokenId' | 'start' | 'end'>[],
  keptCharacters: number,
): readonly ShownToken[] {
  return tokens
    .filter((token) => token.end > start && token.start < end && token.end > token.start)
    .slice(-mostShownTokens)
    .map((token) => ({
      text: text
        .slice(Math.max(start, token.start), Math.min(end, token.end))
        .replaceAll('\n', '↵\n'),
      tokenId: token.tokenId,
      isKnown: token.end <= keptCharacters,
    }));
}

/** Sums of tokens by source, in order of first appearance. */
export function tokensBySource(
  parts: readonly ContextPart[],
): readonly { readonly source: ContextPart['source']; readonly tokens: number }[] {
  const sums = new Map<ContextPart['source'], number>();
  for (const { source, tokens } of parts) sums.set(source, (sums.get(source) ?? 0) + tokens);
  return [...sums].map(([source, tokens]) => ({ source, tokens }));
}
