import { describe, expect, it } from 'vitest';
import {
  addControl,
  addLora,
  changeControl,
  changeLora,
  removeControl,
  removeLora,
  switchControl,
  switchLora,
} from './adapter-draft.ts';
import { CreateDraft, emptyCreateDraft, sentOptions } from './create-draft.ts';

const picture = 'a'.repeat(64);

describe('LoRAs of a draft', () => {
  const two = addLora(addLora(emptyCreateDraft, 'cats'), 'ink');

  it('stay in their place while they are switched off, and are not sent', () => {
    const off = switchLora(two, 'cats', false);
    expect(off.options.loras.map(({ id }) => id)).toEqual(['cats', 'ink']);
    expect(sentOptions(off).loras).toEqual([{ id: 'ink', unetWeight: 1, textWeight: 1 }]);
    expect(sentOptions(switchLora(off, 'cats', true))).toEqual(two.options);
    expect(sentOptions(addLora(off, 'cats')).loras).toHaveLength(2);
    expect(CreateDraft.parse(JSON.parse(JSON.stringify(off)))).toEqual(off);
  });

  it('have one weight until the text encoder gets its own', () => {
    const together = changeLora(two, 'cats', { unetWeight: 0.6 });
    expect(together.options.loras[0]).toEqual({ id: 'cats', unetWeight: 0.6, textWeight: 0.6 });
    const apart = changeLora(together, 'cats', { textWeight: 0.2 });
    expect(changeLora(apart, 'cats', { unetWeight: 1 }).options.loras[0]).toEqual({
      id: 'cats',
      unetWeight: 1,
      textWeight: 0.2,
    });
  });

  it('leave nothing behind when they are removed', () => {
    const left = removeLora(switchLora(addLora(emptyCreateDraft, 'cats'), 'cats', false), 'cats');
    expect(left).toEqual(emptyCreateDraft);
  });
});

describe('ControlNets of a draft', () => {
  it('are told apart by their place, also when one before them goes', () => {
    let draft = ['edges', 'edges', 'depth'].reduce(
      (before, id) => addControl(before, id, picture),
      emptyCreateDraft,
    );
    draft = changeControl(switchControl(draft, 1, false), 1, { weight: 0.5 });
    expect(sentOptions(draft).controls.map(({ id }) => id)).toEqual(['edges', 'depth']);
    draft = removeControl(draft, 0);
    expect(draft.options.controls.map(({ weight }) => weight)).toEqual([0.5, 1]);
    expect(sentOptions(draft).controls.map(({ id }) => id)).toEqual(['depth']);
  });
});
