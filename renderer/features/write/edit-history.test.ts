import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyHistory,
  makeEdit,
  redo,
  undo,
  type Author,
  type EditHistory,
  type Page,
} from './edit-history.ts';
import {
  addStretch,
  applyEdit,
  editBetween,
  invertEdit,
  moveMarks,
  movePlace,
  moveStretches,
} from './text-edit.ts';

const blank: Page = { text: '', modelStretches: [] };

function type(text: string, page: Page, history: EditHistory, atMs: number, at = page.text.length) {
  return makeEdit(page, history, { at, removed: '', inserted: text }, { kind: 'person', atMs });
}

describe('one undo history', () => {
  it('takes back a word typed in one go', () => {
    let { page, history } = type('c', blank, emptyHistory, 0);
    ({ page, history } = type('a', page, history, 100));
    ({ page, history } = type('t', page, history, 200));
    expect(undo(page, history)?.page.text).toBe('');
  });

  it('takes back typing piece by piece after a pause', () => {
    let { page, history } = type('cat', blank, emptyHistory, 0);
    ({ page, history } = type(' sat', page, history, 5_000));
    expect(undo(page, history)?.page.text).toBe('cat');
  });

  it('takes back a whole generation at once, then what was typed before it', () => {
    let { page, history } = type('Once', blank, emptyHistory, 0);
    for (const token of [' upon', ' a', ' time']) {
      ({ page, history } = makeEdit(
        page,
        history,
        { at: page.text.length, removed: '', inserted: token },
        { kind: 'model', run: 1 },
      ));
    }
    expect(page).toEqual({ text: 'Once upon a time', modelStretches: [{ start: 4, end: 16 }] });
    const first = undo(page, history);
    expect(first?.page).toEqual({ text: 'Once', modelStretches: [] });
    expect(first && undo(first.page, first.history)?.page.text).toBe('');
    expect(first && redo(first.page, first.history)?.page).toEqual(page);
  });

  it('keeps two generations apart', () => {
    let page = blank;
    let history = emptyHistory;
    for (const run of [1, 2]) {
      ({ page, history } = makeEdit(
        page,
        history,
        { at: page.text.length, removed: '', inserted: `run${run}` },
        { kind: 'model', run },
      ));
    }
    expect(undo(page, history)?.page.text).toBe('run1');
  });

  it('has nothing to undo on a blank page', () => {
    expect(undo(blank, emptyHistory)).toBeNull();
    expect(redo(blank, emptyHistory)).toBeNull();
  });

  it('comes back to the very same page after any edits, all undone and all done again', () => {
    const step = fc.record({
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      removed: fc.nat(5),
      inserted: fc.string({ maxLength: 6 }),
      author: fc.oneof(
        fc.record({ kind: fc.constant('person' as const), atMs: fc.nat(100_000) }),
        fc.record({ kind: fc.constant('model' as const), run: fc.nat(3) }),
      ) satisfies fc.Arbitrary<Author>,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let page: Page = { text: 'start', modelStretches: [{ start: 1, end: 3 }] };
        let history = emptyHistory;
        for (const { place, removed, inserted, author } of steps) {
          const at = Math.floor(place * page.text.length);
          ({ page, history } = makeEdit(
            page,
            history,
            { at, removed: page.text.slice(at, at + removed), inserted },
            author,
          ));
          for (const { start, end } of page.modelStretches) {
            expect(start).toBeLessThan(end);
            expect(end).toBeLessThanOrEqual(page.text.length);
          }
        }
        const final = page;
        for (let change = undo(page, history); change; change = undo(page, history))
          ({ page, history } = change);
        expect(page).toEqual({ text: 'start', modelStretches: [{ start: 1, end: 3 }] });
        for (let change = redo(page, history); change; change = redo(page, history))
          ({ page, history } = change);
        expect(page).toEqual(final);
      }),
    );
  });
});

describe('an edit', () => {
  it('is found between two texts and leads from one to the other', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat(),
        fc.nat(10),
        fc.string(),
        (before, place, removed, inserted) => {
          const at = place % (before.length + 1);
          const after = before.slice(0, at) + inserted + before.slice(at + removed);
          const edit = editBetween(before, after, at + inserted.length);
          if (before === after) expect(edit).toBeNull();
          else {
            expect(edit && applyEdit(before, edit)).toBe(after);
            expect(edit && applyEdit(after, invertEdit(edit))).toBe(before);
          }
        },
      ),
    );
  });

  it('knows by the caret which of several like letters was typed', () => {
    expect(editBetween('aaa', 'aaaa', 1)).toEqual({ at: 0, removed: '', inserted: 'a' });
    expect(editBetween('aaa', 'aaaa', 4)).toEqual({ at: 3, removed: '', inserted: 'a' });
  });

  it('moves what comes after it', () => {
    const edit = { at: 2, removed: 'xx', inserted: 'yyyy' };
    expect([0, 2, 3, 4, 9].map((place) => movePlace(place, edit))).toEqual([0, 6, 6, 6, 11]);
    expect(movePlace(2, { at: 2, removed: '', inserted: 'a' })).toBe(3);
  });

  it('splits what a model wrote when a person types inside it', () => {
    expect(moveStretches([{ start: 0, end: 10 }], { at: 4, removed: '', inserted: 'ab' })).toEqual([
      { start: 0, end: 4 },
      { start: 6, end: 12 },
    ]);
  });

  it('joins stretches that touch', () => {
    expect(
      addStretch(
        [
          { start: 0, end: 4 },
          { start: 8, end: 9 },
        ],
        { start: 4, end: 6 },
      ),
    ).toEqual([
      { start: 0, end: 6 },
      { start: 8, end: 9 },
    ]);
  });

  it('drops the marks that it touches and moves the later ones', () => {
    const marks = [
      { start: 0, end: 3 },
      { start: 3, end: 6 },
      { start: 6, end: 9 },
    ];
    expect(moveMarks(marks, { at: 4, removed: 'x', inserted: '' })).toEqual([
      { start: 0, end: 3 },
      { start: 5, end: 8 },
    ]);
    expect(moveMarks(marks, { at: 9, removed: '', inserted: 'x' })).toEqual(marks);
  });
});
