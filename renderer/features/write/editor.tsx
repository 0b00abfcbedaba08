/**
 * The page: a plain text field over a mirror that draws its text.
 *
 * A text field alone cannot colour parts of its text, and an editable element is not robust over
 * long texts, input methods and undo. So the field has the caret, the selection and the keyboard,
 * and the mirror under it, set in the same type, shows the text.
 */
import { memo, useImperativeHandle, useLayoutEffect, useMemo, useRef, type Ref } from 'react';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { classNames } from '../../ui/class-names.ts';
import type { TokenMark } from './manuscript.ts';
import { byParagraph, pageSegments, sameSegments, type Segment } from './page-segments.ts';
import { editBetween, movePlace, type TextEdit } from './text-edit.ts';
import styles from './write-screen.module.css';

export interface EditorHandle {
  caret(): number;
  /** Puts the caret somewhere once the page is drawn. */
  place(caret: number): void;
  /** Keeps the selection where it is in the text while the model edits: at the end of its words if it was there. */
  follow(edit: TextEdit): void;
}

interface EditorProps {
  readonly ref: Ref<EditorHandle>;
  readonly isWriting: boolean;
  /** First words to offer on an empty page. */
  readonly starts: readonly string[];
  readonly pointed: TokenMark | null;
  readonly onPoint: (token: TokenMark | null) => void;
}

/** Room that is kept free under the line being written, CSS pixels. */
const roomBelowPx = 140;

export function Editor({ ref, isWriting, starts, pointed, onPoint }: EditorProps) {
  const { manuscript } = useWindow();
  const page = useStore(manuscript.page);
  const tokens = useStore(manuscript.tokens);
  const { typeface, marksModelText } = useStore(manuscript.settings);
  const field = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const desk = useRef<HTMLDivElement>(null);
  /** What belongs selected once the new text is in the field, which forgets its selection then. */
  const pending = useRef<{ start: number; end: number } | null>(null);
  const paragraphs = useMemo(
    () => byParagraph(pageSegments(page.text, page.modelStretches, tokens)),
    [page, tokens],
  );

  useLayoutEffect(() => {
    if (!field.current || pending.current === null) return;
    field.current.setSelectionRange(pending.current.start, pending.current.end);
    pending.current = null;
  });

  // While the model writes, its last line stays in view.
  useLayoutEffect(() => {
    if (!isWriting || paragraphs.length === 0) return;
    const last = mirror.current?.querySelector('[data-newest]');
    if (!last || !desk.current) return;
    const below =
      last.getBoundingClientRect().bottom +
      roomBelowPx -
      desk.current.getBoundingClientRect().bottom;
    if (below > 0) desk.current.scrollBy({ top: below });
  }, [isWriting, paragraphs]);

  const place = (caret: number) => {
    pending.current = { start: caret, end: caret };
  };
  useImperativeHandle(ref, () => ({
    caret: () => field.current?.selectionEnd ?? page.text.length,
    place,
    follow: (edit) => {
      const start = pending.current?.start ?? field.current?.selectionStart;
      const end = pending.current?.end ?? field.current?.selectionEnd;
      if (start === undefined || end === undefined) return;
      pending.current = { start: movePlace(start, edit), end: movePlace(end, edit) };
    },
  }));

  const step = (back: boolean) => {
    const caret = back ? manuscript.undo() : manuscript.redo();
    if (caret !== null) place(caret);
  };
  useShortcut('write.undo', () => step(true));
  useShortcut('write.redo', () => step(false));

  const tokenAt = (place: number) =>
    tokens.find(({ start, end }) => start < place && place <= end) ?? null;
  const pointedIndex = pointed ? tokens.indexOf(pointed) : -1;
  const newestIndex = indexOfNewest(tokens);

  return (
    <div ref={desk} className={styles.desk}>
      <div className={styles.page} data-typeface={typeface}>
        <div ref={mirror} className={styles.mirror} aria-hidden>
          {paragraphs.map((segments, index) => (
            <Paragraph
              // Paragraphs have no identity of their own; most edits change the last ones.
              key={index}
              segments={segments}
              marksModelText={marksModelText}
              pointed={tokenIn(segments, pointedIndex)}
              newest={tokenIn(segments, newestIndex)}
            />
          ))}
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
            const { inputType } = event.nativeEvent;
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
        {page.text === '' && starts.length > 0 && (
          <div className={styles.starts}>
            <p>Or start with</p>
            {starts.map((start) => (
              <button
                key={start}
                type="button"
                onClick={() => {
                  manuscript.type({ at: 0, removed: '', inserted: start });
                  place(start.length);
                  field.current?.focus();
                }}
              >
                {start}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

interface ParagraphProps {
  readonly segments: readonly Segment[];
  readonly marksModelText: boolean;
  /** Index of the token that is pointed at, if it is in this paragraph. */
  readonly pointed: number | null;
  /** Index of the token that was written last, if it is in this paragraph. */
  readonly newest: number | null;
}

/** Drawn anew only when it changes, so that a long page stays quick to type in. */
const Paragraph = memo(
  function Paragraph({ segments, marksModelText, pointed, newest }: ParagraphProps) {
    return (
      <div>
        {segments.map(({ text, byModel, token }, index) => (
          <span
            key={index}
            className={classNames(
              byModel && marksModelText && styles.model,
              token !== null && styles.token,
            )}
            data-token={token ?? undefined}
            data-current={token !== null && token === pointed ? '' : undefined}
            data-newest={token !== null && token === newest ? '' : undefined}
          >
            {text}
          </span>
        ))}
        {/* An empty paragraph still has the height of a line. */}
        {segments.length === 0 && '\u200b'}
      </div>
    );
  },
  (before, after) =>
    before.marksModelText === after.marksModelText &&
    before.pointed === after.pointed &&
    before.newest === after.newest &&
    sameSegments(before.segments, after.segments),
);

function tokenIn(segments: readonly Segment[], index: number): number | null {
  return segments.some(({ token }) => token === index) ? index : null;
}

/** The last token of the latest generation; −1 when there is none. */
function indexOfNewest(tokens: readonly TokenMark[]): number {
  const latestRun = tokens.reduce((latest, { run }) => Math.max(latest, run), -1);
  return tokens.findLastIndex(({ run }) => run === latestRun);
}
