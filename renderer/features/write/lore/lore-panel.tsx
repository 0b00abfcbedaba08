/** The lorebook: what the model is told while the text speaks of it. */
import { BookUser, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import type { LoreEntry } from '../../../../contract/projects.ts';
import { useWindow } from '../../../app/window-model.ts';
import { IconButton } from '../../../ui/button.tsx';
import fieldStyles from '../../../ui/field.module.css';
import {
  addEntry,
  changeEntry,
  foundEntries,
  newEntry,
  removeEntry,
  restoreEntry,
} from './lore-edit.ts';
import { LoreEntryForm } from './lore-entry-form.tsx';
import type { Lorebook } from './lorebook.ts';
import { useTriggered } from './use-triggered.ts';
import styles from './lore.module.css';

export function LorePanel({ book }: { readonly book: Lorebook }) {
  const { toasts } = useWindow();
  const [openId, setOpenId] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const [tried, setTried] = useState('');
  const list = useRef<HTMLUListElement>(null);
  const told = useTriggered(book, tried);
  const { entries: lore, edit, importCard } = book;
  const found = foundEntries(lore, search);
  const open = lore.find(({ id }) => id === openId);

  const add = async () => {
    const entry = newEntry(crypto.randomUUID(), search.trim());
    if (await edit((now) => addEntry(now, entry))) {
      setSearch('');
      setOpenId(entry.id);
    }
  };
  const remove = async (entry: LoreEntry) => {
    const index = lore.findIndex(({ id }) => id === entry.id);
    setOpenId(null);
    if (!(await edit((now) => removeEntry(now, entry.id)))) return;
    toasts.say(`“${titleOf(entry)}” was removed from the lore.`, () =>
      edit((now) => restoreEntry(now, entry, index)),
    );
  };
  const back = () => {
    setOpenId(null);
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-entry="${openId ?? ''}"]`)?.focus(),
    );
  };

  if (open) {
    return (
      <LoreEntryForm
        key={open.id}
        entry={open}
        told={toldTitle(book, told.has(open.id))}
        onChange={(changes) => edit((now) => changeEntry(now, open.id, changes))}
        onBack={back}
        onRemove={() => void remove(open)}
      />
    );
  }
  return (
    <div className={styles.panel}>
      <div className={styles.head}>
        <input
          type="search"
          className={fieldStyles.text}
          aria-label="Search the lore"
          placeholder={lore.length === 0 ? 'Title of an entry' : 'Search'}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && found.length === 0) void add();
            if (event.key === 'ArrowDown')
              list.current?.querySelector<HTMLElement>('[data-entry]')?.focus();
          }}
        />
        <IconButton icon={Plus} label="New entry" onClick={() => void add()} />
        {importCard && (
          <IconButton
            icon={BookUser}
            label="Import a character card"
            tip="Reads a character card (PNG or JSON): its description, lore and greetings"
            onClick={importCard}
          />
        )}
      </div>
      {lore.length === 0 ? (
        <p className={styles.hint}>
          Facts that the model is told while the text speaks of them: a person, a place, a rule of
          your world. Add one with + and give it the words that bring it up.
        </p>
      ) : (
        <>
          <ul ref={list} className={styles.list} aria-label="Lore">
            {found.map((entry) => (
              <li key={entry.id}>
                <button
                  type="button"
                  className={styles.row}
                  data-entry={entry.id}
                  data-off={entry.enabled ? undefined : ''}
                  onClick={() => setOpenId(entry.id)}
                  onKeyDown={(event) => {
                    const item = event.currentTarget.parentElement;
                    const next =
                      event.key === 'ArrowDown'
                        ? item?.nextElementSibling
                        : event.key === 'ArrowUp'
                          ? item?.previousElementSibling
                          : null;
                    if (next) {
                      event.preventDefault();
                      next.querySelector('button')?.focus();
                    } else if (event.key === 'Delete') {
                      event.preventDefault();
                      void remove(entry);
                    }
                  }}
                >
                  <span className={styles.title}>{titleOf(entry)}</span>
                  <span className={styles.keys}>
                    {entry.constant ? 'always' : entry.keys.join(', ') || 'no keys yet'}
                  </span>
                  {told.has(entry.id) ? (
                    <span className={styles.told}>told</span>
                  ) : (
                    !entry.enabled && <span className={styles.off}>off</span>
                  )}
                </button>
              </li>
            ))}
          </ul>
          {found.length === 0 && <p className={styles.hint}>No entry speaks of that.</p>}
          <div className={styles.try}>
            <label htmlFor="lore-try">
              {tried === ''
                ? `${book.toldAt === 'cursor' ? 'Told at the cursor' : 'Told for the next answer'}: ${told.size} of ${lore.length}`
                : `This text brings up ${told.size} of ${lore.length}`}
            </label>
            <textarea
              id="lore-try"
              rows={2}
              placeholder="Try a text: which entries would it bring up?"
              value={tried}
              onChange={(event) => setTried(event.currentTarget.value)}
            />
          </div>
        </>
      )}
    </div>
  );
}

export const titleOf = ({ title, keys }: Pick<LoreEntry, 'title' | 'keys'>): string =>
  title || keys[0] || 'Untitled entry';

function toldTitle({ toldAt }: Lorebook, isTold: boolean): string {
  const text = toldAt === 'cursor' ? 'The text at the cursor' : 'The conversation';
  return isTold ? `${text} brings it up.` : `${text} does not bring it up.`;
}
