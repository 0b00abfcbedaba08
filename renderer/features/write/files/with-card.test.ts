import { expect, it } from 'vitest';
import { newEntry } from '../lore/lore-edit.ts';
import { withCard } from './with-card.ts';

const card = {
  name: 'Mira',
  memory: 'Mira keeps the lighthouse.',
  note: 'Mira speaks little.',
  greetings: [],
  examples: '',
  lore: [{ ...newEntry('a', 'Lamp'), text: 'The lamp is out.' }],
  creator: '',
  creatorNotes: '',
  tags: [],
};
const project = { memory: 'A sad tale.', authorsNote: { text: '', depth: 2 }, lore: [] };
const all = { memory: true, note: true, lore: true };

it('joins what the project has, and is told once however often it is added', () => {
  const once = withCard(project, card, all);
  expect(once.memory).toBe('A sad tale.\n\nMira keeps the lighthouse.');
  expect(once.authorsNote).toEqual({ text: 'Mira speaks little.', depth: 2 });
  expect(once.lore).toHaveLength(1);
  expect(withCard(once, card, all)).toEqual(once);
});

it('leaves out what is not wanted', () => {
  expect(withCard(project, card, { memory: false, note: false, lore: false })).toEqual(project);
});
