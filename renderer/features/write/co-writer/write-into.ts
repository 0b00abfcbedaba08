/** Lets a run write into the text, where it was asked to, whatever the person does meanwhile. */
import type { Run } from '../../../../contract/scenes.ts';
import { isLong } from '../document/focus.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { insertText } from './insert-text.ts';
import type { ModelRequest } from './model-stream.ts';
import type { Runner } from './runner.ts';
import { asChange, textPlace } from './text-place.ts';

const frameMs = 16;
/** Every change of a long text makes the browser look at all of its blocks, which takes it most of a frame. */
const longFrameMs = 48;
/** While the person types, the model's words wait this long for a pause between keys. */
const keyPauseMs = 250;
const longestWaitMs = 1_000;

export function writeInto(
  runner: Runner,
  session: SceneSession,
  position: number,
  wanted: ModelRequest,
): void {
  runner.stop();
  session.seal();
  const place = session.track(textPlace(session, position), 1);
  let begun: Run | null = null;
  const hasEnded = session.openRun({ run: () => begun?.id ?? null, stop: runner.stop });
  let held = '';
  let heldSinceMs = 0;
  let heldTokens = 0;
  let shownTokens = 0;
  let breaks = '';
  let timer: ReturnType<typeof setTimeout> | null = null;

  function put(run: Run): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (held === '') return;
    session.readCaret();
    const state = session.state();
    const at = textPlace(session, place.position());
    const transaction = state.tr;
    ({ breaks } = insertText(transaction, { position: at, breaks }, held, run.id));
    held = '';
    shownTokens += heldTokens;
    heldTokens = 0;
    // Whoever looks on at the end of the text sees it grow; whoever reads elsewhere is left alone.
    if (state.selection.empty && state.selection.head === at) transaction.scrollIntoView();
    if (transaction.steps.length > 0) session.dispatch(asChange(transaction, 'generation', run.id));
    session.settle(run.id, shownTokens, false);
  }

  function putSoon(run: Run): void {
    const now = performance.now();
    const isTyping = now - session.typedAtMs() < keyPauseMs && now - heldSinceMs < longestWaitMs;
    timer ??= setTimeout(
      () => {
        timer = null;
        const again = performance.now();
        if (again - session.typedAtMs() < keyPauseMs && again - heldSinceMs < longestWaitMs)
          putSoon(run);
        else put(run);
      },
      isTyping ? keyPauseMs : isLong(session.state().doc) ? longFrameMs : frameMs,
    );
  }

  void runner.run(session, wanted, place.position, {
    onText(text, run) {
      begun = run;
      if (held === '') heldSinceMs = performance.now();
      held += text;
      heldTokens += 1;
      putSoon(run);
    },
    onEnd(run) {
      if (run) {
        put(run);
        session.settle(run.id, shownTokens, true);
      }
      place.release();
      hasEnded();
    },
  });
}
