import { describe, expect, it } from 'vitest';
import type { Chapter } from '../../../../contract/projects.ts';
import { addScene, moveChapter, moveScene, removeScene, shiftScene } from './outline-edit.ts';

const scene = (id: string) => ({ id, title: id, synopsis: '', words: 0 });
const book: Chapter[] = [
  { id: 'A', title: '', scenes: [scene('a'), scene('b')] },
  { id: 'B', title: '', scenes: [scene('c')] },
];
const shape = (chapters: readonly Chapter[]) =>
  chapters.map(({ id, scenes }) => `${id}:${scenes.map((each) => each.id).join('')}`).join(' ');

describe('the outline', () => {
  it('moves a scene over the border of a chapter, and not beyond the book', () => {
    expect(shape(shiftScene(book, 'b', 1))).toBe('A:a B:bc');
    expect(shape(shiftScene(book, 'c', -1))).toBe('A:abc B:');
    expect(shape(shiftScene(book, 'a', -1))).toBe('A:ab B:c');
    expect(shape(shiftScene(book, 'a', 1))).toBe('A:ba B:c');
  });

  it('puts a scene before another, or at the end of a chapter', () => {
    expect(shape(moveScene(book, 'c', 'A', 'b'))).toBe('A:acb B:');
    expect(shape(moveScene(book, 'a', 'A', null))).toBe('A:ba B:c');
    expect(shape(moveScene(book, 'a', 'B', null))).toBe('A:b B:ca');
  });

  it('adds a scene behind another', () => {
    expect(shape(addScene(book, scene('n'), 'a'))).toBe('A:anb B:c');
    expect(shape(addScene(book, scene('n'), null))).toBe('A:ab B:cn');
  });

  it('takes scenes out and moves chapters', () => {
    expect(shape(removeScene(book, 'a'))).toBe('A:b B:c');
    expect(shape(moveChapter(book, 'B', 0))).toBe('B:c A:ab');
  });
});
