/** The panel at the right: the model as the page has it, and who speaks in this chat. */
import { FileDown } from 'lucide-react';
import { useId } from 'react';
import type { ChatPersonas, OpenChat } from '../../../../contract/chats.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import { Segments, Switch } from '../../../ui/field.tsx';
import fieldStyles from '../../../ui/field.module.css';
import { formatCount } from '../../../ui/format.ts';
import { NumberField } from '../../../ui/number-field.tsx';
import inspectorStyles from '../inspector/inspector.module.css';
import { ModelPanel } from '../inspector/inspector.tsx';
import styles from './chat-panel.module.css';

export type ChatPanelTab = 'model' | 'chat';

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
        ]}
        onChange={onTab}
      />
      {tab === 'model' ? (
        <ModelPanel session={null} />
      ) : chat ? (
        <PersonaPanel key={chat.id} chat={chat} />
      ) : (
        <p className={inspectorStyles.hint}>Say something first: that begins a chat.</p>
      )}
    </div>
  );
}

function PersonaPanel({ chat }: { readonly chat: OpenChat }) {
  const { chats, toasts } = useWindow();
  const { person, character, memory, note, lore, tellsProject } = chat.personas;
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
          label="Memory"
          placeholder="Who they are, where they are, what has happened"
          value={memory}
          onDone={(text) => set({ memory: text })}
        />
        {chat.projectId !== null && (
          <Switch
            label="The project’s memory, lore, note"
            tip="Tells the model the memory of the project too, lore that the last turns speak of, and its note where this chat has none."
            checked={tellsProject}
            onChange={(checked) => set({ tellsProject: checked })}
          />
        )}
        {lore.length > 0 && (
          <p className={inspectorStyles.hint}>
            {formatCount(lore.length, 'entry of lore came', 'entries of lore came')} with the card;
            each is told while the turns speak of it.
          </p>
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
  return (
    <textarea
      key={value}
      className={inspectorStyles.synopsis}
      aria-label={label}
      placeholder={placeholder}
      defaultValue={value}
      rows={4}
      maxLength={200_000}
      onBlur={(event) => {
        const text = event.currentTarget.value;
        if (text !== value) onDone(text);
      }}
    />
  );
}
