import { expect, it } from 'vitest';
import type { ChatTurn } from '../../../../contract/chats.ts';
import { nextAnswers } from './next-answers.ts';

const turn = (id: number, role: ChatTurn['role']): ChatTurn => ({
  id,
  parent: id === 0 ? null : id - 1,
  at: 0,
  role,
  text: 'Words.',
  parts: [],
  editOf: null,
  end: null,
});
const kinds = (turns: readonly ChatTurn[], draft: string) =>
  nextAnswers({ turns: [...turns], leaf: turns.at(-1)?.id ?? null }, draft).map(
    ({ kind, place, said }) => [kind, place, said],
  );

it('answers what is about to be said before anything else', () => {
  expect(kinds([], ' Hello ')).toEqual([['say', { kind: 'below', parent: null }, 'Hello']]);
  expect(kinds([turn(0, 'person'), turn(1, 'character')], 'And?')[0]).toEqual([
    'say',
    { kind: 'below', parent: 1 },
    'And?',
  ]);
});

it('goes on with an answer or gives another, and answers what nobody answered', () => {
  expect(kinds([turn(0, 'person'), turn(1, 'character')], '')).toEqual([
    ['continue', { kind: 'continue', turn: 1 }, ''],
    ['again', { kind: 'below', parent: 0 }, ''],
  ]);
  expect(kinds([turn(0, 'person')], '')).toEqual([['answer', { kind: 'below', parent: 0 }, '']]);
  expect(kinds([], '')).toEqual([]);
});
