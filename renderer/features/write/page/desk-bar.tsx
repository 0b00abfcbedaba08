/** The line below the page: what the model can do, what it did, and how the page looks. */
import {
  ChevronUp,
  CircleStop,
  BookOpenText,
  Columns3,
  Flame,
  Focus,
  ImagePlus,
  Maximize2,
  Palette,
  PanelLeft,
  PanelRight,
  PenLine,
  TextCursorInput,
  UnfoldVertical,
} from 'lucide-react';
import { useState } from 'react';
import type { Project } from '../../../../contract/projects.ts';
import { shortcuts } from '../../../app/shortcuts.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Segments, Switch } from '../../../ui/field.tsx';
import { formatDuration, formatRate } from '../../../ui/format.ts';
import { Keys } from '../../../ui/keys.tsx';
import { MenuItem, Popover } from '../../../ui/popover.tsx';
import type { RunProgress } from '../co-writer/runner.ts';
import type { DeskSettings } from '../desk-settings.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { SaveIndicator } from './save-indicator.tsx';
import { WordGoal } from './word-goal.tsx';
import styles from './desk-bar.module.css';

interface DeskBarProps {
  readonly session: SceneSession;
  readonly project: Project;
  readonly hasModel: boolean;
  readonly actions: DeskActions;
}

export interface DeskActions {
  readonly goOn: () => void;
  readonly fill: () => void;
  readonly suggest: () => void;
  readonly alternatives: () => void;
  readonly quiet: () => void;
}

export function DeskBar({ session, project, hasModel, actions }: DeskBarProps) {
  const { desk, open: openScreen } = useWindow();
  const settings = useStore(desk.settings);
  const progress = useStore(desk.coWriter.progress);
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const isWriting = progress !== null && progress.state !== 'ended';
  const set = (change: Partial<DeskSettings>) =>
    desk.settings.set((now) => ({ ...now, ...change }));
  const choose = (action: () => void) => () => {
    setIsMenuOpen(false);
    session.view()?.focus();
    action();
  };

  return (
    <div className={styles.bar}>
      <IconButton
        icon={PanelLeft}
        label="Outline"
        tip="Shows or hides the chapters at the left"
        aria-pressed={settings.outlineOpen}
        onClick={() => set({ outlineOpen: !settings.outlineOpen })}
      />
      {isWriting ? (
        <Button
          icon={CircleStop}
          tip="Stops here and keeps what was written (Esc)"
          onClick={() => desk.coWriter.stop()}
        >
          Stop
        </Button>
      ) : (
        <span className={styles.split}>
          <Button
            variant="primary"
            disabled={!hasModel}
            tip="The model goes on from the cursor"
            onClick={choose(actions.goOn)}
          >
            Continue
            <Keys keys={shortcuts['write.continue'].keys} onAccent />
          </Button>
          <Popover
            open={isMenuOpen}
            onClose={() => setIsMenuOpen(false)}
            label="What else the model can do"
            role="menu"
            side="above"
            align="start"
            button={
              <Button
                variant="primary"
                icon={ChevronUp}
                disabled={!hasModel}
                aria-label="What else the model can do"
                aria-haspopup="menu"
                aria-expanded={isMenuOpen}
                onClick={() => setIsMenuOpen(!isMenuOpen)}
              />
            }
          >
            <MenuItem
              icon={Columns3}
              keys={shortcuts['write.alternatives'].keys}
              onSelect={choose(actions.alternatives)}
            >
              Several ways to go on
            </MenuItem>
            <MenuItem
              icon={TextCursorInput}
              keys={shortcuts['write.suggest'].keys}
              onSelect={choose(actions.suggest)}
            >
              Suggest a few words
            </MenuItem>
            <MenuItem
              icon={UnfoldVertical}
              keys={shortcuts['write.fill'].keys}
              onSelect={choose(actions.fill)}
            >
              Fill in between
            </MenuItem>
          </Popover>
        </span>
      )}
      <span className={styles.note} role="status">
        {hasModel ? (
          progress && runNote(progress)
        ) : (
          <button type="button" onClick={() => openScreen('models')}>
            No text model is installed: open Models
          </button>
        )}
      </span>
      <span className={styles.end}>
        <SaveIndicator session={session} />
        <WordGoal session={session} project={project} />
        <IconButton
          icon={BookOpenText}
          label="What the model reads"
          tip="Shows exactly what the model will read, and what it costs"
          aria-haspopup="dialog"
          onClick={() => desk.dialog.set({ kind: 'context' })}
        />
        <IconButton
          icon={ImagePlus}
          label="Place a picture"
          tip="Puts a picture of the library into the text, or changes the caption of the selected one"
          aria-haspopup="dialog"
          onClick={() => desk.dialog.set({ kind: 'picture' })}
        />
        <LookMenu settings={settings} onChange={set} />
        <IconButton
          icon={Palette}
          label="Who wrote what"
          tip="Shows the model’s words in colour"
          aria-pressed={settings.showsOrigin}
          onClick={() => set({ showsOrigin: !settings.showsOrigin })}
        />
        <IconButton
          icon={Flame}
          label="Surprise"
          tip="Shows how unexpected each word is to the model"
          aria-pressed={settings.showsSurprisal}
          onClick={() => set({ showsSurprisal: !settings.showsSurprisal })}
        />
        <IconButton
          icon={Maximize2}
          label="Nothing but the page"
          tip="Hides everything but the page (Esc brings it back)"
          onClick={actions.quiet}
        />
        <IconButton
          icon={PanelRight}
          label="Writing settings"
          tip="Shows or hides the panel at the right"
          aria-pressed={settings.inspectorOpen}
          onClick={() => set({ inspectorOpen: !settings.inspectorOpen })}
        />
      </span>
    </div>
  );
}

function LookMenu({
  settings,
  onChange,
}: {
  readonly settings: DeskSettings;
  readonly onChange: (change: Partial<DeskSettings>) => void;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onClose={() => setOpen(false)}
      label="How the page looks"
      side="above"
      button={
        <IconButton
          icon={settings.focus === 'off' ? PenLine : Focus}
          label="How the page looks"
          tip="Typeface, focus and typewriter mode"
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
      }
    >
      <div className={styles.look}>
        <Segments
          label="Typeface"
          tip="Sets the page in a book face or a plain one; the text stays the same."
          value={settings.typeface}
          options={[
            { value: 'serif', label: 'Serif' },
            { value: 'sans', label: 'Sans' },
          ]}
          onChange={(typeface) => onChange({ typeface })}
        />
        <Segments
          label="Focus"
          tip="Keeps what you write bright and lets the rest step back."
          value={settings.focus}
          options={[
            { value: 'off', label: 'All' },
            { value: 'paragraph', label: 'Paragraph' },
            { value: 'sentence', label: 'Sentence' },
          ]}
          onChange={(focus) => onChange({ focus })}
        />
        <Switch
          label="Typewriter"
          tip="Keeps the line you write in the middle of the window."
          checked={settings.typewriter}
          onChange={(typewriter) => onChange({ typewriter })}
        />
      </div>
    </Popover>
  );
}

function runNote(run: RunProgress): string {
  const time =
    run.endedAtMs === null ? '' : ` · ${formatDuration(run.endedAtMs - run.startedAtMs)}`;
  const speed =
    run.tokensPerSecond === null ? '' : ` · ${formatRate(run.tokensPerSecond, 'tokens')}${time}`;
  const dropped =
    run.droppedTokens > 0
      ? ` · the first ${run.droppedTokens.toLocaleString('en')} tokens were out of the model’s reach`
      : '';
  if (run.state !== 'ended') {
    // While it writes, the status line has the figures.
    return dropped.replace(/^ · /, '');
  }
  switch (run.endReason) {
    case null:
      return '';
    case 'end-of-text':
      return `The model found an ending after ${run.tokens} tokens${speed}${dropped}`;
    case 'max-tokens':
      return `${run.tokens} tokens${speed}${dropped}`;
    case 'stop-string':
      return `${run.tokens} tokens, to the end of the passage${speed}${dropped}`;
    case 'context-full':
      return `The model’s memory is full after ${run.tokens} tokens${speed}`;
    case 'stopped':
      return `Stopped after ${run.tokens} tokens${speed}`;
    case 'failed':
      return 'Writing failed; what was written is kept';
    default:
      return run.endReason satisfies never;
  }
}
