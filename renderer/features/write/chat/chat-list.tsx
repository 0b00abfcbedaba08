/** The chats at the left: of the open project, and of none. */
import { EllipsisVertical, IdCard, MessageSquarePlus, Pencil, Plus, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ChatSummary } from '../../../../contract/chats.ts';
import { shortcuts } from '../../../app/shortcuts.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { IconButton } from '../../../ui/button.tsx';
import { MenuItem, Popover } from '../../../ui/popover.tsx';
import styles from './chat-list.module.css';
import { TrashMenu } from './trash-menu.tsx';

export function ChatList() {
  const { desk, chats, toasts } = useWindow();
  const list = useStore(chats.list) ?? [];
  const project = useStore(desk.projects.project);
  const open = useStore(chats.chat);
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const [renaming, setRenaming] = useState<string | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const choose = (action: () => void) => () => {
    setIsMenuOpen(false);
    action();
  };
  const groups = [
    {
      title: project === null || project.title === '' ? 'This project' : project.title,
      chats: list.filter(({ projectId }) => projectId !== null),
    },
    { title: 'On their own', chats: list.filter(({ projectId }) => projectId === null) },
  ].filter((group) => group.chats.length > 0);
  const focusRow = (from: HTMLElement, by: -1 | 1) => {
    const all = [...(rows.current?.querySelectorAll<HTMLElement>('[data-chat]') ?? [])];
    all[all.indexOf(from) + by]?.focus();
  };

  return (
    <div className={styles.list}>
      <div className={styles.head}>
        <h2>Chats</h2>
        <Popover
          open={isMenuOpen}
          onClose={() => setIsMenuOpen(false)}
          label="Begin a chat"
          role="menu"
          button={
            <IconButton
              icon={Plus}
              label="Begin a chat"
              aria-haspopup="menu"
              aria-expanded={isMenuOpen}
              onClick={() => setIsMenuOpen(!isMenuOpen)}
            />
          }
        >
          <MenuItem
            icon={MessageSquarePlus}
            keys={shortcuts['chat.new'].keys}
            onSelect={choose(() => void toasts.watch(chats.create()))}
          >
            About this project
          </MenuItem>
          <MenuItem
            icon={MessageSquarePlus}
            onSelect={choose(() => void toasts.watch(chats.create(false)))}
          >
            On its own
          </MenuItem>
          <MenuItem
            icon={IdCard}
            onSelect={() => {
              setIsMenuOpen(false);
              file.current?.click();
            }}
          >
            From a character card…
          </MenuItem>
        </Popover>
        <input
          ref={file}
          type="file"
          hidden
          aria-label="Character card"
          accept=".png,.json,image/png,application/json"
          onChange={(event) => {
            const [card] = event.currentTarget.files ?? [];
            event.currentTarget.value = '';
            if (!card) return;
            void toasts.watch(
              card.arrayBuffer().then((bytes) => chats.createFromCard(new Uint8Array(bytes))),
            );
          }}
        />
      </div>
      <div ref={rows} className={styles.groups}>
        {groups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            {groups.length > 1 && <h3>{group.title}</h3>}
            <ul>
              {group.chats.map((chat) =>
                renaming === chat.id ? (
                  <li key={chat.id}>
                    <RenameField
                      chat={chat}
                      onDone={(title) => {
                        setRenaming(null);
                        if (title !== null) void toasts.watch(chats.rename(chat.id, title));
                      }}
                    />
                  </li>
                ) : (
                  <ChatRow
                    key={chat.id}
                    chat={chat}
                    isOpen={chat.id === open?.id}
                    onRename={() => setRenaming(chat.id)}
                    onMove={focusRow}
                  />
                ),
              )}
            </ul>
          </section>
        ))}
      </div>
      <div className={styles.foot}>
        <TrashMenu />
      </div>
    </div>
  );
}

function ChatRow({
  chat,
  isOpen,
  onRename,
  onMove,
}: {
  readonly chat: ChatSummary;
  readonly isOpen: boolean;
  readonly onRename: () => void;
  readonly onMove: (from: HTMLElement, by: -1 | 1) => void;
}) {
  const { chats, toasts } = useWindow();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const trash = () => void toasts.watch(chats.trash(chat.id));
  const choose = (action: () => void) => () => {
    setIsMenuOpen(false);
    action();
  };
  return (
    <li className={styles.row} data-open={isOpen ? '' : undefined}>
      <button
        type="button"
        data-chat={chat.id}
        aria-current={isOpen || undefined}
        onClick={() => void chats.open(chat.id)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') onMove(event.currentTarget, 1);
          else if (event.key === 'ArrowUp') onMove(event.currentTarget, -1);
          else if (event.key === 'F2') onRename();
          else if (event.key === 'Delete') trash();
          else return;
          event.preventDefault();
        }}
      >
        <span className={styles.title}>{chat.title === '' ? 'New chat' : chat.title}</span>
        <span className={styles.preview}>
          {chat.problem ?? (chat.preview || 'Nothing said yet')}
        </span>
      </button>
      <span className={styles.more}>
        <Popover
          open={isMenuOpen}
          onClose={() => setIsMenuOpen(false)}
          label="What to do with this chat"
          role="menu"
          button={
            <IconButton
              icon={EllipsisVertical}
              label={`More about ${chat.title === '' ? 'this chat' : chat.title}`}
              aria-haspopup="menu"
              aria-expanded={isMenuOpen}
              onClick={() => setIsMenuOpen(!isMenuOpen)}
            />
          }
        >
          <MenuItem icon={Pencil} keys="f2" onSelect={choose(onRename)}>
            Rename
          </MenuItem>
          <MenuItem icon={Trash2} keys="delete" onSelect={choose(trash)}>
            Move to the trash
          </MenuItem>
        </Popover>
      </span>
    </li>
  );
}

function RenameField({
  chat,
  onDone,
}: {
  readonly chat: ChatSummary;
  readonly onDone: (title: string | null) => void;
}) {
  return (
    <input
      className={styles.rename}
      aria-label="Title of the chat"
      defaultValue={chat.title}
      maxLength={500}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => {
        const title = event.currentTarget.value.trim();
        onDone(title === chat.title ? null : title);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') onDone(null);
      }}
    />
  );
}
