/**
 * The native menus as data.
 *
 * The page owns the shortcuts, so that both hosts have the same; a menu item shows its keys and,
 * when clicked, presses them.
 */

export interface KeyPress {
  readonly keyCode: string;
  readonly modifiers: readonly ('meta' | 'control' | 'shift')[];
}

export type MenuItem =
  | { readonly kind: 'role'; readonly role: MenuRole }
  | { readonly kind: 'separator' }
  | {
      readonly kind: 'press';
      readonly label: string;
      readonly accelerator: string;
      readonly press: KeyPress;
    }
  | {
      readonly kind: 'action';
      readonly label: string;
      readonly accelerator?: string;
      readonly action: MenuAction;
    };

export type MenuAction = 'new-window' | 'show-library' | 'about';
export type MenuRole =
  | 'about'
  | 'services'
  | 'hide'
  | 'hideOthers'
  | 'unhide'
  | 'quit'
  | 'close'
  | 'minimize'
  | 'zoom'
  | 'front'
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'selectAll'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen';

export interface Menu {
  readonly label: string;
  readonly items: readonly MenuItem[];
}

const screens = ['Create', 'Write', 'Gallery', 'Models', 'Activity'] as const;
const separator: MenuItem = { kind: 'separator' };

export function menuTemplate(platform: NodeJS.Platform): readonly Menu[] {
  const isMac = platform === 'darwin';
  const roles = (...names: readonly MenuRole[]): MenuItem[] =>
    names.map((role) => ({ kind: 'role', role }));
  const press = (label: string, keyCode: string, ...more: readonly 'shift'[]): MenuItem => ({
    kind: 'press',
    label,
    accelerator: ['CmdOrCtrl', ...more.map(() => 'Shift'), keyCode].join('+'),
    press: { keyCode, modifiers: [isMac ? 'meta' : 'control', ...more] },
  });
  const plainKey = (label: string, keyCode: string): MenuItem => ({
    kind: 'press',
    label,
    accelerator: keyCode,
    press: { keyCode, modifiers: [] },
  });

  const file: MenuItem[] = [
    { kind: 'action', label: 'New Window', accelerator: 'CmdOrCtrl+Shift+N', action: 'new-window' },
    { kind: 'action', label: 'Show Library Folder', action: 'show-library' },
    separator,
    ...roles('close'),
    ...(isMac ? [] : [separator, ...roles('quit')]),
  ];
  const app: Menu = {
    label: 'Atelier',
    items: [
      ...roles('about'),
      separator,
      press('Settings…', ','),
      separator,
      ...roles('services', 'hide', 'hideOthers', 'unhide'),
      separator,
      ...roles('quit'),
    ],
  };

  return [
    ...(isMac ? [app] : []),
    { label: 'File', items: file },
    {
      label: 'Edit',
      items: [...roles('undo', 'redo'), separator, ...roles('cut', 'copy', 'paste', 'selectAll')],
    },
    {
      label: 'Make',
      items: [
        press('Generate or Continue', 'Enter'),
        plainKey('Stop', 'Escape'),
        separator,
        press('Find a Command…', 'K'),
      ],
    },
    {
      label: 'View',
      items: [
        ...screens.map((screen, index) => press(screen, String(index + 1))),
        ...(isMac ? [] : [press('Settings', ',')]),
        separator,
        ...roles('resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'),
      ],
    },
    { label: 'Window', items: roles('minimize', ...(isMac ? (['zoom', 'front'] as const) : [])) },
    {
      label: 'Help',
      items: [
        plainKey('Keyboard Shortcuts', '?'),
        ...(isMac ? [] : [{ kind: 'action', label: 'About Atelier', action: 'about' } as const]),
      ],
    },
  ];
}
