/** The frame around every screen. */
import { Activity as KeepAlive, useEffect, useState } from 'react';
import { ActivityScreen } from '../features/activity/activity-screen.tsx';
import { CreateScreen } from '../features/create/create-screen.tsx';
import { carriesPicture } from '../features/create/picture-drag.ts';
import { runningJob } from '../features/create/stage.ts';
import { ExportDialog } from '../features/exporting/export-dialog.tsx';
import { GalleryScreen } from '../features/gallery/gallery-screen.tsx';
import { ImportDialog } from '../features/importing/import-dialog.tsx';
import { ModelsScreen } from '../features/models/models-screen.tsx';
import { SettingsScreen } from '../features/settings/settings-screen.tsx';
import { ViewSwitch } from '../features/write/chat/view-switch.tsx';
import { WriteScreen } from '../features/write/write-screen.tsx';
import { isMac, keyNames } from '../ui/key-match.ts';
import { TipLayer } from '../ui/tip-layer.tsx';
import { CommandPalette } from './command-palette.tsx';
import { ConnectionBar } from './connection-bar.tsx';
import { useQueue, useSettings } from './queries.ts';
import { ScreenBoundary } from './screen-boundary.tsx';
import { screenNames, screens, type ScreenName } from './screens.ts';
import styles from './shell.module.css';
import { ShortcutSheet } from './shortcut-sheet.tsx';
import { screenShortcuts, shortcuts } from './shortcuts.ts';
import { StatusLine } from './status-line.tsx';
import { useStore } from './store.ts';
import { ToastLayer } from './toast-layer.tsx';
import { TopBar } from './top-bar.tsx';
import { useShortcut } from './use-shortcut.ts';
import { useWindow } from './window-model.ts';
import iconUrl from '../../assets/icon.svg';

const screenComponents: Readonly<Record<ScreenName, () => React.ReactNode>> = {
  create: CreateScreen,
  write: WriteScreen,
  gallery: GalleryScreen,
  models: ModelsScreen,
  activity: ActivityScreen,
  settings: SettingsScreen,
};

export function Shell() {
  const { layout, maskEditor, toasts, paletteOpen, sheetOpen, exporting, importing, open } =
    useWindow();
  const { screen } = useStore(layout);
  const isLayoutLoaded = useStore(layout.isLoaded);
  const isPaletteOpen = useStore(paletteOpen);
  const isSheetOpen = useStore(sheetOpen);
  const subject = useStore(exporting);
  const isImporting = useStore(importing);
  const [visited, setVisited] = useState<ReadonlySet<ScreenName>>(new Set());
  if (isLayoutLoaded && !visited.has(screen)) setVisited(new Set([...visited, screen]));
  useAppearance();

  useShortcut('screen.create', () => open('create'));
  useShortcut('screen.write', () => open('write'));
  useShortcut('screen.gallery', () => open('gallery'));
  useShortcut('screen.models', () => open('models'));
  useShortcut('screen.activity', () => open('activity'));
  useShortcut('screen.settings', () => open('settings'));
  useShortcut('palette', () => paletteOpen.set(true));
  useShortcut('shortcuts', () => sheetOpen.set(true));
  // On the page and over the mask the same keys undo writing and painting.
  const isPainting = useStore(maskEditor.shown) !== null && screen === 'create';
  useShortcut('undo', () => screen !== 'write' && !isPainting && toasts.undoLast());
  useShortcut('redo', () => screen !== 'write' && !isPainting && toasts.redoLast());

  return (
    <div className={styles.shell}>
      <div className={styles.notice}>
        <ConnectionBar />
      </div>
      <Rail screen={screen} />
      <TopBar title={screens[screen].title} beside={screen === 'write' ? <ViewSwitch /> : null} />
      <main className={styles.screen} aria-busy={!isLayoutLoaded}>
        {screenNames
          .filter((name) => visited.has(name))
          .map((name) => {
            const Screen = screenComponents[name];
            return (
              <KeepAlive key={name} mode={name === screen ? 'visible' : 'hidden'}>
                <section aria-label={screens[name].title}>
                  <ScreenBoundary title={screens[name].title}>
                    <Screen />
                  </ScreenBoundary>
                </section>
              </KeepAlive>
            );
          })}
      </main>
      <StatusLine />
      {isPaletteOpen && <CommandPalette onClose={() => paletteOpen.set(false)} />}
      {isSheetOpen && <ShortcutSheet onClose={() => sheetOpen.set(false)} />}
      {isImporting && <ImportDialog onClose={() => importing.set(false)} />}
      {subject && <ExportDialog subject={subject} onClose={() => exporting.set(null)} />}
      <ToastLayer />
      <TipLayer />
    </div>
  );
}

function Rail({ screen }: { readonly screen: ScreenName }) {
  const { open } = useWindow();
  const isBusy = runningJob(useQueue()) !== null;
  return (
    <nav className={styles.rail} aria-label="Screens">
      <span className={styles.mark}>
        <img src={iconUrl} alt="" />
      </span>
      {screenNames.map((name) => {
        const { title, icon: Icon } = screens[name];
        const keys = keyNames(
          shortcuts[screenShortcuts[name]].keys,
          isMac(navigator.platform),
        ).join(' ');
        return (
          <RailSlot key={name} isLast={name === 'settings'}>
            <button
              type="button"
              className={styles.railButton}
              aria-label={title}
              aria-current={name === screen ? 'page' : undefined}
              data-busy={name === 'activity' && isBusy ? '' : undefined}
              data-tip={`${title}  ${keys}`}
              data-tip-side="right"
              onClick={() => open(name)}
              onDragEnter={(event) => {
                // A picture dragged here from the gallery goes on to the panels of Create, or into the text.
                const takes = name === 'create' || name === 'write';
                if (takes && carriesPicture(event.dataTransfer)) open(name);
              }}
            >
              <Icon aria-hidden />
            </button>
          </RailSlot>
        );
      })}
    </nav>
  );
}

function RailSlot({
  isLast,
  children,
}: {
  readonly isLast: boolean;
  readonly children: React.ReactNode;
}) {
  return (
    <>
      {isLast && <span className={styles.spacer} />}
      {children}
    </>
  );
}

/** Puts theme and motion where the style sheets look for them. */
function useAppearance(): void {
  const settings = useSettings();
  const theme = settings?.theme ?? 'system';
  const reduceMotion = settings?.reduceMotion ?? false;
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'system') delete dataset.theme;
    else dataset.theme = theme;
    dataset.reduceMotion = String(reduceMotion);
  }, [theme, reduceMotion]);
}
