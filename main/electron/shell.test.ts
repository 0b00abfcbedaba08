import { describe, expect, it } from 'vitest';
import { menuTemplate } from './menu-template.ts';
import { mayNavigate, mayRequest, mayUse, startAddress } from './policy.ts';
import { boundsOnScreen, type Bounds } from './window-state.ts';

describe("the shell's policy", () => {
  it.each([
    'https://example.com/',
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'ws://app/',
    'atelier://other/',
    'nonsense',
    'javascript:alert(1)',
  ])('neither requests nor navigates to %s', (address) => {
    expect(mayRequest(address)).toBe(false);
    expect(mayNavigate(address)).toBe(false);
  });

  it('loads its own page, pictures and inner addresses', () => {
    for (const address of [
      startAddress,
      'atelier://app/asset/image/x',
      'data:image/png;base64,',
      'blob:atelier://app/1',
    ]) {
      expect(mayRequest(address)).toBe(true);
    }
    expect(mayNavigate('data:text/html,x')).toBe(false);
  });

  it('grants its own page the clipboard for writing, and nothing else to anyone', () => {
    expect(mayUse('clipboard-sanitized-write', 'atelier://app/')).toBe(true);
    expect(mayUse('clipboard-sanitized-write', 'https://example.com/')).toBe(false);
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
    ]) {
      expect(mayUse(permission, 'atelier://app/')).toBe(false);
    }
  });
});

describe("the window's place", () => {
  const main: Bounds = { x: 0, y: 0, width: 1920, height: 1040 };
  const right: Bounds = { x: 1920, y: 0, width: 1280, height: 1000 };

  it('is the middle of the main screen at first', () => {
    expect(boundsOnScreen(null, [main])).toEqual({ x: 240, y: 70, width: 1440, height: 900 });
  });

  it('is kept on either screen', () => {
    for (const saved of [
      { x: 10, y: 20, width: 1000, height: 700 },
      { x: 2000, y: 50, width: 1000, height: 700 },
    ]) {
      expect(boundsOnScreen(saved, [main, right])).toEqual(saved);
    }
  });

  it('comes back to the main screen when its own is gone, no larger than it', () => {
    expect(boundsOnScreen({ x: 2000, y: 50, width: 2500, height: 700 }, [main])).toEqual({
      x: 0,
      y: 170,
      width: 1920,
      height: 700,
    });
    expect(boundsOnScreen({ x: 100, y: -900, width: 1000, height: 700 }, [main])).toMatchObject({
      x: 460,
      y: 170,
    });
  });
});

describe('the menus', () => {
  it.each(['darwin', 'win32', 'linux'] as const)(
    'on %s offer every screen and use no shortcut twice',
    (platform) => {
      const items = menuTemplate(platform).flatMap((menu) => menu.items);
      const shortcuts = items.flatMap((item) =>
        'accelerator' in item && item.accelerator ? [item.accelerator] : [],
      );
      expect(new Set(shortcuts).size).toBe(shortcuts.length);
      const labels = items.flatMap((item) => ('label' in item ? [item.label] : []));
      expect(labels).toEqual(
        expect.arrayContaining([
          'Create',
          'Write',
          'Gallery',
          'Models',
          'Activity',
          'Generate or Continue',
        ]),
      );
    },
  );

  it('press Cmd on macOS and Ctrl elsewhere', () => {
    const modifiersOn = (platform: NodeJS.Platform) =>
      menuTemplate(platform).flatMap(({ items }) =>
        items.flatMap((item) =>
          item.kind === 'press' && item.label === 'Gallery' ? item.press.modifiers : [],
        ),
      );
    expect(modifiersOn('darwin')).toEqual(['meta']);
    expect(modifiersOn('linux')).toEqual(['control']);
  });
});
