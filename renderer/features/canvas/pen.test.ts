import { describe, expect, it } from 'vitest';
import { defaultCanvasTools, resizeBrush, swapBlend, type CanvasTools } from './canvas-tools.ts';
import { createPaintedMask } from './painted-mask.ts';
import { createPen } from './pen.ts';

function setUp(change: Partial<CanvasTools> = {}) {
  let tools: CanvasTools = { ...defaultCanvasTools, sizePx: 8, hardness: 1, ...change };
  const mask = createPaintedMask(64, 64);
  const pen = createPen(mask, () => tools);
  const level = (x: number, y: number) => mask.levels[y * 64 + x];
  const choose = (next: Partial<CanvasTools>) => (tools = { ...tools, ...next });
  return { mask, pen, level, choose };
}
const at = (x: number, y: number, pressure = 1) => ({ x, y, pressure });

describe('the pen', () => {
  it('draws one stroke that is undone at once, with the tool that it began with', () => {
    const { mask, pen, level, choose } = setUp();
    pen.down(at(10, 10));
    choose({ tool: 'eraser' });
    pen.move(at(30, 10));
    pen.move(at(30, 40));
    pen.up();
    expect([level(20, 10), level(30, 30)]).toEqual([255, 255]);
    mask.undo();
    expect(mask.isEmpty()).toBe(true);
  });

  it('erases what was painted', () => {
    const { pen, level, choose } = setUp({ sizePx: 40 });
    pen.down(at(32, 32));
    pen.up();
    choose({ tool: 'eraser', sizePx: 10 });
    pen.down(at(32, 32));
    pen.up();
    expect([level(32, 32), level(32, 45)]).toEqual([0, 255]);
  });

  it('is thinner the less a pen presses, unless pressure is turned off', () => {
    const width = (change: Partial<CanvasTools>) => {
      const { mask, pen } = setUp({ sizePx: 40, ...change });
      pen.down(at(32, 32, 0.25));
      pen.up();
      return mask.levels.subarray(32 * 64, 33 * 64).filter((level) => level > 127).length;
    };
    expect(width({ usesPressure: true })).toBe(12);
    expect(width({ usesPressure: false })).toBe(40);
  });

  it('fills what a lasso goes around when it is lifted, and takes away when asked to', () => {
    const { pen, level, choose } = setUp({ tool: 'lasso' });
    const around = () => {
      pen.down(at(10, 10));
      for (const [x, y] of [
        [50, 10],
        [50, 50],
        [10, 50],
      ] as const)
        pen.move(at(x, y));
    };
    around();
    expect(pen.outline).toHaveLength(4);
    expect(level(30, 30)).toBe(0);
    pen.up();
    expect(pen.outline).toHaveLength(0);
    expect(level(30, 30)).toBe(255);
    choose(swapBlend({ ...defaultCanvasTools, tool: 'lasso' }));
    around();
    pen.up();
    expect(level(30, 30)).toBe(0);
  });

  it('takes back what is not finished', () => {
    const { mask, pen } = setUp();
    expect(pen.cancel()).toBe(false);
    pen.down(at(10, 10));
    pen.move(at(50, 50));
    expect(pen.cancel()).toBe(true);
    expect(pen.isDown).toBe(false);
    expect(mask.isEmpty()).toBe(true);
  });
});

describe('the tools', () => {
  it('grow and shrink the brush in steps that suit its size, within its limits', () => {
    const sizes = (start: number, direction: 1 | -1) => {
      const { sizePx } = resizeBrush({ ...defaultCanvasTools, sizePx: start }, direction);
      return sizePx;
    };
    expect([sizes(1, 1), sizes(64, 1), sizes(1000, 1)]).toEqual([2, 72, 1024]);
    expect([sizes(1, -1), sizes(2, -1), sizes(72, -1)]).toEqual([1, 1, 64]);
  });

  it('swap brush and eraser', () => {
    const eraser = swapBlend(defaultCanvasTools);
    expect(eraser.tool).toBe('eraser');
    expect(swapBlend(eraser).tool).toBe('brush');
  });
});
