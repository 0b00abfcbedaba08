import { describe, expect, it } from 'vitest';
import { createMaskHistory } from './mask-history.ts';
import { createPaintedMask } from './painted-mask.ts';
import { wholeOf } from './rect.ts';
import { finish, inSlices } from './slices.ts';
import { packRuns, unpackRuns } from './run-lengths.ts';

const painted = (levels: Uint8Array) => levels.reduce((sum, level) => sum + level, 0) / 255;
const dab = (x: number, y: number, radiusPx: number) => ({ x, y, radiusPx });

describe('a brush stroke', () => {
  it('covers a disc of the brush’s area where it is pressed once', () => {
    const mask = createPaintedMask(64, 64);
    mask.segment(dab(32, 32, 10), dab(32, 32, 10), 1, 'add');
    expect(painted(mask.levels)).toBeCloseTo(Math.PI * 100, 0);
    expect(mask.levels[32 * 64 + 32]).toBe(255);
    expect(mask.levels[32 * 64 + 44]).toBe(0);
  });

  it('leaves no gaps however far apart its points are', () => {
    const mask = createPaintedMask(200, 40);
    mask.segment(dab(20, 20, 5), dab(180, 20, 5), 1, 'add');
    for (let x = 16; x < 184; x += 1) expect(mask.levels[20 * 200 + x]).toBe(255);
    expect(painted(mask.levels)).toBeCloseTo(160 * 10 + Math.PI * 25, 0);
  });

  it('is the same in one piece and in many', () => {
    const whole = createPaintedMask(100, 40);
    whole.segment(dab(10, 20, 6), dab(90, 20, 6), 0.5, 'add');
    const pieces = createPaintedMask(100, 40);
    for (let x = 10; x < 90; x += 5) pieces.segment(dab(x, 20, 6), dab(x + 5, 20, 6), 0.5, 'add');
    expect(pieces.levels).toEqual(whole.levels);
  });

  it('goes from one width to the other with the pressure', () => {
    const mask = createPaintedMask(120, 60);
    mask.segment(dab(20, 30, 4), dab(100, 30, 20), 1, 'add');
    const widthAt = (x: number) =>
      Array.from({ length: 60 }, (_, y) => mask.levels[y * 120 + x] ?? 0).filter((l) => l > 127)
        .length;
    expect(widthAt(20)).toBeLessThan(widthAt(60));
    expect(widthAt(60)).toBeLessThan(widthAt(100));
  });

  it('falls off evenly towards a soft edge', () => {
    const mask = createPaintedMask(64, 64);
    mask.segment(dab(32.5, 32.5, 20), dab(32.5, 32.5, 20), 0, 'add');
    const row = [...mask.levels.subarray(32 * 64 + 32, 32 * 64 + 56)];
    expect(row).toEqual(row.toSorted((a, b) => b - a));
    expect(row.filter((level) => level > 0 && level < 255).length).toBeGreaterThan(15);
  });

  it('takes away what another stroke covered, and may leave the picture', () => {
    const mask = createPaintedMask(32, 32);
    mask.segment(dab(16, 16, 40), dab(16, 16, 40), 1, 'add');
    expect(painted(mask.levels)).toBe(1024);
    mask.segment(dab(-10, -10, 60), dab(50, 50, 60), 1, 'subtract');
    mask.commit();
    expect(mask.isEmpty()).toBe(true);
    mask.segment(dab(-200, 5, 3), dab(-100, 5, 3), 1, 'add');
    mask.commit();
    expect(mask.isEmpty()).toBe(true);
  });
});

describe('a lasso', () => {
  it('covers a rectangle exactly, with shares at fractions of pixels', () => {
    const mask = createPaintedMask(16, 16);
    const outline = [
      { x: 2, y: 3 },
      { x: 6.5, y: 3 },
      { x: 6.5, y: 8 },
      { x: 2, y: 8 },
    ];
    mask.lasso(outline, 'nonzero', 'add');
    expect(painted(mask.levels)).toBeCloseTo(4.5 * 5, 1);
    expect(mask.levels[3 * 16 + 6]).toBe(128);
    mask.lasso(outline, 'nonzero', 'subtract');
    expect(mask.isEmpty()).toBe(true);
  });

  it('leaves the middle of a star free by the even-odd rule and fills it by the nonzero one', () => {
    const star = [0, 2, 4, 1, 3].map((corner) => ({
      x: 32 + 28 * Math.sin((corner * 2 * Math.PI) / 5),
      y: 32 - 28 * Math.cos((corner * 2 * Math.PI) / 5),
    }));
    const holed = createPaintedMask(64, 64);
    holed.lasso(star, 'evenodd', 'add');
    expect(holed.levels[32 * 64 + 32]).toBe(0);
    const full = createPaintedMask(64, 64);
    full.lasso(star, 'nonzero', 'add');
    expect(full.levels[32 * 64 + 32]).toBe(255);
    expect(painted(full.levels)).toBeGreaterThan(painted(holed.levels));
  });

  it('is cut off at the picture’s edges and needs three corners', () => {
    const mask = createPaintedMask(8, 8);
    mask.lasso(
      [
        { x: 1, y: 1 },
        { x: 5, y: 5 },
      ],
      'nonzero',
      'add',
    );
    expect(mask.status.revision).toBe(0);
    const far = [
      { x: -50, y: -50 },
      { x: 50, y: -50 },
      { x: 50, y: 50 },
      { x: -50, y: 50 },
    ];
    mask.lasso(far, 'nonzero', 'add');
    expect(painted(mask.levels)).toBe(64);
  });
});

describe('filling', () => {
  function ring() {
    const mask = createPaintedMask(40, 40);
    const square = [10, 30, 30, 10].map((x, index) => ({ x, y: index < 2 ? 10 : 30 }));
    for (const [index, { x, y }] of square.entries()) {
      const next = square[(index + 1) % 4] ?? { x, y };
      mask.segment(dab(x, y, 2), dab(next.x, next.y, 2), 1, 'add');
    }
    mask.commit();
    return mask;
  }

  it('paints what an outline encloses, without a seam, and nothing outside', () => {
    const mask = ring();
    finish(mask.flood({ x: 20.4, y: 20.9 }, { kind: 'mask' }));
    for (let y = 10; y < 30; y += 1)
      for (let x = 10; x < 30; x += 1) expect(mask.levels[y * 40 + x]).toBeGreaterThan(127);
    expect(mask.levels[0]).toBe(0);
  });

  it('keeps a painted area again', () => {
    const mask = ring();
    finish(mask.flood({ x: 10, y: 20 }, { kind: 'mask' }));
    expect(mask.isEmpty()).toBe(true);
  });

  it('goes by the picture’s colours within a tolerance', () => {
    const mask = createPaintedMask(6, 1);
    const pixels = new Uint8ClampedArray(
      [100, 104, 110, 140, 100, 100].flatMap((grey) => [grey, grey, grey, 255]),
    );
    finish(mask.flood({ x: 0, y: 0 }, { kind: 'colour', pixels, tolerance: 12 }));
    expect([...mask.levels]).toEqual([255, 255, 255, 0, 0, 0]);
  });

  it('does nothing outside the picture', () => {
    const mask = createPaintedMask(4, 4);
    finish(mask.flood({ x: -1, y: 2 }, { kind: 'mask' }));
    finish(mask.flood({ x: 2, y: 4 }, { kind: 'mask' }));
    expect(mask.status.revision).toBe(0);
  });
});

describe('feathering', () => {
  /** What a sampled Gaussian makes of a step at 0. */
  function blurredStep(at: number, sigmaPx: number): number {
    let [sum, total] = [0, 0];
    for (let tap = Math.ceil(-6 * sigmaPx); tap <= 6 * sigmaPx; tap += 1) {
      const weight = Math.exp(-(tap * tap) / (2 * sigmaPx * sigmaPx));
      total += weight;
      if (tap <= at) sum += weight;
    }
    return (255 * sum) / total;
  }

  it.each([1, 3, 12])('follows a Gaussian of %s pixels within three levels', (sigmaPx) => {
    const mask = createPaintedMask(128, 128);
    for (const index of mask.levels.keys()) if (index % 128 >= 64) mask.levels[index] = 255;
    finish(mask.feather(sigmaPx));
    for (let x = 16; x < 112; x += 1) {
      const level = mask.levels[64 * 128 + x] ?? 0;
      expect(Math.abs(level - blurredStep(x - 64, sigmaPx))).toBeLessThanOrEqual(3);
    }
  });

  it('keeps a mask whole at the picture’s edge and softens it all around elsewhere', () => {
    const mask = createPaintedMask(64, 64);
    mask.lasso(
      [
        { x: 0, y: 20 },
        { x: 40, y: 20 },
        { x: 40, y: 44 },
        { x: 0, y: 44 },
      ],
      'nonzero',
      'add',
    );
    finish(mask.feather(3));
    expect(mask.levels[32 * 64]).toBe(255);
    expect(mask.levels[32 * 64 + 40]).toBeGreaterThan(80);
    expect(mask.levels[32 * 64 + 40]).toBeLessThan(176);
    expect(mask.levels[19 * 64 + 20]).toBeGreaterThan(80);
    expect(mask.levels[19 * 64 + 20]).toBeLessThan(176);
  });
});

describe('undo', () => {
  it('restores every level exactly after any mixture of changes, and redo brings it back', () => {
    const [width, height] = [600, 300];
    const mask = createPaintedMask(width, height);
    const changes = [
      () => {
        for (let x = 0; x < 560; x += 40)
          mask.segment(dab(x, 30 + x / 3, 24), dab(x + 40, 43 + x / 3, 24), 0.3, 'add');
        mask.commit();
      },
      () => finish(mask.invert()),
      () => finish(mask.flood({ x: 300, y: 290 }, { kind: 'mask' })),
      () => finish(mask.feather(7)),
      () =>
        mask.lasso(
          [
            { x: 5, y: 5 },
            { x: 580, y: 80 },
            { x: 90, y: 280 },
          ],
          'evenodd',
          'subtract',
        ),
      () => finish(mask.clear()),
    ];
    const states = [mask.levels.slice()];
    for (const change of changes) {
      change();
      states.push(mask.levels.slice());
    }
    expect(mask.status).toEqual({ canUndo: true, canRedo: false, revision: 6 });
    for (const state of states.slice(0, -1).toReversed()) {
      mask.undo();
      expect(Buffer.compare(mask.levels, state)).toBe(0);
    }
    expect(mask.status).toMatchObject({ canUndo: false, canRedo: true });
    for (const state of states.slice(1)) {
      mask.redo();
      expect(Buffer.compare(mask.levels, state)).toBe(0);
    }
  });

  it('takes a stroke that was not finished back as a whole', () => {
    const mask = createPaintedMask(64, 64);
    mask.segment(dab(10, 10, 5), dab(50, 50, 5), 1, 'add');
    mask.segment(dab(50, 50, 5), dab(60, 10, 5), 1, 'add');
    mask.revert();
    expect(mask.isEmpty()).toBe(true);
    expect(mask.status.canUndo).toBe(false);
  });

  it('forgets what was undone once something else is painted', () => {
    const mask = createPaintedMask(16, 16);
    finish(mask.invert());
    mask.undo();
    mask.segment(dab(8, 8, 2), dab(8, 8, 2), 1, 'add');
    mask.commit();
    expect(mask.status.canRedo).toBe(false);
    const painted = mask.levels.slice();
    mask.redo();
    expect(mask.levels).toEqual(painted);
  });

  it('takes no step for a change that changes nothing', () => {
    const mask = createPaintedMask(16, 16);
    finish(mask.clear());
    finish(mask.feather(4));
    expect(mask.status).toEqual({ canUndo: false, canRedo: false, revision: 0 });
  });

  it('lets the oldest steps go when they grow beyond the limit', () => {
    const coverage = { width: 256, height: 256, levels: new Uint8Array(256 * 256) };
    const history = createMaskHistory(coverage, 3 * 1100);
    for (let step = 0; step < 5; step += 1) {
      history.touch(wholeOf(coverage));
      coverage.levels.fill(step + 1);
      history.commit();
    }
    expect(history.keptBytes).toBeLessThanOrEqual(3 * 1100);
    const seen = [];
    while (history.canUndo) {
      history.undo();
      seen.push(coverage.levels[0]);
    }
    expect(seen).toEqual([4, 3, 2]);
  });

  it('packs and unpacks any bytes', () => {
    let state = 1;
    const random = () => (state = (state * 48_271) % 2_147_483_647);
    for (let length = 0; length < 700; length += 13) {
      const runs = Uint8Array.from({ length }, () => (random() % 7 === 0 ? random() % 3 : 0));
      expect(unpackRuns(packRuns(runs), length)).toEqual(runs);
      const noise = Uint8Array.from({ length }, () => random() % 256);
      expect(unpackRuns(packRuns(noise), length)).toEqual(noise);
    }
  });
});

describe('a change in slices', () => {
  const whole = { kind: 'mask' } as const;

  it('tells how far it is, and lets nothing else change the mask meanwhile', async () => {
    const mask = createPaintedMask(2048, 2048);
    const told: number[] = [];
    const { signal } = new AbortController();
    const filling = inSlices(mask.flood({ x: 9, y: 9 }, whole), {
      signal,
      onProgress: (fraction) => told.push(fraction),
    });
    mask.segment(dab(8, 8, 4), dab(8, 8, 4), 1, 'subtract');
    mask.commit();
    mask.undo();
    finish(mask.clear());
    await filling;
    expect(mask.levels.every((level) => level === 255)).toBe(true);
    expect(mask.status.revision).toBe(1);
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  it.each(['flood', 'feather', 'invert', 'clear'] as const)(
    'leaves the mask as it was where %s is called off, at any point',
    (name) => {
      const mask = createPaintedMask(600, 300);
      mask.segment(dab(100, 100, 60), dab(400, 200, 60), 0.5, 'add');
      mask.commit();
      const before = mask.levels.slice();
      const start = () =>
        name === 'flood'
          ? mask.flood({ x: 590, y: 9 }, whole)
          : name === 'feather'
            ? mask.feather(9)
            : mask[name]();
      const slices = [...start()].length;
      mask.undo();
      for (let at = 1; at < slices; at += 1) {
        const work = start();
        for (let step = 0; step < at; step += 1) work.next();
        work.return();
        expect(Buffer.compare(mask.levels, before)).toBe(0);
      }
      expect(mask.status.canUndo).toBe(true);
      mask.undo();
      expect(mask.isEmpty()).toBe(true);
    },
  );

  it('rejects as cancelled', async () => {
    const mask = createPaintedMask(2048, 2048);
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const filling = inSlices(mask.invert(), { signal: controller.signal, onProgress });
    await expect(filling).rejects.toMatchObject({ code: 'cancelled' });
    expect(mask.isEmpty()).toBe(true);
  });
});

describe('a mask of 4096 × 4096 pixels', () => {
  it('is painted, filled, feathered, inverted and undone, and its steps stay small', () => {
    const side = 4096;
    const mask = createPaintedMask(side, side);
    let rects = 0;
    const stop = mask.subscribe(({ left, right }) => {
      rects = Math.max(rects, right - left);
    });
    for (let x = 100; x < 3900; x += 50)
      mask.segment(dab(x, 2048, 80), dab(x + 50, 2060, 80), 0.8, 'add');
    mask.commit();
    // A piece of a stroke is drawn anew, not the picture.
    expect(rects).toBeLessThan(250);
    stop();
    const stroke = mask.levels.slice();
    finish(mask.flood({ x: 10, y: 10 }, { kind: 'mask' }));
    finish(mask.feather(40));
    finish(mask.invert());
    finish(mask.clear());
    for (let step = 0; step < 4; step += 1) mask.undo();
    expect(Buffer.compare(mask.levels, stroke)).toBe(0);
    mask.undo();
    expect(mask.isEmpty()).toBe(true);
  });

  it('keeps a stroke in a hundredth of the mask’s own size', () => {
    const coverage = { width: 4096, height: 4096, levels: new Uint8Array(4096 * 4096) };
    const history = createMaskHistory(coverage);
    history.touch({ left: 1000, top: 1000, right: 2000, bottom: 1100 });
    for (let y = 1000; y < 1100; y += 1)
      coverage.levels.fill(255, y * 4096 + 1000, y * 4096 + 2000);
    expect(history.commit()).toBe(true);
    expect(history.keptBytes).toBeLessThan(4096 * 41);
  });
});
