/** What a row of the outline holds besides its words: its menu, and the field in which it is renamed. */
import { FilePlus2, MoreHorizontal, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../../../ui/button.tsx';
import { MenuItem, Popover } from '../../../ui/popover.tsx';
import styles from './outline.module.css';

export function RowMenu({
  title,
  onRename,
  onAdd,
  onTrash,
}: {
  readonly title: string;
  readonly onRename: () => void;
  readonly onAdd: () => void;
  readonly onTrash: () => void;
}) {
  const [open, setOpen] = useState(false);
  const choose = (action: () => void) => () => {
    setOpen(false);
    action();
  };
  return (
    <span
      className={styles.more}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <Popover
        open={open}
        onClose={() => setOpen(false)}
        label={`What to do with ${title}`}
        role="menu"
        button={
          <IconButton
            icon={MoreHorizontal}
            label={`More for ${title}`}
            tabIndex={-1}
            aria-haspopup="menu"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          />
        }
      >
        <MenuItem icon={Pencil} onSelect={choose(onRename)}>
          Rename (F2)
        </MenuItem>
        <MenuItem icon={FilePlus2} onSelect={choose(onAdd)}>
          New scene behind it (N)
        </MenuItem>
        <MenuItem icon={Trash2} onSelect={choose(onTrash)}>
          Move to the trash (Del)
        </MenuItem>
      </Popover>
    </span>
  );
}

export function TitleField({
  label,
  title,
  onDone,
  onCancel,
}: {
  readonly label: string;
  readonly title: string;
  readonly onDone: (title: string) => void;
  readonly onCancel: () => void;
}) {
  return (
    <input
      className={styles.rename}
      aria-label={label}
      defaultValue={title}
      maxLength={500}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => onDone(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        else if (event.key === 'Escape') {
          event.preventDefault();
          onCancel();
        }
        event.stopPropagation();
      }}
    />
  );
}
