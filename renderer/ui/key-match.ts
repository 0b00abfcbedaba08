/** Key combinations as data: `mod+shift+k`, `mod+enter`, `?`, `arrowleft`. `mod` is ⌘ on a Mac, Ctrl elsewhere. */
export interface KeyPress {
  readonly key: string;
  readonly metaKey: boolean;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const symbols: Readonly<Record<string, string>> = {
  enter: '↵',
  escape: 'Esc',
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  delete: 'Del',
  pagedown: 'Page ↓',
  space: 'Space',
};

export function isMac(platform: string): boolean {
  return /mac|iphone|ipad/i.test(platform);
}

export function matchesKeys(press: KeyPress, keys: string, mac: boolean): boolean {
  const parts = keys.toLowerCase().split('+');
  const key = parts.at(-1);
  const mod = mac ? press.metaKey : press.ctrlKey;
  const otherMod = mac ? press.ctrlKey : press.metaKey;
  const pressed = press.key === ' ' ? 'space' : press.key.toLowerCase();
  // Punctuation such as `?` already needs Shift on many keyboards, so Shift counts for letters only.
  const shiftMatters = parts.includes('shift') || /^([a-z]|\w{2,})$/.test(key ?? '');
  return (
    pressed === key &&
    mod === parts.includes('mod') &&
    !otherMod &&
    press.altKey === parts.includes('alt') &&
    (!shiftMatters || press.shiftKey === parts.includes('shift'))
  );
}

/** @returns the keys as they are printed on the keyboard, one string per key */
export function keyNames(keys: string, mac: boolean): string[] {
  return keys.split('+').map((part) => {
    const lower = part.toLowerCase();
    if (lower === 'mod') return mac ? '⌘' : 'Ctrl';
    if (lower === 'shift') return mac ? '⇧' : 'Shift';
    if (lower === 'alt') return mac ? '⌥' : 'Alt';
    return symbols[lower] ?? part.toUpperCase();
  });
}
