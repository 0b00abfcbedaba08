/** Which answers may come next in a chat, and where each would go. Pure. */
import type { OpenChat } from '../../../../contract/chats.ts';
import type { NextAnswer } from './use-chat-context.ts';

export type NextAnswerKind = 'say' | 'answer' | 'again' | 'continue';

/**
 * @param draft what stands in the composer
 * @returns likeliest first; none in an empty chat with an empty draft
 */
export function nextAnswers(
  { turns, leaf }: Pick<OpenChat, 'turns' | 'leaf'>,
  draft: string,
): readonly (NextAnswer & { readonly kind: NextAnswerKind })[] {
  const last = leaf === null ? undefined : turns[leaf];
  const say = {
    kind: 'say',
    place: { kind: 'below', parent: last?.id ?? null },
    said: draft.trim(),
  } as const;
  const answers = [
    ...(last?.role === 'person'
      ? [{ kind: 'answer', place: { kind: 'below', parent: last.id }, said: '' } as const]
      : []),
    ...(last?.role === 'character'
      ? [
          { kind: 'continue', place: { kind: 'continue', turn: last.id }, said: '' } as const,
          { kind: 'again', place: { kind: 'below', parent: last.parent }, said: '' } as const,
        ]
      : []),
  ];
  return say.said === '' ? answers : [say, ...answers];
}
