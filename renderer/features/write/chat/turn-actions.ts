/** What can be done with a turn. */
import type { ChatTurn } from '../../../../contract/chats.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { WindowModel } from '../../../app/window-model.ts';
import { putIntoText } from './put-into-text.ts';

export interface TurnActions {
  readonly regenerate: (turn: ChatTurn) => void;
  readonly goOn: (turn: ChatTurn) => void;
  readonly select: (turn: number) => void;
  readonly edit: (turn: ChatTurn, text: string) => void;
  readonly copy: (turn: ChatTurn) => void;
  readonly putIntoText: (turn: ChatTurn) => void;
  /** Takes other words from a character on, and lets the model go on from there. */
  readonly branch: (turn: ChatTurn, characters: number, text: string) => void;
}

export function createTurnActions({ chats, desk, toasts }: WindowModel): TurnActions {
  return {
    regenerate: (turn) => void chats.answer({ kind: 'below', parent: turn.parent }),
    goOn: (turn) => void chats.answer({ kind: 'continue', turn: turn.id }),
    select: (turn) => void toasts.watch(chats.select(turn)),
    edit: (turn, text) => void toasts.watch(chats.edit(turn, text)),
    copy(turn) {
      const copied = navigator.clipboard.writeText(turn.text.trim()).then(
        () => toasts.say('Copied.'),
        (cause: unknown) => {
          throw new StudioError(
            'unsupported',
            'The system did not let the window use the clipboard. Select the words and copy them.',
            undefined,
            { cause },
          );
        },
      );
      void toasts.watch(copied);
    },
    putIntoText(turn) {
      const session = desk.scene.get();
      const chat = chats.chat.get();
      if (!session || !chat) {
        toasts.fail(new StudioError('not-found', 'No scene is open. Open one on the page first.'));
        return;
      }
      putIntoText(session, chat, turn);
      void session.flush();
      toasts.say('It stands in the text, at the cursor.', async () => session.undo());
    },
    branch: (turn, characters, text) =>
      void chats.answer({ kind: 'branch', turn: turn.id, characters, text }),
  };
}
