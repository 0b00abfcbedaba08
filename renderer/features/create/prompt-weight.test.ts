import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nudgeWeight } from './prompt-weight.ts';

/** `[` and `]` mark the selection, `|` the caret. */
function press(marked: string, ...directions: readonly (1 | -1)[]): string | null {
  let start = marked.search(/[[|]/);
  const plain = marked.replace(/[[|]/, '');
  let end = marked.includes('|') ? start : plain.indexOf(']');
  let text = plain.replace(']', '');
  for (const direction of directions) {
    const nudge = nudgeWeight(text, start, end, direction);
    if (!nudge) return null;
    text = text.slice(0, nudge.start) + nudge.text + text.slice(nudge.end);
    start = nudge.selectStart;
    end = nudge.selectEnd;
  }
  return `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;
}

describe('the weight keys', () => {
  it('wrap the word at the caret, and go on with it', () => {
    expect(press('a red| apple', 1)).toBe('a ([red]:1.05) apple');
    expect(press('a |red apple', 1, 1, 1)).toBe('a ([red]:1.15) apple');
    expect(press('a r|ed apple', -1, -1)).toBe('a ([red]:0.9) apple');
    expect(press('ein Wölf|chen', 1)).toBe('ein ([Wölfchen]:1.05)');
  });

  it('unwrap at 1, from above and from below', () => {
    expect(press('a red| apple', 1, -1)).toBe('a [red] apple');
    expect(press('a ([red apple]:0.95)', 1)).toBe('a [red apple]');
  });

  it('weigh a selection without the blanks at its ends', () => {
    expect(press('a[ red apple ]on', 1)).toBe('a ([red apple]:1.05) on');
  });

  it('change brackets that are there: around the caret, or all of whose words are selected', () => {
    expect(press('(a red| apple:1.2), b', 1)).toBe('([a red apple]:1.25), b');
    expect(press('(a [red] apple:1.2)', 1)).toBe('(a ([red]:1.05) apple:1.2)');
    expect(press('[(red:1.2)] apple', -1)).toBe('([red]:1.15) apple');
    expect(press('(red|)', -1)).toBe('([red]:1.05)');
    expect(press('((red|:1.3) apple:1.1)', 1)).toBe('(([red]:1.35) apple:1.1)');
    expect(press('\\(re|d\\)', 1)).toBe('\\(([red]:1.05)\\)');
  });

  it('change the weight of a LoRA, and keep that of its text encoder', () => {
    expect(press('a <lora:cats|:0.8>', 1)).toBe('a <lora:cats:0.85[]>');
    expect(press('a <lora:ca|ts>', -1, -1)).toBe('a <lora:cats:0.9[]>');
    expect(press('a <lora:cats:0.05:0.5>|', -1, -1)).toBe('a <lora:cats:-0.05:0.5[]>');
    expect(press('<lora:cats:te=0.5:unet=1|>', 1)).toBe('<lora:cats:te=0.5:unet=1.05[]>');
  });

  it('leave alone what cannot be weighed', () => {
    expect(press('a | , b', 1)).toBeNull();
    expect(press('[a (red] apple)', 1)).toBeNull();
    expect(press('|', 1)).toBeNull();
  });

  it('stay between 0 and 10', () => {
    expect(press('(red|:0.02)', -1)).toBe('([red]:0)');
    expect(press('(red|:9.98)', 1)).toBe('([red]:10)');
  });

  it('undo each other on any words', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ,]{1,20}$/), fc.nat(20), (text, at) => {
        const caret = Math.min(at, text.length);
        const up = nudgeWeight(text, caret, caret, 1);
        if (!up) return;
        const raised = text.slice(0, up.start) + up.text + text.slice(up.end);
        const down = nudgeWeight(raised, up.selectStart, up.selectEnd, -1);
        expect(down && raised.slice(0, down.start) + down.text + raised.slice(down.end)).toBe(text);
      }),
    );
  });
});
