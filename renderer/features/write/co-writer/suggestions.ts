/** Ghost text: a suggestion behind the caret, on request or after a pause. */
import { Selection } from 'prosemirror-state';
import { ghostOf, ghostPlace, holdGhost, setGhost, type Ghost } from '../document/ghost-text.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { insertText } from './insert-text.ts';
import type { Runner } from './runner.ts';
import { readingAt } from './task-prompts.ts';
import { asChange } from './text-place.ts';

const mostTokens = 24;

export function suggest(runner: Runner, session: SceneSession): void {
  const view = session.view();
  const at = ghostPlace(session.state());
  if (!view || at === null) return;
  const wanted = runner.request('continue', readingAt(session.state().doc, at), {
    maxTokens: mostTokens,
    stop: ['\n'],
  });
  if (!wanted) return;
  setGhost(view, { position: at, text: '', run: null });
  void runner.run(session, wanted, () => at, {
    onText(text, run) {
      const ghost = ghostOf(session.state());
      if (!ghost) return;
      const begins =
        ghost.text === '' && session.state().doc.resolve(ghost.position).parentOffset === 0;
      setGhost(view, {
        ...ghost,
        run: run.id,
        text: ghost.text + (begins ? text.trimStart() : text),
      });
    },
    // What is taken of it is put into the text as a choice.
    onEnd: (run) => run && session.settle(run.id, 0, true),
  });
}

/** @param text the beginning of the suggestion that is taken */
export function acceptSuggestion(session: SceneSession, ghost: Ghost, text: string): void {
  if (ghost.run === null) return;
  const transaction = session.state().tr;
  const { position } = insertText(
    transaction,
    { position: ghost.position, breaks: '' },
    text,
    ghost.run,
  );
  transaction.setSelection(Selection.near(transaction.doc.resolve(position), -1));
  const rest = ghost.text.slice(text.length);
  if (rest !== '') holdGhost(transaction, { ...ghost, position, text: rest });
  session.seal();
  session.dispatch(asChange(transaction, 'choice', ghost.run).scrollIntoView());
}
