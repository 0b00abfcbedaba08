/** Windows: locked to the program's own page, each with its own connection to the studio. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BrowserWindow, MessageChannelMain, nativeTheme, screen } from 'electron';
import type { Studio } from '../studio/create-studio.ts';
import { createMainPortTransport } from './main-port-transport.ts';
import { mayNavigate, startAddress } from './policy.ts';
import { boundsOnScreen, minimumSize, readWindowState, writeWindowState } from './window-state.ts';

/** Canvas colours of the two themes, shown until the page has painted. */
const background = { dark: '#161616', light: '#fafafa' } as const;
/** Offset of a further window from the one before it. */
const cascadePixels = 32;

export async function openWindow(studio: Studio, dataFolder: string): Promise<BrowserWindow> {
  const stateFile = path.join(dataFolder, 'window-state.json');
  const saved = await readWindowState(stateFile);
  const workAreas = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(
    ({ workArea }) => workArea,
  );
  const bounds = boundsOnScreen(saved.bounds, workAreas);
  const others = BrowserWindow.getAllWindows().length;
  const window = new BrowserWindow({
    ...bounds,
    x: bounds.x + others * cascadePixels,
    y: bounds.y + others * cascadePixels,
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    show: false,
    title: 'Atelier',
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload: fileURLToPath(new URL('../../preload/preload.cjs', import.meta.url)),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // Generation must go on being shown while another window is in front.
      backgroundThrottling: false,
    },
  });
  if (saved.maximised) window.maximize();
  lock(window);
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    const state = { bounds: window.getNormalBounds(), maximised: window.isMaximized() };
    // A window that cannot be remembered is no reason to keep it open.
    void writeWindowState(stateFile, state).catch(() => {});
  });
  // After every load, a reload included: the page's old port is gone with the page.
  window.webContents.on('did-finish-load', () => handOverPort(window, studio));
  await window.loadURL(startAddress);
  return window;
}

function handOverPort(window: BrowserWindow, studio: Studio): void {
  const { port1, port2 } = new MessageChannelMain();
  studio.serve(createMainPortTransport(port1));
  window.webContents.postMessage('atelier-port', null, [port2]);
}

function lock({ webContents }: BrowserWindow): void {
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  webContents.on('will-navigate', (event) => {
    if (!mayNavigate(event.url)) event.preventDefault();
  });
  webContents.on('will-redirect', (event) => {
    if (!mayNavigate(event.url)) event.preventDefault();
  });
  webContents.on('will-attach-webview', (event) => event.preventDefault());
}
