/** The panel at the right: the model as the page has it, and who speaks in this chat. */
import { FileDown } from 'lucide-react';
import { useId } from 'react';
import type { ChatPersonas, OpenChat } from '../../../../contract/chats.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import { Segments, Switch } from '../../../ui/field.tsx';
import fieldStyles from '../../../ui/field.module.css';
import { NumberField } from '../../../ui/number-field.tsx';
import inspectorStyles from '../inspector/inspector.module.css';
import { ModelPanel } from '../inspector/inspector.tsx';
import { LorePanel } from '../lore/lore-panel.tsx';
import { useChatLorebook } from './use-chat-lorebook.ts';
import styles from './chat-panel.module.css';

export type ChatPanelTab = 'model' | 'chat' | 'lore';

interface ChatPanelProps {
  readonly chat: OpenChat | null;
  readonly tab: ChatPanelTab;
  readonly onTab: (tab: ChatPanelTab) => void;
}

export function ChatPanel({ chat, tab, onTab }: ChatPanelProps) {
  return (
    <div className={inspectorStyles.inspector}>
      <Segments
        label="What the panel shows"
        value={tab}
        options={[
          { value: 'model', label: 'Model' },
          { value: 'chat', label: 'Chat' },
          { value: 'lore', label: 'Lore' },
        ]}
        onChange={onTab}
      />
      {tab === 'model' ? (
        <ModelPanel session={null} />
      ) : chat && tab === 'chat' ? (
        <PersonaPanel key={chat.id} chat={chat} />
      ) : chat ? (
        <ChatLore key={chat.id} chat={chat} />
      ) : (
        <p className={inspectorStyles.hint}>Say something first: that begins a chat.</p>
      )}
    </div>
  );
}

function ChatLore({ chat }: { readonly chat: OpenChat }) {
  return <LorePanel book={useChatLorebook(chat)} />;
}

function PersonaPanel({ chat }: { readonly chat: OpenChat }) {
  const { chats, toasts } = useWindow();
  const { person, character, description, memory, examples, note, tellsProject } = chat.personas;
  const set = (change: Partial<ChatPersonas>) => void toasts.watch(chats.setPersonas(change));
  return (
    <div className={inspectorStyles.scroll}>
      <div className={inspectorStyles.group}>
        <NameField
          label="You are"
          tip="What the model calls you."
          value={person}
          onDone={(name) => set({ person: name })}
        />
        <NameField
          label="It is"
          tip="For whom the model speaks."
          value={character}
          onDone={(name) => set({ character: name })}
        />
      </div>
      <div className={inspectorStyles.group}>
        <h2>Told before everything else</h2>
        <LongField
          label={`Who ${character} is`}
          placeholder="How they look, what they want, how they think"
          value={description}
          onDone={(text) => set({ description: text })}
        />
        <LongField
          label="Memory"
          placeholder="Where they are, what has happened"
          value={memory}
          onDone={(text) => set({ memory: text })}
        />
        <LongField
          label={`How ${character} talks`}
          placeholder="A few lines of dialogue, for the model to follow"
          value={examples}
          onDone={(text) => set({ examples: text })}
        />
        {chat.projectId !== null && (
          <Switch
            label="The project’s memory, lore, note"
            tip="Tells the model the memory of the project too, lore that the last turns speak of, and its note where this chat has none."
            checked={tellsProject}
            onChange={(checked) => set({ tellsProject: checked })}
          />
        )}
      </div>
      <div className={inspectorStyles.group}>
        <h2>Told near the end</h2>
        <LongField
          label="Note"
          placeholder="How it should answer"
          value={note.text}
          onDone={(text) => set({ note: { ...note, text } })}
        />
        <NumberField
          label="Turns behind it"
          tip="The model heeds most what stands near the end; further up it disturbs less."
          value={note.depth}
          min={0}
          max={100}
          step={1}
          defaultValue={3}
          onChange={(depth) =>
            set({ note: { ...note, depth: Math.min(100, Math.max(0, Math.round(depth))) } })
          }
        />
      </div>
      <div className={inspectorStyles.group}>
        <h2>As a file</h2>
        <div className={styles.files}>
          <Button
            icon={FileDown}
            tip="The branch that is shown, as Markdown, into the library’s exports"
            onClick={() => void toasts.watch(chats.exportAs('markdown'))}
          >
            Markdown
          </Button>
          <Button
            icon={FileDown}
            tip="Every turn of every branch with its model and seed, into the library’s exports"
            onClick={() => void toasts.watch(chats.exportAs('jsonl'))}
          >
            JSON lines
          </Button>
        </div>
      </div>
    </div>
  );
}

function NameField({
  label,
  tip,
  value,
  onDone,
}: {
  readonly label: string;
  readonly tip: string;
  readonly value: string;
  readonly onDone: (name: string) => void;
}) {
  const id = useId();
  return (
    <div className={fieldStyles.row}>
      <label className={fieldStyles.label} htmlFor={id} data-tip={tip}>
        {label}
      </label>
      <input
        key={value}
        id={id}
        className={`${fieldStyles.text} ${styles.name}`}
        defaultValue={value}
        maxLength={100}
        onBlur={(event) => {
          const name = event.currentTarget.value.replaceAll(':', ' ').trim();
          if (name === '') event.currentTarget.value = value;
          else if (name !== value) onDone(name);
        }}
      />
    </div>
  );
}

function LongField({
  label,
  placeholder,
  value,
  onDone,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onDone: (text: string) => void;
}) {
  const id = useId();
  return (
    <>
      <label className={inspectorStyles.told} htmlFor={id}>
        {label}
      </label>
      <textarea
        key={value}
        id={id}
        className={inspectorStyles.synopsis}
        placeholder={placeholder}
        defaultValue={value}
        rows={4}
        maxLength={200_000}
        onBlur={(event) => {
          const text = event.currentTarget.value;
          if (text !== value) onDone(text);
        }}
      />
    </>
  );
}
