/** A project with what is wanted of a character card. Pure. */
import type { Project } from '../../../../contract/projects.ts';
import type { CharacterCard } from '../../../../contract/writing-presets.ts';

export interface CardWishes {
  readonly memory: boolean;
  readonly note: boolean;
  readonly lore: boolean;
}

type Told = Pick<Project, 'memory' | 'authorsNote' | 'lore'>;

/** What is there stays, and comes first; a card that is added twice is told once. */
export function withCard(project: Told, card: CharacterCard, wishes: CardWishes): Told {
  const { memory, authorsNote, lore } = project;
  const texts = new Set(lore.map(({ text }) => text));
  return {
    memory: wishes.memory ? joined(memory, card.memory) : memory,
    authorsNote: wishes.note
      ? { ...authorsNote, text: joined(authorsNote.text, card.note) }
      : authorsNote,
    lore: wishes.lore ? [...lore, ...card.lore.filter(({ text }) => !texts.has(text))] : lore,
  };
}

function joined(before: string, added: string): string {
  if (added.trim() === '' || before.includes(added)) return before;
  return before.trim() === '' ? added : `${before.trimEnd()}\n\n${added}`;
}
