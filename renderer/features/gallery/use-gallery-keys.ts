import { useEffect, useEffectEvent } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { MarkChange } from '../../../contract/images.ts';
import type { ShortcutId } from '../../app/shortcuts.ts';
import { hasModal, isTyping, useShortcuts } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import type { GalleryAction } from './gallery-actions.ts';
import { rowHeights } from './row-heights.ts';
import { markOfKey } from './triage-keys.ts';

interface GalleryKeys {
  readonly actions: readonly GalleryAction[];
  readonly chosen: readonly ImageId[];
  readonly mark: (ids: readonly ImageId[], change: MarkChange) => void;
  readonly onToggleFacets: () => void;
  readonly onToggleDetails: () => void;
}

/** The grid has keys that other controls need for themselves. */
const ofTheGrid = new Set<ShortcutId>(['gallery.preview']);

/** The keys of triage, wherever the keyboard is in the gallery but in a text field. */
export function useGalleryKeys(keys: GalleryKeys): void {
  const { actions, chosen, mark, onToggleFacets, onToggleDetails } = keys;
  const { layout, library } = useWindow();
  const resize = (by: number) =>
    layout.set((now) => ({
      ...now,
      galleryRowHeight: Math.min(
        rowHeights.max,
        Math.max(rowHeights.min, now.galleryRowHeight + by),
      ),
    }));
  const own = actions.flatMap(({ shortcut, run }) =>
    shortcut && !ofTheGrid.has(shortcut) ? [[shortcut, run] as const] : [],
  );
  useShortcuts({
    ...Object.fromEntries(own),
    'gallery.larger': () => resize(rowHeights.step),
    'gallery.smaller': () => resize(-rowHeights.step),
    'gallery.facets': onToggleFacets,
    'gallery.details': onToggleDetails,
  });

  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    if (hasModal()) return;
    if (event.key === 'Backspace') {
      actions.find(({ shortcut }) => shortcut === 'gallery.delete')?.run();
      return;
    }
    const [first] = chosen;
    const change = markOfKey(event, first === undefined ? undefined : library.summaries.get(first));
    if (!change || 'flag' in change || chosen.length === 0) return;
    event.preventDefault();
    mark(chosen, change);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKeyDown(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}
