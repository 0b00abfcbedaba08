import { describe, expect, it } from 'vitest';
import { keyNames, matchesKeys, type KeyPress } from './key-match.ts';

function press(key: string, held: Partial<KeyPress> = {}): KeyPress {
  return { key, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false, ...held };
}

describe('a key combination', () => {
  it('means Ctrl on most machines and ⌘ on a Mac', () => {
    expect(matchesKeys(press('k', { ctrlKey: true }), 'mod+k', false)).toBe(true);
    expect(matchesKeys(press('k', { metaKey: true }), 'mod+k', true)).toBe(true);
    expect(matchesKeys(press('k', { ctrlKey: true }), 'mod+k', true)).toBe(false);
  });

  it('does not match with a further modifier held', () => {
    expect(matchesKeys(press('Z', { ctrlKey: true, shiftKey: true }), 'mod+z', false)).toBe(false);
    expect(matchesKeys(press('Z', { ctrlKey: true, shiftKey: true }), 'mod+shift+z', false)).toBe(
      true,
    );
    expect(matchesKeys(press('p', { altKey: true }), 'p', false)).toBe(false);
  });

  it('finds punctuation wherever the keyboard has it', () => {
    expect(matchesKeys(press('?', { shiftKey: true }), '?', false)).toBe(true);
    expect(matchesKeys(press('?'), '?', false)).toBe(true);
  });

  it('knows the space bar by its name', () => {
    expect(matchesKeys(press(' '), 'space', false)).toBe(true);
  });

  it('is printed as the keyboard has it', () => {
    expect(keyNames('mod+shift+z', true)).toEqual(['⌘', '⇧', 'Z']);
    expect(keyNames('mod+enter', false)).toEqual(['Ctrl', '↵']);
  });
});
