/** Runs a handler when the keys of a shortcut are pressed, unless someone nearer handled them. */
import { useEffect, useEffectEvent } from 'react';
import { isMac, matchesKeys } from '../ui/key-match.ts';
import { shortcuts, type Shortcut, type ShortcutId } from './shortcuts.ts';

/** @param handler returns false when it had nothing to do, so that the key keeps its usual meaning */
export function useShortcut(
  id: ShortcutId,
  handler: (event: KeyboardEvent) => boolean | void,
): void {
  useShortcuts({ [id]: handler });
}

/** Several at once. */
export function useShortcuts(
  handlers: Readonly<Partial<Record<ShortcutId, (event: KeyboardEvent) => boolean | void>>>,
): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    for (const id of Object.keys(handlers) as ShortcutId[]) {
      const shortcut: Shortcut = shortcuts[id];
      if (!matchesKeys(event, shortcut.keys, isMac(navigator.platform))) continue;
      if (!shortcut.whileTyping && isTyping(event.target)) continue;
      if (hasModal()) return;
      if (handlers[id]?.(event) !== false) event.preventDefault();
      return;
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKeyDown(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

/** Whether a modal dialog is open, which has the keyboard to itself. Looks through the whole page. */
export function hasModal(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'button'].includes(target.type);
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    target.isContentEditable
  );
}
