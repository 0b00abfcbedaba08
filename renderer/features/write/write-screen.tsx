/** The writing desk: the outline, one quiet page, and what the model has to say. */
import { PenLine } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { defaultLayout } from '../../app/layout-state.ts';
import { useTextModels } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Resizer } from '../../ui/resizer.tsx';
import { ChatScreen } from './chat/chat-screen.tsx';
import { initialDeskSettings } from './desk-settings.ts';
import { Inspector, type InspectorTab } from './inspector/inspector.tsx';
import { Outline } from './outline/outline.tsx';
import { AlternativesPanel, ProposalPanel } from './page/beside.tsx';
import { DeskBar, type DeskActions } from './page/desk-bar.tsx';
import { DeskDialogs } from './desk-dialogs.tsx';
import { FindBar } from './page/find-bar.tsx';
import { Legend } from './page/legend.tsx';
import { Page } from './page/page.tsx';
import { useQuietWindow } from './page/use-quiet-window.ts';
import { chosenTextModel } from './writing-desk.ts';
import styles from './write-screen.module.css';

export function WriteScreen() {
  const { chats } = useWindow();
  const { view } = useStore(chats.settings);
  useShortcut('write.view', () =>
    chats.settings.set((now) => ({ ...now, view: now.view === 'page' ? 'chat' : 'page' })),
  );
  return view === 'chat' ? <ChatScreen /> : <PageScreen />;
}

function PageScreen() {
  const { desk, layout, toasts } = useWindow();
  const { coWriter, projects } = desk;
  const project = useStore(projects.project);
  const projectProblem = useStore(projects.problem);
  const session = useStore(desk.scene);
  const sceneProblem = useStore(desk.problem);
  const settings = useStore(desk.settings);
  const proposal = useStore(coWriter.proposals.shown);
  const offer = useStore(coWriter.alternatives.shown);
  const { writeInspectorWidth } = useStore(layout);
  const models = useTextModels();
  const hasModel = chosenTextModel(settings.modelId, models ?? []) !== null;
  const [tab, setTab] = useState<InspectorTab>('model');
  const [find, setFind] = useState<'scene' | 'project' | null>(null);
  const [isQuiet, setIsQuiet] = useState(false);
  const hasShown = useRef(false);
  const takesKeyboard = useCallback((mount: HTMLElement) => {
    // A page that is opened later was asked for. The first may come while somebody already works
    // in the outline, and leaves them there.
    const isFirst = !hasShown.current;
    hasShown.current = true;
    return !isFirst || mount.closest('main')?.contains(document.activeElement) !== true;
  }, []);
  useQuietWindow(isQuiet);
  useEffect(() => desk.start(), [desk]);

  const actions: DeskActions = {
    goOn: () => session && coWriter.goOn(session),
    fill: () => session && coWriter.fill(session),
    suggest: () => session && coWriter.suggest(session),
    alternatives: () => session && coWriter.alternatives.offer(session, settings.alternatives),
    quiet: () => {
      setIsQuiet(true);
      session?.view()?.focus();
    },
  };
  const set = desk.settings.set;
  useShortcut('write.continue', actions.goOn);
  useShortcut('write.fill', actions.fill);
  useShortcut('write.suggest', actions.suggest);
  useShortcut('write.alternatives', actions.alternatives);
  useShortcut('write.stop', () => {
    if (coWriter.stop()) return;
    if (find !== null) return setFind(null);
    if (!isQuiet) return false;
    setIsQuiet(false);
  });
  useShortcut('write.context', () => desk.dialog.set({ kind: 'context' }));
  useShortcut('write.export', () => desk.dialog.set({ kind: 'export' }));
  useShortcut('write.find', () => setFind('scene'));
  useShortcut('write.findInProject', () => setFind('project'));
  useShortcut('write.quiet', () => setIsQuiet(!isQuiet));
  useShortcut('write.outline', () => set((now) => ({ ...now, outlineOpen: !now.outlineOpen })));
  useShortcut('write.origin', () => set((now) => ({ ...now, showsOrigin: !now.showsOrigin })));
  useShortcut('write.nextToken', () => {
    set((now) => ({ ...now, inspectorOpen: true, showsNextToken: true }));
    setTab('model');
    setIsQuiet(false);
    desk.focusesNextToken.set(true);
  });
  useShortcut('write.history', () => {
    set((now) => ({ ...now, inspectorOpen: true }));
    setTab('history');
  });
  useShortcut('write.snapshot', () => {
    if (!session) return false;
    const label = new Date().toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
    session.label(session.tree.get().head, label);
    void session.flush();
    toasts.say(`Kept as “${label}”. You find it in the history.`);
  });

  const waiting = proposal ? (
    <ProposalPanel proposal={proposal} />
  ) : offer ? (
    <AlternativesPanel offer={offer} />
  ) : null;
  const showsOutline = settings.outlineOpen && !isQuiet && project !== null;
  const showsRight = session !== null && (waiting !== null || (settings.inspectorOpen && !isQuiet));
  const problem = projectProblem ?? sceneProblem;

  return (
    <div className={styles.screen} data-quiet={isQuiet ? '' : undefined}>
      {showsOutline && (
        <>
          <div className={styles.outline} style={{ width: settings.outlineWidth }}>
            <Outline project={project} openSceneId={session?.sceneId ?? null} />
          </div>
          <Resizer
            label="Width of the outline"
            panel="left"
            width={settings.outlineWidth}
            min={180}
            max={360}
            defaultWidth={initialDeskSettings.outlineWidth}
            onChange={(outlineWidth) => set((now) => ({ ...now, outlineWidth }))}
          />
        </>
      )}
      <div className={styles.column}>
        {session && project ? (
          <>
            <div className={styles.middle}>
              <Page
                key={session.sceneId}
                session={session}
                language={project.language}
                takesKeyboard={takesKeyboard}
              />
              {find !== null && (
                <FindBar
                  key={`${session.sceneId} ${find}`}
                  session={session}
                  initialScope={find}
                  onClose={() => setFind(null)}
                />
              )}
            </div>
            {!isQuiet && <Legend session={session} />}
            {!isQuiet && (
              <DeskBar session={session} project={project} hasModel={hasModel} actions={actions} />
            )}
          </>
        ) : (
          problem && (
            <EmptyState
              icon={PenLine}
              title="The scene cannot be opened"
              action={<Button onClick={() => location.reload()}>Try again</Button>}
            >
              {problem.message}
            </EmptyState>
          )
        )}
      </div>
      {session && project && <DeskDialogs session={session} project={project} />}
      {showsRight && session && (
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
            {waiting ?? <Inspector session={session} tab={tab} onTab={setTab} />}
          </div>
        </>
      )}
    </div>
  );
}
