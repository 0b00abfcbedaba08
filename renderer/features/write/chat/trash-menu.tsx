/** Chats in the trash, each a press away from coming back. */
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ChatSummary } from '../../../../contract/chats.ts';
import { useWindow } from '../../../app/window-model.ts';
import { IconButton } from '../../../ui/button.tsx';
import { MenuItem, Popover } from '../../../ui/popover.tsx';
import styles from './chat-list.module.css';

export function TrashMenu() {
  const { client, chats, toasts } = useWindow();
  /** Null while it is closed. */
  const [trashed, setTrashed] = useState<readonly ChatSummary[] | null>(null);
  const show = async () => setTrashed(await client['chats.trashed']({}));
  return (
    <Popover
      open={trashed !== null}
      onClose={() => setTrashed(null)}
      label="Chats in the trash"
      role="menu"
      side="above"
      align="start"
      button={
        <IconButton
          icon={Trash2}
          label="Chats in the trash"
          tip="Puts back a chat that was moved to the trash"
          aria-haspopup="menu"
          aria-expanded={trashed !== null}
          onClick={() => (trashed === null ? void toasts.watch(show()) : setTrashed(null))}
        />
      }
    >
      <div className={styles.trash}>
        {trashed?.length === 0 && (
          <MenuItem onSelect={() => setTrashed(null)}>The trash is empty</MenuItem>
        )}
        {trashed?.map(({ id, title }) => (
          <MenuItem
            key={id}
            onSelect={() => {
              setTrashed(null);
              void toasts.watch(chats.restore(id));
            }}
          >
            <span>{title === '' ? 'New chat' : title}</span>
          </MenuItem>
        ))}
      </div>
    </Popover>
  );
}
