/** Which pictures are chosen, and which of them the keyboard is at. Pure. */
import type { ImageId } from '../../../contract/ids.ts';
import type { PictureIndex } from './picture-index.ts';

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

/** Those of the index, in its order. */
export function chosenInOrder(
  { chosen }: Pick<GallerySelection, 'chosen'>,
  index: PictureIndex,
): ImageId[] {
  const places = Int32Array.from(chosen, (id) => index.placeOf(id)).toSorted();
  return Array.from(places, (place) => index.idAt(place)).filter((id) => id !== null);
}

/** Adds or takes away one picture (⌘/Ctrl + click). */
export function toggleOne(selection: GallerySelection, id: ImageId): GallerySelection {
  const chosen = new Set(selection.chosen);
  if (!chosen.delete(id)) chosen.add(id);
  return { focused: id, anchor: id, chosen };
}

/** Chooses everything from the anchor to a picture (Shift). */
export function extendTo(
  selection: GallerySelection,
  id: ImageId,
  index: PictureIndex,
): GallerySelection {
  const from = index.placeOf(selection.anchor ?? id);
  const to = index.placeOf(id);
  if (from < 0 || to < 0) return chooseOne(id);
  return {
    focused: id,
    anchor: selection.anchor ?? id,
    chosen: new Set(index.slice(Math.min(from, to), Math.max(from, to) + 1)),
  };
}

export function chooseAll(selection: GallerySelection, index: PictureIndex): GallerySelection {
  return {
    ...selection,
    focused: selection.focused ?? index.idAt(0),
    chosen: new Set(index.slice(0, index.count)),
  };
}

/**
 * What is chosen once the pictures became others: what is still there stays chosen; where the
 * keyboard's picture is gone, the next one in its place takes over, or the last.
 */
export function selectionAfterChange(
  selection: GallerySelection,
  before: PictureIndex,
  after: PictureIndex,
): GallerySelection {
  const { focused, anchor, chosen } = selection;
  if (focused === null) return selection;
  if (after.placeOf(focused) < 0) {
    const place = before.placeOf(focused);
    if (place < 0) return selection;
    const next = neighbourThatStays(before, after, place);
    return next === null ? emptySelection : chooseOne(next);
  }
  const kept = [...chosen].filter((id) => after.placeOf(id) >= 0);
  if (kept.length === chosen.size) return selection;
  return {
    focused,
    anchor: anchor !== null && after.placeOf(anchor) >= 0 ? anchor : focused,
    chosen: new Set(kept.length > 0 ? kept : [focused]),
  };
}

function neighbourThatStays(
  before: PictureIndex,
  after: PictureIndex,
  place: number,
): ImageId | null {
  for (let at = place + 1; at < before.count; at += 1) {
    const id = before.idAt(at);
    if (id !== null && after.placeOf(id) >= 0) return id;
  }
  for (let at = place - 1; at >= 0; at -= 1) {
    const id = before.idAt(at);
    if (id !== null && after.placeOf(id) >= 0) return id;
  }
  return null;
}
