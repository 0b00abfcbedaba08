/** The page: the editor's own element, put where the screen wants it. */
import { EditorView } from 'prosemirror-view';
import { useEffect, useRef } from 'react';
import { useStore } from '../../../app/store.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useWindow } from '../../../app/window-model.ts';
import { carriesPicture } from '../../create/picture-drag.ts';
import { dropPicture } from '../files/drop-picture.ts';
import { setFocusMode } from '../document/focus.ts';
import { ghostOf } from '../document/ghost-text.ts';
import { schema } from '../document/schema.ts';
import { changeMeta, type ChangeMeta, type SceneSession } from '../session/scene-session.ts';
import { chosenTextModel } from '../writing-desk.ts';
import { SelectionMenu } from './selection-menu.tsx';
import { TokenCard } from './token-card.tsx';
import { useHeatMap } from './use-heat-map.ts';
import { isEmptyDocument, useSceneValue } from './use-scene.ts';
import styles from './page.module.css';

interface PageProps {
  readonly session: SceneSession;
  /** BCP 47; decides which dictionary the browser spells with. */
  readonly language: string;
  /** Whether the page that now stands in `mount` is to take the keyboard. */
  readonly takesKeyboard: (mount: HTMLElement) => boolean;
}

export function Page({ session, language, takesKeyboard }: PageProps) {
  const { client, desk, toasts } = useWindow();
  const { typeface, focus, typewriter, showsOrigin, showsSurprisal } = useStore(desk.settings);
  const mount = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);

  const { modelId } = useStore(desk.settings);
  const reader = chosenTextModel(modelId, useTextModels() ?? []);
  useHeatMap(session, scroller, showsSurprisal, reader?.id ?? null);

  useEffect(() => {
    const view = session.view() ?? createView(session, () => desk.settings.get().typewriter);
    const { dom } = view;
    mount.current?.append(dom);
    if (mount.current && takesKeyboard(mount.current)) view.focus();
    return () => dom.remove();
  }, [session, desk, takesKeyboard]);

  useEffect(() => {
    const view = session.view();
    if (!view) return;
    view.dom.lang = language;
    setFocusMode(view, focus);
  }, [session, language, focus]);

  useEffect(() => {
    if (typewriter) session.dispatch(session.state().tr.scrollIntoView());
  }, [session, typewriter]);

  return (
    <div
      ref={scroller}
      className={styles.desk}
      onDragOver={(event) => {
        if (carriesPicture(event.dataTransfer)) event.preventDefault();
      }}
      onDropCapture={(event) => {
        if (!carriesPicture(event.dataTransfer)) return;
        event.preventDefault();
        event.stopPropagation();
        void dropPicture(client, toasts, session, event.nativeEvent);
      }}
      onPointerDown={(event) => {
        // Below the last line a press puts the caret at the end, as on paper.
        if (event.target === scroller.current || event.target === mount.current) {
          event.preventDefault();
          session.view()?.focus();
        }
      }}
    >
      <div
        ref={mount}
        className={styles.page}
        data-typeface={typeface}
        data-origin={showsOrigin ? '' : undefined}
        data-typewriter={typewriter ? '' : undefined}
      >
        <Beginnings session={session} />
        <SuggestionForReaders session={session} />
      </div>
      <SelectionMenu key={session.sceneId} session={session} scroller={scroller} />
      <TokenCard session={session} scroller={scroller} />
    </div>
  );
}

function createView(session: SceneSession, isTypewriter: () => boolean): EditorView {
  const view = new EditorView(null, {
    state: session.state(),
    dispatchTransaction: session.dispatch,
    attributes: {
      role: 'textbox',
      'aria-multiline': 'true',
      'aria-label': 'Page',
      spellcheck: 'true',
      autocorrect: 'on',
      autocapitalize: 'sentences',
    },
    scrollMargin: { top: 60, bottom: 120, left: 0, right: 0 },
    scrollThreshold: { top: 40, bottom: 80, left: 0, right: 0 },
    handleScrollToSelection(view) {
      if (!isTypewriter()) return false;
      const scroller = view.dom.closest(`.${styles.desk}`);
      if (!scroller) return false;
      const caret = view.coordsAtPos(view.state.selection.head);
      const frame = scroller.getBoundingClientRect();
      scroller.scrollTop += caret.top - frame.top - frame.height * 0.45;
      return true;
    },
  });
  session.attach(view);
  return view;
}

/** Reads a suggestion out, which the page itself only draws. */
function SuggestionForReaders({ session }: { readonly session: SceneSession }) {
  const text = useSceneValue(session, (state) => ghostOf(state)?.text ?? '');
  return (
    <span className="visually-hidden" aria-live="polite">
      {text === '' ? '' : `Suggestion: ${text}`}
    </span>
  );
}

/** On an empty page: ways in which the model knows to begin. */
function Beginnings({ session }: { readonly session: SceneSession }) {
  const { desk } = useWindow();
  const isEmpty = useSceneValue(session, isEmptyDocument);
  const { modelId } = useStore(desk.settings);
  const starts = chosenTextModel(modelId, useTextModels() ?? [])?.examplePrompts ?? [];
  if (!isEmpty) return null;
  return (
    <div className={styles.starts}>
      <p>Write the first words, or begin with</p>
      {starts.slice(0, 3).map((start) => (
        <button
          key={start}
          type="button"
          onClick={() => {
            const { tr } = session.state();
            tr.insert(1, schema.text(start));
            session.dispatch(tr.setMeta(changeMeta, { kind: 'paste' } satisfies ChangeMeta));
            session.view()?.focus();
          }}
        >
          {start}
        </button>
      ))}
    </div>
  );
}
