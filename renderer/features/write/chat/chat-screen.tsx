/** Talking with the model: the chats at the left, one conversation, and how the model answers at the right. */
import { BookOpenText, MessagesSquare, PanelLeft, PanelRight } from 'lucide-react';
import { memo, useEffect, useRef, useState } from 'react';
import { pathTo } from '../../../../contract/chat-tree.ts';
import { defaultLayout } from '../../../app/layout-state.ts';
import { useStore } from '../../../app/store.ts';
import { useShortcut } from '../../../app/use-shortcut.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Resizer } from '../../../ui/resizer.tsx';
import { initialDeskSettings } from '../desk-settings.ts';
import { ChatContextDialog } from './chat-context-dialog.tsx';
import { ChatList } from './chat-list.tsx';
import { ChatPanel, type ChatPanelTab } from './chat-panel.tsx';
import { Composer } from './composer.tsx';
import { Conversation } from './conversation.tsx';
import { createTurnActions } from './turn-actions.ts';
import styles from './chat-screen.module.css';

/** What is typed into the composer concerns it alone. */
export const ChatScreen = memo(function ChatScreen() {
  const window = useWindow();
  const { desk, chats, layout, toasts } = window;
  const chat = useStore(chats.chat);
  const list = useStore(chats.list);
  const problem = useStore(chats.problem);
  const settings = useStore(desk.settings);
  const { writeInspectorWidth } = useStore(layout);
  const [tab, setTab] = useState<ChatPanelTab>('model');
  const [showsContext, setShowsContext] = useState(false);
  const composer = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    desk.start();
    chats.start();
  }, [desk, chats]);

  const set = desk.settings.set;
  const actions = createTurnActions(window);
  const path = chat ? pathTo(chat.turns, chat.leaf) : [];
  const last = path.at(-1);
  useShortcut('write.stop', () => chats.stop());
  useShortcut('write.context', () => {
    if (!chat) return false;
    setShowsContext(true);
  });
  useShortcut('write.outline', () => set((now) => ({ ...now, outlineOpen: !now.outlineOpen })));
  useShortcut('chat.new', () => void toasts.watch(chats.create()));
  useShortcut('chat.alternatives', () => {
    if (!chat) return false;
    const parent = last?.role === 'character' ? last.parent : (last?.id ?? null);
    void chats.answer({ kind: 'below', parent }, settings.alternatives);
  });
  useShortcut('chat.goOn', () => {
    if (last?.role === 'character') actions.goOn(last);
    else if (chat) void chats.answer({ kind: 'below', parent: last?.id ?? null });
  });

  const title = list?.find(({ id }) => id === chat?.id)?.title ?? '';
  return (
    <div className={styles.screen}>
      {settings.outlineOpen && (
        <>
          <div className={styles.side} style={{ width: settings.outlineWidth }}>
            <ChatList />
          </div>
          <Resizer
            label="Width of the list of chats"
            panel="left"
            width={settings.outlineWidth}
            min={180}
            max={360}
            defaultWidth={initialDeskSettings.outlineWidth}
            onChange={(outlineWidth) => set((now) => ({ ...now, outlineWidth }))}
          />
        </>
      )}
      <div className={styles.column}>
        <div className={styles.head}>
          <IconButton
            icon={PanelLeft}
            label="Chats"
            tip="Shows or hides the chats at the left"
            aria-pressed={settings.outlineOpen}
            onClick={() => set((now) => ({ ...now, outlineOpen: !now.outlineOpen }))}
          />
          <h2>{title === '' ? 'New chat' : title}</h2>
          {chat && (
            <IconButton
              icon={BookOpenText}
              label="What the model reads"
              tip="Shows exactly what the model will read for the next answer, and what it costs"
              aria-haspopup="dialog"
              onClick={() => setShowsContext(true)}
            />
          )}
          <IconButton
            icon={PanelRight}
            label="Chat settings"
            tip="Shows or hides the panel at the right"
            aria-pressed={settings.inspectorOpen}
            onClick={() => set((now) => ({ ...now, inspectorOpen: !now.inspectorOpen }))}
          />
        </div>
        {problem ? (
          <EmptyState
            icon={MessagesSquare}
            title="The chat cannot be opened"
            action={
              <Button onClick={() => void toasts.watch(chats.create())}>Begin a new chat</Button>
            }
          >
            {problem.message}
          </EmptyState>
        ) : (
          <>
            <Conversation chat={chat} path={path} actions={actions} composer={composer} />
            <Composer chat={chat} ref={composer} />
          </>
        )}
      </div>
      {chat && showsContext && (
        <ChatContextDialog chat={chat} onClose={() => setShowsContext(false)} />
      )}
      {settings.inspectorOpen && (
        <>
          <Resizer
            label="Width of the chat settings"
            panel="right"
            width={writeInspectorWidth}
            min={240}
            max={400}
            defaultWidth={defaultLayout.writeInspectorWidth}
            onChange={(width) => layout.set((state) => ({ ...state, writeInspectorWidth: width }))}
          />
          <div
            className={styles.panel}
            style={{ width: writeInspectorWidth }}
            role="group"
            aria-label="Chat settings"
          >
            <ChatPanel chat={chat} tab={tab} onTab={setTab} />
          </div>
        </>
      )}
    </div>
  );
});
