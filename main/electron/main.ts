/**
 * The desktop shell: one studio, any number of windows, no network.
 *
 * Thin by intent: whatever both hosts need lives in `main/studio`.
 */
import '../studio/thread-pool.ts';
import path from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  protocol,
  session,
  shell,
  type OpenDialogOptions,
} from 'electron';
import { StudioError } from '../../contract/errors.ts';
import { createStudio, type Studio } from '../studio/create-studio.ts';
import { defaultFolders } from '../studio/default-folders.ts';
import type { HostPorts } from '../studio/host-ports.ts';
import { createNodeHostPorts, programFolders } from '../studio/node-host-ports.ts';
import { createContentHandler } from '../studio/serving/content.ts';
import { forkElectronEngine } from './electron-engine-process.ts';
import { installMenu } from './menu.ts';
import type { MenuAction } from './menu-template.ts';
import { appScheme } from './policy.ts';
import { secureSession } from './session-security.ts';
import { openWindow } from './windows.ts';

const engineEntry = new URL('../engine/main.js', import.meta.url);
const newWindowSwitch = '--new-window';

// Both must be said before the app is ready.
protocol.registerSchemesAsPrivileged([
  {
    scheme: appScheme,
    privileges: {
      standard: true,
      secure: true,
      supportFetchAPI: true,
      stream: true,
      codeCache: true,
    },
  },
]);
app.enableSandbox();
for (const flag of [
  'disable-background-networking',
  'disable-component-update',
  'disable-domain-reliability',
  'no-pings',
]) {
  app.commandLine.appendSwitch(flag);
}

function hostPorts(): HostPorts {
  const models = app.isPackaged
    ? path.join(process.resourcesPath, 'models')
    : programFolders.bundledModels;
  return {
    ...createNodeHostPorts('electron', defaultFolders(), models),
    forkEngine: () => forkElectronEngine(engineEntry),
    reveal: (file) => {
      shell.showItemInFolder(file);
      return Promise.resolve();
    },
    choosePath: async ({ kind, title, startAt }) => {
      const options: OpenDialogOptions = {
        title,
        properties: kind === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile'],
        ...(startAt === '' ? {} : { defaultPath: startAt }),
      };
      const parent = BrowserWindow.getFocusedWindow();
      const { filePaths } = await (parent
        ? dialog.showOpenDialog(parent, options)
        : dialog.showOpenDialog(options));
      return filePaths[0] ?? null;
    },
  };
}

async function run(): Promise<void> {
  await app.whenReady();
  const ports = hostPorts();
  const studio = await createStudio(ports);
  secureSession(session.defaultSession, studio.logNetwork);
  protocol.handle(
    appScheme,
    createContentHandler({
      rendererFolder: programFolders.renderer,
      resolveAsset: studio.resolveAsset,
    }),
  );
  const open = (): void => void openWindow(studio, ports.paths.data).catch(report);

  installMenu((action) => perform(action, ports, open));
  app.on('second-instance', (_event, commandLine) => {
    const window = BrowserWindow.getAllWindows()[0];
    if (!window || commandLine.includes(newWindowSwitch)) return open();
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  closeBeforeQuit(studio);
  open();
}

function perform(action: MenuAction, { paths }: HostPorts, open: () => void): void {
  switch (action) {
    case 'new-window':
      return open();
    case 'show-library':
      return void shell.openPath(paths.library);
    case 'about':
      return app.showAboutPanel();
    default:
      action satisfies never;
  }
}

/** Quitting waits for the studio, once: what is being saved is finished and the engine ended. */
function closeBeforeQuit(studio: Studio): void {
  let isClosed = false;
  app.on('before-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    void studio
      .close()
      .catch(() => {})
      .finally(() => {
        isClosed = true;
        app.quit();
      });
  });
}

function report(thrown: unknown): void {
  dialog.showErrorBox('Atelier cannot open', StudioError.from(thrown).message);
}

if (app.requestSingleInstanceLock()) {
  run().catch((thrown: unknown) => {
    report(thrown);
    app.exit(1);
  });
} else {
  app.quit();
}
