/** Which pictures are chosen, and which of them the keyboard is at. Pure. */
import type { ImageId } from '../../../contract/ids.ts';

export interface GallerySelection {
  readonly focused: ImageId | null;
  /** Where a range that Shift extends began. */
  readonly anchor: ImageId | null;
  readonly chosen: ReadonlySet<ImageId>;
}

export const emptySelection: GallerySelection = { focused: null, anchor: null, chosen: new Set() };

export function chooseOne(id: ImageId): GallerySelection {
  return { focused: id, anchor: id, chosen: new Set([id]) };
}

/** Adds or takes away one picture (⌘/Ctrl + click). */
export function toggleOne(selection: GallerySelection, id: ImageId): GallerySelection {
  const chosen = new Set(selection.chosen);
  if (!chosen.delete(id)) chosen.add(id);
  return { focused: id, anchor: id, chosen };
}

/** Chooses everything from the anchor to a picture (Shift). @param ids all pictures in order */
export function extendTo(
  selection: GallerySelection,
  id: ImageId,
  ids: readonly ImageId[],
): GallerySelection {
  const from = ids.indexOf(selection.anchor ?? id);
  const to = ids.indexOf(id);
  if (from < 0 || to < 0) return chooseOne(id);
  return {
    focused: id,
    anchor: selection.anchor ?? id,
    chosen: new Set(ids.slice(Math.min(from, to), Math.max(from, to) + 1)),
  };
}

/** What is chosen once some pictures are gone: the next one in their place. @param ids all pictures before, in order */
export function selectionAfterRemoval(
  ids: readonly ImageId[],
  removed: ReadonlySet<ImageId>,
): GallerySelection {
  const last = ids.findLastIndex((id) => removed.has(id));
  const next =
    ids.slice(last + 1).find((id) => !removed.has(id)) ??
    ids.slice(0, last + 1).findLast((id) => !removed.has(id));
  return next === undefined ? emptySelection : chooseOne(next);
}
