/** What can be done with the chosen pictures: one list for keys and for the menu. */
import {
  Columns2,
  Eye,
  Flag,
  FolderInput,
  FolderMinus,
  FolderPlus,
  GitFork,
  Play,
  Repeat2,
  ScanSearch,
  StickyNote,
  Tag,
  Trash2,
  Undo2,
  Upload,
  X,
  type LucideIcon,
} from 'lucide-react';
import type { ShortcutId } from '../../app/shortcuts.ts';

export interface GalleryAction {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly shortcut: ShortcutId | null;
  /** Actions of one group stand together in the menu. */
  readonly group: 'look' | 'mark' | 'use' | 'album' | 'remove';
  readonly run: () => void;
}

/** What the screen can do; null where it cannot now. */
export interface GalleryDeeds {
  readonly view: (() => void) | null;
  readonly compare: (() => void) | null;
  readonly slideshow: (() => void) | null;
  readonly lineage: (() => void) | null;
  readonly similar: (() => void) | null;
  readonly pick: (() => void) | null;
  readonly reject: (() => void) | null;
  readonly unflag: (() => void) | null;
  readonly tag: (() => void) | null;
  readonly note: (() => void) | null;
  readonly reuse: (() => void) | null;
  readonly export: (() => void) | null;
  readonly putIntoAlbum: (() => void) | null;
  readonly newAlbum: (() => void) | null;
  readonly takeOut: (() => void) | null;
  readonly remove: (() => void) | null;
  readonly restore: (() => void) | null;
}

type Described = Omit<GalleryAction, 'id' | 'run'>;

const descriptions: Readonly<Record<keyof GalleryDeeds, Described>> = {
  view: described('Preview', Eye, 'gallery.preview', 'look'),
  compare: described('Compare', Columns2, 'gallery.compare', 'look'),
  slideshow: described('Slideshow', Play, 'gallery.slideshow', 'look'),
  lineage: described('Lineage', GitFork, 'gallery.lineage', 'look'),
  similar: described('Similar pictures', ScanSearch, 'gallery.similar', 'look'),
  pick: described('Pick', Flag, 'gallery.pick', 'mark'),
  reject: described('Reject', X, 'gallery.reject', 'mark'),
  unflag: described('Unflag', Flag, 'gallery.unflag', 'mark'),
  tag: described('Tag', Tag, 'gallery.tag', 'mark'),
  note: described('Note', StickyNote, 'gallery.note', 'mark'),
  reuse: described('Send to Create', Repeat2, 'gallery.reuse', 'use'),
  export: described('Export', Upload, 'gallery.export', 'use'),
  putIntoAlbum: described('Put into an album', FolderInput, 'gallery.album', 'album'),
  newAlbum: described('New album of them', FolderPlus, null, 'album'),
  takeOut: described('Take out of the album', FolderMinus, null, 'album'),
  remove: described('Move to the trash', Trash2, 'gallery.delete', 'remove'),
  restore: described('Restore', Undo2, 'gallery.delete', 'remove'),
};

export function galleryActions(deeds: GalleryDeeds): readonly GalleryAction[] {
  return (Object.keys(descriptions) as (keyof GalleryDeeds)[]).flatMap((id) => {
    const run = deeds[id];
    return run ? [{ id, ...descriptions[id], run }] : [];
  });
}

function described(
  label: string,
  icon: LucideIcon,
  shortcut: ShortcutId | null,
  group: GalleryAction['group'],
): Described {
  return { label, icon, shortcut, group };
}
