/** Builds the native menus and carries out what is clicked. */
import { BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
import { menuTemplate, type KeyPress, type MenuAction, type MenuItem } from './menu-template.ts';

export function installMenu(onAction: (action: MenuAction) => void): void {
  const template = menuTemplate(process.platform).map(
    ({ label, items }): MenuItemConstructorOptions => ({
      label,
      submenu: items.map((item) => optionsOf(item, onAction)),
    }),
  );
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

function optionsOf(
  item: MenuItem,
  onAction: (action: MenuAction) => void,
): MenuItemConstructorOptions {
  switch (item.kind) {
    case 'separator':
      return { type: 'separator' };
    case 'role':
      return { role: item.role };
    case 'press':
      // The page hears the keys itself; registered here too, one press would act twice.
      return {
        label: item.label,
        accelerator: item.accelerator,
        registerAccelerator: false,
        click: () => pressKeys(item.press),
      };
    case 'action':
      return {
        label: item.label,
        ...(item.accelerator === undefined ? {} : { accelerator: item.accelerator }),
        click: () => onAction(item.action),
      };
    default:
      return item satisfies never;
  }
}

function pressKeys({ keyCode, modifiers }: KeyPress): void {
  const contents = BrowserWindow.getFocusedWindow()?.webContents;
  for (const type of ['keyDown', 'keyUp'] as const)
    contents?.sendInputEvent({ type, keyCode, modifiers: [...modifiers] });
}
