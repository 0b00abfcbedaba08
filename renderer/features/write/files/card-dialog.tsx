/** What of a character card comes into the project. */
import { useState } from 'react';
import type { Project } from '../../../../contract/projects.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Select, Switch } from '../../../ui/field.tsx';
import fieldStyles from '../../../ui/field.module.css';
import { formatCount } from '../../../ui/format.ts';
import { insertParagraphs } from '../document/insert-paragraphs.ts';
import type { DeskDialog } from '../session/desk-dialogs.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { defaultPerson } from './open-card.ts';
import { withCard, type CardWishes } from './with-card.ts';
import styles from './files.module.css';

interface CardDialogProps {
  readonly session: SceneSession;
  readonly opened: Extract<DeskDialog, { kind: 'card' }>;
  readonly onClose: () => void;
}

const noGreeting = 'none';

export function CardDialog({ session, opened, onClose }: CardDialogProps) {
  const { client, desk, toasts } = useWindow();
  const [card, setCard] = useState(opened.card);
  const [person, setPerson] = useState(defaultPerson);
  const [wishes, setWishes] = useState<CardWishes>({ memory: true, note: true, lore: true });
  const [greeting, setGreeting] = useState(card.greetings.length > 0 ? '0' : noGreeting);
  const wish = (change: Partial<CardWishes>) => setWishes((now) => ({ ...now, ...change }));

  const readAs = async (name: string) => {
    const trimmed = name.trim() || defaultPerson;
    try {
      setCard(await client['cards.read']({ bytes: opened.bytes, person: trimmed }));
    } catch (error) {
      toasts.fail(error);
    }
  };
  const add = async () => {
    const before: Pick<Project, 'memory' | 'authorsNote' | 'lore'>[] = [];
    const isAdded = await desk.projects.edit((now) => {
      before.push(now);
      return withCard(now, card, wishes);
    });
    const earlier = before.at(-1);
    if (!isAdded || !earlier) return;
    const words = card.greetings[Number(greeting)];
    if (words !== undefined) insertParagraphs(session, words);
    onClose();
    toasts.say(`“${card.name}” was added to the project.`, async () => {
      const { memory, authorsNote, lore } = earlier;
      await desk.projects.edit(() => ({ memory, authorsNote, lore }));
      if (words !== undefined) session.undo();
    });
  };

  return (
    <Dialog label={card.name || opened.fileName} onClose={onClose}>
      <div className={styles.form}>
        {(card.creator !== '' || card.tags.length > 0) && (
          <p className={styles.hint}>
            {card.creator === '' ? '' : `By ${card.creator}. `}
            {card.tags.join(', ')}
          </p>
        )}
        {card.creatorNotes.trim() !== '' && (
          <p className={styles.notes} tabIndex={0} role="note" aria-label="Notes of its maker">
            {card.creatorNotes.trim()}
          </p>
        )}
        <div className={fieldStyles.row}>
          <label className={fieldStyles.label} htmlFor="card-person">
            You are called
          </label>
          <input
            id="card-person"
            className={fieldStyles.text}
            style={{ width: 180 }}
            data-tip="Stands in the card’s texts where it speaks to you."
            maxLength={200}
            value={person}
            onChange={(event) => setPerson(event.currentTarget.value)}
            onBlur={(event) => void readAs(event.currentTarget.value)}
          />
        </div>
        <Switch
          label={`Description, ${formatCount(wordsIn(card.memory), 'word', 'words')}`}
          tip="Goes behind what stands in the memory already."
          checked={wishes.memory && card.memory !== ''}
          onChange={(memory) => wish({ memory })}
        />
        {card.note !== '' && (
          <Switch
            label="Its note for the model"
            tip="Goes behind what stands in the author’s note already."
            checked={wishes.note}
            onChange={(note) => wish({ note })}
          />
        )}
        {card.lore.length > 0 && (
          <Switch
            label={formatCount(card.lore.length, 'entry of lore', 'entries of lore')}
            tip="Joins the entries that the project has."
            checked={wishes.lore}
            onChange={(lore) => wish({ lore })}
          />
        )}
        {card.greetings.length > 0 && (
          <>
            <Select
              label="Begins with"
              tip="Puts one of the card’s greetings at the cursor."
              value={greeting}
              options={[
                ...card.greetings.map((_, index) => ({
                  value: String(index),
                  label: `Greeting ${index + 1}`,
                })),
                { value: noGreeting, label: 'Nothing' },
              ]}
              onChange={setGreeting}
            />
            {greeting !== noGreeting && (
              <p className={styles.preview} tabIndex={0} role="note" aria-label="The greeting">
                {card.greetings[Number(greeting)]}
              </p>
            )}
          </>
        )}
        <div className={styles.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" data-initial-focus onClick={() => void add()}>
            Add to the project
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

const wordsIn = (text: string): number => text.split(/\s+/).filter(Boolean).length;
