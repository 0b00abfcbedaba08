/**
 * The page: a plain text field over a mirror that draws its text.
 *
 * A text field alone cannot colour parts of its text, and an editable element is not robust over
 * long texts, input methods and undo. So the field has the caret, the selection and the keyboard,
 * and the mirror under it, set in the same type, shows the text.
 */
import { useImperativeHandle, useLayoutEffect, useMemo, useRef, type Ref } from 'react';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { classNames } from '../../ui/class-names.ts';
import type { TokenMark } from './manuscript.ts';
import { pageSegments } from './page-segments.ts';
import { editBetween } from './text-edit.ts';
import styles from './write-screen.module.css';

export interface EditorHandle {
  caret(): number;
  /** Keeps the caret and the view at the end of what is being written, if the caret was there. */
  follow(place: number): void;
}

interface EditorProps {
  readonly ref: Ref<EditorHandle>;
  readonly isWriting: boolean;
  readonly pointed: TokenMark | null;
  readonly onPoint: (token: TokenMark | null) => void;
}

/** Room that is kept free under the line being written, CSS pixels. */
const roomBelowPx = 140;

export function Editor({ ref, isWriting, pointed, onPoint }: EditorProps) {
  const { manuscript } = useWindow();
  const page = useStore(manuscript.page);
  const tokens = useStore(manuscript.tokens);
  const { typeface, marksModelText } = useStore(manuscript.settings);
  const field = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const desk = useRef<HTMLDivElement>(null);
  /** Where the caret belongs once the new text is in the field. */
  const pendingCaret = useRef<number | null>(null);
  const segments = useMemo(
    () => pageSegments(page.text, page.modelStretches, tokens),
    [page, tokens],
  );

  useLayoutEffect(() => {
    if (!field.current || pendingCaret.current === null) return;
    field.current.setSelectionRange(pendingCaret.current, pendingCaret.current);
    pendingCaret.current = null;
  });

  // While the model writes, its last line stays in view.
  useLayoutEffect(() => {
    if (!isWriting || segments.length === 0) return;
    const last = mirror.current?.querySelector('[data-newest]');
    if (!last || !desk.current) return;
    const below =
      last.getBoundingClientRect().bottom +
      roomBelowPx -
      desk.current.getBoundingClientRect().bottom;
    if (below > 0) desk.current.scrollBy({ top: below });
  }, [isWriting, segments]);

  useImperativeHandle(ref, () => ({
    caret: () => field.current?.selectionEnd ?? page.text.length,
    follow: (place) => {
      pendingCaret.current = place;
    },
  }));

  const step = (back: boolean) => {
    const caret = back ? manuscript.undo() : manuscript.redo();
    if (caret !== null) pendingCaret.current = caret;
  };
  useShortcut('write.undo', () => step(true));
  useShortcut('write.redo', () => step(false));

  const tokenAt = (place: number) =>
    tokens.find(({ start, end }) => start < place && place <= end) ?? null;
  const newest = tokens.reduce<TokenMark | null>(
    (last, mark) => (!last || mark.run >= last.run ? mark : last),
    null,
  );

  return (
    <div ref={desk} className={styles.desk}>
      <div className={styles.page} data-typeface={typeface}>
        <div ref={mirror} className={styles.mirror} aria-hidden>
          {segments.map(({ text, byModel, token }, index) => {
            const mark = token === null ? undefined : tokens[token];
            return (
              <span
                // Pieces have no identity of their own; most edits change the last ones.
                key={index}
                className={classNames(
                  byModel && marksModelText && styles.model,
                  mark && styles.token,
                )}
                data-token={token ?? undefined}
                data-current={mark && mark === pointed ? '' : undefined}
                data-newest={mark && mark === newest ? '' : undefined}
              >
                {text}
              </span>
            );
          })}
          {/* A final line break has no height of its own. */}
          {'\u200b'}
        </div>
        <textarea
          ref={field}
          className={styles.text}
          aria-label="Page"
          placeholder="Write a first sentence, then let the model continue."
          spellCheck
          autoComplete="off"
          value={page.text}
          onChange={(event) => {
            const { value, selectionEnd } = event.currentTarget;
            const edit = editBetween(page.text, value, selectionEnd);
            if (edit) manuscript.type(edit);
          }}
          onBeforeInput={(event) => {
            const { inputType } = event.nativeEvent as unknown as InputEvent;
            if (inputType !== 'historyUndo' && inputType !== 'historyRedo') return;
            event.preventDefault();
            step(inputType === 'historyUndo');
          }}
          onKeyDown={(event) => {
            if (
              (event.ctrlKey || event.metaKey) &&
              !event.shiftKey &&
              event.key.toLowerCase() === 'y'
            ) {
              event.preventDefault();
              step(false);
            }
          }}
          onBlur={() => manuscript.page.flush()}
          onSelect={(event) => {
            if (!isWriting) onPoint(tokenAt(event.currentTarget.selectionEnd));
          }}
          onPointerMove={(event) => {
            // The mirror lies under the field, at the very same places.
            const under = document
              .elementsFromPoint(event.clientX, event.clientY)
              .find(
                (element) => element instanceof HTMLElement && element.dataset.token !== undefined,
              );
            const index = under instanceof HTMLElement ? Number(under.dataset.token) : -1;
            const token = tokens[index];
            if (token && token !== pointed) onPoint(token);
          }}
        />
      </div>
    </div>
  );
}
