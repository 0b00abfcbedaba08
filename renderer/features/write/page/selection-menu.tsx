/** What the model can do with a selected passage, beside it. */
import { Minus, PenLine, Plus, Sparkles, Wand2 } from 'lucide-react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import { useShortcut } from '../../../app/use-shortcut.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import type { ChangeTask } from '../co-writer/task-prompts.ts';
import type { SceneSession } from '../session/scene-session.ts';
import styles from './selection-menu.module.css';

interface SelectionMenuProps {
  readonly session: SceneSession;
  readonly scroller: RefObject<HTMLDivElement | null>;
}

interface Anchor {
  readonly top: number;
  readonly left: number;
}

const settleMs = 180;
const menuWidthPx = 372;
const menuHeightPx = 76;
const tones = ['warmer', 'darker', 'plainer', 'funnier', 'more formal', 'more vivid'];

export function SelectionMenu({ session, scroller }: SelectionMenuProps) {
  const { desk } = useWindow();
  const [anchor, setAnchor] = useState<Anchor | null>(null);
  const [instruction, setInstruction] = useState('');
  const menu = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let isPressed = false;
    const place = () => {
      timer = null;
      if (menu.current?.contains(document.activeElement)) return;
      const isHere = session.view()?.hasFocus() === true && !isPressed;
      setAnchor(isHere ? anchorOf(session, scroller.current) : null);
    };
    // Whoever works elsewhere is not asked about the text.
    const leave = (event: FocusEvent) => {
      if (event.relatedTarget instanceof Node && !menu.current?.contains(event.relatedTarget))
        setAnchor(null);
    };
    const dom = session.view()?.dom;
    dom?.addEventListener('focusout', leave);
    const placeSoon = () => {
      if (session.state().selection.empty) {
        setAnchor(null);
        return;
      }
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(place, settleMs);
    };
    const press = () => (isPressed = true);
    const release = () => {
      isPressed = false;
      placeSoon();
    };
    const stop = session.version.subscribe(placeSoon);
    window.addEventListener('pointerdown', press);
    window.addEventListener('pointerup', release);
    return () => {
      stop();
      dom?.removeEventListener('focusout', leave);
      if (timer !== null) clearTimeout(timer);
      window.removeEventListener('pointerdown', press);
      window.removeEventListener('pointerup', release);
    };
  }, [session, scroller]);

  useShortcut('write.change', () => {
    const place = anchorOf(session, scroller.current);
    if (!place) return false;
    // At once: the next key must not replace the selected text.
    flushSync(() => setAnchor(place));
    field.current?.focus();
  });

  if (!anchor) return null;
  const ask = (task: ChangeTask, words: string) => {
    desk.coWriter.proposals.propose(session, task, words);
    setAnchor(null);
    setInstruction('');
    session.view()?.focus();
  };

  return (
    <div
      ref={menu}
      role="toolbar"
      aria-label="Change the selected text"
      className={styles.menu}
      style={{ top: anchor.top, left: anchor.left, width: menuWidthPx }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        setAnchor(null);
        session.view()?.focus();
      }}
    >
      <form
        className={styles.ask}
        onSubmit={(event) => {
          event.preventDefault();
          if (instruction.trim() !== '') ask('custom', instruction.trim());
        }}
      >
        <Sparkles aria-hidden />
        <input
          ref={field}
          aria-label="What should change"
          placeholder="Say what should change"
          value={instruction}
          onChange={(event) => setInstruction(event.currentTarget.value)}
        />
      </form>
      <div className={styles.tasks}>
        <Button
          variant="quiet"
          icon={PenLine}
          tip="Says the same in other words"
          onClick={() => ask('rewrite', instruction.trim())}
        >
          Rewrite
        </Button>
        <Button
          variant="quiet"
          icon={Plus}
          tip="Says it at greater length"
          onClick={() => ask('expand', instruction.trim())}
        >
          Expand
        </Button>
        <Button
          variant="quiet"
          icon={Minus}
          tip="Says it in fewer words"
          onClick={() => ask('shorten', instruction.trim())}
        >
          Shorten
        </Button>
        <span className={styles.tone}>
          <Wand2 aria-hidden />
          <select
            aria-label="Change the tone"
            data-tip="Says the same in another tone"
            value=""
            onChange={(event) => ask('tone', event.currentTarget.value)}
          >
            <option value="" disabled>
              Tone
            </option>
            {tones.map((tone) => (
              <option key={tone} value={tone}>
                {tone[0]?.toUpperCase()}
                {tone.slice(1)}
              </option>
            ))}
          </select>
        </span>
      </div>
    </div>
  );
}

/** Above the selection, or below it where there is no room; in the scroller's own pixels. */
function anchorOf(session: SceneSession, scroller: HTMLDivElement | null): Anchor | null {
  const view = session.view();
  const { empty, from, to } = session.state().selection;
  if (!view || !scroller || empty || !view.dom.isConnected) return null;
  const frame = scroller.getBoundingClientRect();
  const start = view.coordsAtPos(from);
  const end = view.coordsAtPos(to);
  const above = start.top - frame.top - menuHeightPx - 12;
  const top = above > 0 ? above : end.bottom - frame.top + 12;
  const middle = start.top === end.top ? (start.left + end.left) / 2 : start.left + 80;
  const left = Math.min(
    Math.max(8, middle - frame.left - menuWidthPx / 2),
    Math.max(8, frame.width - menuWidthPx - 16),
  );
  return { top: top + scroller.scrollTop, left };
}
