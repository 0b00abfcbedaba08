/** One quiet page that a local model can continue. */
import { Boxes, CircleStop, PanelRight } from 'lucide-react';
import { useDeferredValue, useRef, useState } from 'react';
import type { TextModel } from '../../../contract/models.ts';
import { defaultLayout } from '../../app/layout-state.ts';
import { useTextModels } from '../../app/queries.ts';
import { shortcuts } from '../../app/shortcuts.ts';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Segments } from '../../ui/field.tsx';
import { formatCount, formatRate } from '../../ui/format.ts';
import { Keys } from '../../ui/keys.tsx';
import { Resizer } from '../../ui/resizer.tsx';
import { Editor, type EditorHandle } from './editor.tsx';
import type { Run, TokenMark } from './manuscript.ts';
import { countWords } from './word-count.ts';
import { WriteInspector } from './write-inspector.tsx';
import styles from './write-screen.module.css';

export function WriteScreen() {
  const { layout, manuscript, open } = useWindow();
  const { writeInspectorWidth } = useStore(layout);
  const page = useStore(manuscript.page);
  // Counting a long page must not hold up typing.
  const countedText = useDeferredValue(page.text);
  const settings = useStore(manuscript.settings);
  const run = useStore(manuscript.run);
  const models = useTextModels();
  const [pointed, setPointed] = useState<TokenMark | null>(null);
  const editor = useRef<EditorHandle>(null);
  const model = models ? chosenTextModel(settings.modelId, models) : null;
  const isWriting = run !== null && run.state !== 'ended';

  const continueWriting = (place = editor.current?.caret() ?? page.text.length) => {
    if (model) manuscript.continueAt(place, model, (edit) => editor.current?.follow(edit));
  };
  useShortcut('write.continue', () => continueWriting());
  useShortcut('write.stop', () => {
    if (!isWriting) return false;
    manuscript.stop();
    return true;
  });

  return (
    <div className={styles.screen}>
      <div className={styles.column}>
        <Editor
          ref={editor}
          isWriting={isWriting}
          starts={model?.examplePrompts ?? []}
          onPoint={setPointed}
          pointed={pointed}
        />
        <div className={styles.bar}>
          {isWriting ? (
            <Button
              icon={CircleStop}
              tip="Stops here and keeps what was written (Esc)"
              onClick={manuscript.stop}
            >
              Stop
            </Button>
          ) : (
            <Button
              variant="primary"
              disabled={!model}
              tip="The model goes on from the cursor"
              onClick={() => continueWriting()}
            >
              Continue
              <Keys keys={shortcuts['write.continue'].keys} onAccent />
            </Button>
          )}
          {models && !model ? (
            <Button variant="quiet" icon={Boxes} onClick={() => open('models')}>
              No text model is installed: open Models
            </Button>
          ) : (
            <span className={styles.note} role="status">
              {run && runNote(run)}
            </span>
          )}
          <span className={styles.barEnd}>
            <span>{formatCount(countWords(countedText), 'word', 'words')}</span>
            <Segments
              label="Typeface"
              tip="Sets the page in a book face or a plain one; the text stays the same."
              value={settings.typeface}
              options={[
                { value: 'serif', label: 'Serif' },
                { value: 'sans', label: 'Sans' },
              ]}
              onChange={(typeface) =>
                manuscript.settings.set((current) => ({ ...current, typeface }))
              }
            />
            <IconButton
              icon={PanelRight}
              label="Writing settings"
              tip="Shows or hides the settings at the right"
              aria-pressed={settings.inspectorOpen}
              onClick={() =>
                manuscript.settings.set((current) => ({
                  ...current,
                  inspectorOpen: !current.inspectorOpen,
                }))
              }
            />
          </span>
        </div>
      </div>
      {settings.inspectorOpen && (
        <>
          <Resizer
            label="Width of the writing settings"
            panel="right"
            width={writeInspectorWidth}
            min={240}
            max={400}
            defaultWidth={defaultLayout.writeInspectorWidth}
            onChange={(width) => layout.set((state) => ({ ...state, writeInspectorWidth: width }))}
          />
          <div
            className={styles.inspector}
            style={{ width: writeInspectorWidth }}
            role="group"
            aria-label="Writing settings"
          >
            {model && models && (
              <WriteInspector
                model={model}
                models={models}
                pointed={pointed}
                onChoose={(token, alternative) => {
                  const place = manuscript.choose(token, alternative);
                  editor.current?.place(place);
                  setPointed(null);
                  continueWriting(place);
                }}
              />
            )}
          </div>
        </>
      )}
    </div>
  );
}

function chosenTextModel(id: string | null, models: readonly TextModel[]): TextModel | null {
  const usable = models.filter(({ problem }) => problem === null);
  return usable.find((model) => model.id === id) ?? usable[0] ?? null;
}

function runNote(run: Run): string {
  const speed =
    run.tokensPerSecond === null ? '' : ` · ${formatRate(run.tokensPerSecond, 'tokens')}`;
  const dropped =
    run.droppedTokens > 0
      ? ` · the first ${run.droppedTokens.toLocaleString('en')} tokens of the page were out of the model's reach`
      : '';
  switch (run.endReason) {
    case null:
      // The status line counts along.
      return dropped.replace(/^ · /, '');
    case 'end-of-text':
      return `The model found an ending after ${run.tokens} tokens${speed}${dropped}`;
    case 'max-tokens':
      return `${run.tokens} tokens${speed}${dropped}`;
    case 'stop-string':
      return `Stopped at a stop text after ${run.tokens} tokens${speed}${dropped}`;
    case 'context-full':
      return `The model's memory is full after ${run.tokens} tokens${speed}`;
    case 'stopped':
      return `Stopped after ${run.tokens} tokens${speed}`;
    case 'failed':
      return 'Writing failed; what was written is kept';
    default:
      return run.endReason satisfies never;
  }
}
