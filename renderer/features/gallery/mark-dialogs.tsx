/** Tags and notes by keyboard: what is typed acts on all pictures chosen. */
import { useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import { libraryLimits, type MarkChange } from '../../../contract/images.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { formatCount } from '../../ui/format.ts';
import { isMac, keyNames } from '../../ui/key-match.ts';
import { TagChips } from './tag-chips.tsx';
import { TagInput } from './tag-input.tsx';
import styles from './tags.module.css';
import { useInCommon } from './use-in-common.ts';

interface MarkDialogProps {
  readonly ids: readonly ImageId[];
  readonly onMark: (change: MarkChange) => void;
  readonly onClose: () => void;
}

export function TagDialog({ ids, onMark, onClose }: MarkDialogProps) {
  const tags = useInCommon(ids)?.tags ?? [];
  return (
    <Dialog label="Tag" shape="top" onClose={onClose}>
      <div className={styles.dialog}>
        <h2>
          Tag {ids.length === 1 ? 'the picture' : formatCount(ids.length, 'picture', 'pictures')}
        </h2>
        <TagChips tags={tags} onRemove={(tag) => onMark({ removeTags: [tag] })} />
        <TagInput
          isOpen
          present={tags.filter(({ isOfAll }) => isOfAll).map(({ name }) => name)}
          onAdd={(tag) => onMark({ addTags: [tag] })}
          onLeave={onClose}
        />
      </div>
    </Dialog>
  );
}

interface NoteDialogProps extends MarkDialogProps {
  /** The note that all of them have. */
  readonly note: string;
}

export function NoteDialog({ ids, note, onMark, onClose }: NoteDialogProps) {
  const [text, setText] = useState(note);
  const save = () => {
    if (text !== note) onMark({ note: text });
    onClose();
  };
  const keys = keyNames('mod+enter', isMac(navigator.platform)).join(' ');
  return (
    <Dialog label="Note" shape="top" onClose={onClose}>
      <div className={styles.dialog}>
        <h2>
          Note on{' '}
          {ids.length === 1 ? 'the picture' : formatCount(ids.length, 'picture', 'pictures')}
        </h2>
        <textarea
          aria-label="Note"
          data-initial-focus
          maxLength={libraryLimits.noteCharacters}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            save();
          }}
        />
        <div className={styles.chips}>
          <Button variant="primary" tip={`Keeps the note (${keys})`} onClick={save}>
            Keep the note
          </Button>
          <Button onClick={onClose}>Leave it as it was</Button>
        </div>
      </div>
    </Dialog>
  );
}
