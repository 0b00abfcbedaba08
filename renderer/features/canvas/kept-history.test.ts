import { describe, expect, it } from 'vitest';
import { historyText, mostKeptBytes, readHistory, type HistoryOwner } from './kept-history.ts';
import { createPaintedMask } from './painted-mask.ts';
import { finish } from './slices.ts';

const owner: HistoryOwner = {
  picture: 'a'.repeat(64),
  mask: 'b'.repeat(64),
  width: 700,
  height: 300,
};
const dab = (x: number, y: number, radiusPx: number) => ({ x, y, radiusPx });

describe('a history that is kept', () => {
  it('undoes and redoes exactly what it did before', async () => {
    const mask = createPaintedMask(owner.width, owner.height);
    const states = [mask.levels.slice()];
    const changes = [
      () => {
        mask.segment(dab(40, 40, 30), dab(600, 200, 30), 0.4, 'add');
        mask.commit();
      },
      () => finish(mask.invert()),
      () => finish(mask.feather(6)),
    ];
    for (const change of changes) {
      change();
      states.push(mask.levels.slice());
    }
    mask.undo();
    const text = await historyText(mask.steps(mostKeptBytes), owner);
    const steps = await readHistory(text, owner);
    const again = createPaintedMask(
      owner.width,
      owner.height,
      mask.levels.slice(),
      steps ?? undefined,
    );
    expect(again.status).toEqual({ canUndo: true, canRedo: true, revision: 0 });
    again.redo();
    expect(Buffer.compare(again.levels, states[3] ?? new Uint8Array())).toBe(0);
    for (const state of states.slice(0, -1).toReversed()) {
      again.undo();
      expect(Buffer.compare(again.levels, state)).toBe(0);
    }
    expect(again.status.canUndo).toBe(false);
  });

  it('belongs to one picture and one mask', async () => {
    const mask = createPaintedMask(owner.width, owner.height);
    finish(mask.invert());
    const text = await historyText(mask.steps(mostKeptBytes), owner);
    expect(await readHistory(text, { ...owner, mask: null })).toBeNull();
    expect(await readHistory(text, { ...owner, picture: 'c'.repeat(64) })).toBeNull();
    expect(await readHistory(text, { ...owner, width: 1 })).toBeNull();
  });

  it.each(['', 'no base64 ☃', btoa('not deflated'), btoa('\0')])('is none in %j', async (text) =>
    expect(await readHistory(text, owner)).toBeNull(),
  );

  it('is none where a part of it is missing', async () => {
    const mask = createPaintedMask(owner.width, owner.height);
    finish(mask.invert());
    const text = await historyText(mask.steps(mostKeptBytes), owner);
    for (const length of [4, 8, 40, text.length - 8])
      expect(await readHistory(text.slice(0, length), owner)).toBeNull();
  });

  it('leaves the oldest steps out where they are too many', () => {
    const mask = createPaintedMask(owner.width, owner.height);
    for (let step = 0; step < 20; step += 1) {
      mask.segment(dab(step * 30, 100, 20), dab(step * 30 + 9, 180, 20), 0.2, 'add');
      mask.commit();
    }
    const all = mask.steps(mostKeptBytes).done;
    expect(all).toHaveLength(20);
    const bytes = all.slice(-3).reduce((sum, step) => sum + step.bytes, 0);
    expect(mask.steps(bytes).done).toEqual(all.slice(-3));
    expect(mask.steps(0)).toEqual({ done: [], undone: [] });
  });
});
