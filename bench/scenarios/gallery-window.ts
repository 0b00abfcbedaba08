/** The gallery in the built window over 100,000 pictures: opened, scrolled, jumped through. */
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import sharp from 'sharp';
import { thumbnailSizes } from '../../contract/thumbnail-sizes.ts';
import { browserLaunchOptions } from '../../e2e/fixtures/browser-binary.ts';
import { startLoopbackHost } from '../../e2e/fixtures/host.ts';
import { thumbnailPath } from '../../main/studio/library/thumbnails/thumbnail-files.ts';
import { writeManyPictures } from '../gallery-library.ts';
import { median, type Figure, type Scenario } from '../figure.ts';
import { watchWindow } from '../watched-window.ts';

const pictures = 100_000;
const openings = 5;
const variants = 24;
/** One notch of a wheel. */
const wheelPx = 120;
const wheelSteps = 200;
const jumps = 24;

export const galleryWindow: Scenario = {
  name: 'gallery-window',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-gallery-window-'));
    const folders = { data: path.join(folder, 'data'), library: path.join(folder, 'library') };
    try {
      writeManyPictures(folders.library, pictures);
      await writeThumbnails(path.join(folders.data, 'cache'));
      const host = await startLoopbackHost(folders);
      const browser = await chromium.launch(await browserLaunchOptions());
      try {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
        await page.goto(host.url);
        await page.getByRole('textbox', { name: /^Prompt/ }).waitFor();
        // What the start leaves to be done is not the gallery's.
        await page.waitForTimeout(3000);
        const opened = await openGallery(page);
        return [
          ...opened,
          ...figuresOf('while scrolling', await scroll(page), true),
          ...figuresOf('while jumping anywhere', await jump(page), false),
        ];
      } finally {
        await browser.close();
        await host.stop();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** As the background leaves them: every picture has its copies. A few files stand for all. */
async function writeThumbnails(cacheFolder: string): Promise<void> {
  for (const size of thumbnailSizes) {
    const sources: string[] = [];
    for (let variant = 0; variant < variants; variant += 1) {
      const background = `hsl(${(variant * 360) / variants} 50% 50%)`;
      const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="100%" height="100%" fill="${background}"/><circle cx="50%" cy="40%" r="30%" fill="#222"/></svg>`;
      const file = path.join(cacheFolder, `variant-${size}-${variant}.webp`);
      mkdirSync(cacheFolder, { recursive: true });
      writeFileSync(file, await sharp(Buffer.from(drawing)).webp().toBuffer());
      sources.push(file);
    }
    for (let folder = 0; folder < 256; folder += 1) {
      const of = thumbnailPath(cacheFolder, size, folder.toString(16).padStart(2, '0').repeat(32));
      mkdirSync(path.dirname(of), { recursive: true });
    }
    for (let index = 0; index < pictures; index += 1) {
      const contentHash = index.toString(16).padStart(8, '0').repeat(8);
      linkSync(sources[index % variants] ?? '', thumbnailPath(cacheFolder, size, contentHash));
    }
  }
}

/** The data and, apart from it, the first thumbnails: each time in a window that was just loaded. */
async function openGallery(page: Page): Promise<Figure[]> {
  const laidOut: number[] = [];
  const shown: number[] = [];
  for (let opening = 0; opening < openings; opening += 1) {
    if (opening > 0) {
      await page.reload();
      await page.getByRole('textbox', { name: /^Prompt/ }).waitFor();
      await page.waitForTimeout(1500);
    }
    const times = await page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const until = async (isThere: () => boolean) => {
        while (!isThere()) {
          if (performance.now() - startedAt > 30_000) throw new Error('The gallery did not open.');
          await frame();
        }
        return performance.now() - startedAt;
      };
      const startedAt = performance.now();
      document.querySelector<HTMLElement>('nav button[aria-label="Gallery"]')?.click();
      const cells = () => [...document.querySelectorAll('[role=listbox] [data-place]')];
      const inView = () =>
        cells().filter((cell) => cell.getBoundingClientRect().top < window.innerHeight);
      const laidOut = await until(() => cells().length > 0);
      const shown = await until(() =>
        inView().every((cell) => {
          const image = cell.querySelector('img');
          return image !== null && image.complete && image.naturalWidth > 0;
        }),
      );
      return { laidOut, shown };
    });
    laidOut.push(times.laidOut);
    shown.push(times.shown);
    await page.keyboard.press('ControlOrMeta+1');
  }
  await page.keyboard.press('ControlOrMeta+3');
  return [
    {
      name: `${pictures.toLocaleString('en')} pictures are laid out`,
      value: median(laidOut),
      unit: 'ms',
      limit: 500,
      samples: laidOut,
      note: 'from the press in the rail of a new window to the frame with every place known',
    },
    {
      name: 'all thumbnails in view are there',
      value: median(shown),
      unit: 'ms',
      limit: null,
      samples: shown,
      note: 'from the same press; every picture in view decoded',
    },
  ];
}

interface Watched {
  /** Times between frames, ms. */
  readonly frames: readonly number[];
  /** How long each tile that came into view showed nothing of its picture, ms. */
  readonly blanks: readonly number[];
  /** Tiles in view without their picture and without its colour, summed over all frames. */
  readonly grey: number;
  /** Processor time of each turn of the window's main thread, ms. */
  readonly turns: readonly number[];
}

/** Looks at every frame how long which tiles in view have been without their picture. */
async function watchTiles(page: Page): Promise<{ end(): Promise<Watched> }> {
  const watch = await page.evaluateHandle(() => {
    const frames: number[] = [];
    const blanks: number[] = [];
    let grey = 0;
    const blankSince = new Map<string, number>();
    let last = performance.now();
    let isOver = false;
    const place = document.querySelector('[role=listbox][aria-label=Pictures]');
    const onFrame = (now: number) => {
      frames.push(now - last);
      last = now;
      const { top = 0, bottom = 0 } = place?.getBoundingClientRect() ?? {};
      const seen = new Set<string>();
      for (const cell of place?.querySelectorAll('[data-place]') ?? []) {
        const box = cell.getBoundingClientRect();
        if (box.bottom <= top || box.top >= bottom) continue;
        seen.add(cell.id);
        const image = cell.querySelector('img');
        const isThere = image !== null && image.complete && image.naturalWidth > 0;
        if (!isThere && (cell as HTMLElement).style.backgroundColor === '') grey += 1;
        const since = blankSince.get(cell.id);
        if (!isThere && since === undefined) blankSince.set(cell.id, now);
        if (isThere && since !== undefined) {
          blanks.push(now - since);
          blankSince.delete(cell.id);
        } else if (isThere) blanks.push(0);
      }
      for (const [id, since] of blankSince) {
        if (seen.has(id)) continue;
        // It went out of view while it was blank.
        blanks.push(now - since);
        blankSince.delete(id);
      }
      if (!isOver) requestAnimationFrame(onFrame);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(onFrame);
    });
    return {
      end: () => {
        isOver = true;
        return { frames, blanks, grey };
      },
    };
  });
  const turns = await watchWindow(page);
  return {
    async end() {
      const tiles = await watch.evaluate((watched) => watched.end());
      return { ...tiles, turns: (await turns.end()).turns };
    },
  };
}

/** Down as a quick hand on a wheel goes: about 30 screens, three of them a second. */
async function scroll(page: Page): Promise<Watched> {
  const grid = page.getByRole('listbox', { name: 'Pictures' });
  await grid.hover();
  const watch = await watchTiles(page);
  await grid.evaluate(
    async (element, { steps, pixels }) => {
      for (let step = 0; step < steps; step += 1) {
        // Three frames carry one notch of the wheel.
        for (let part = 0; part < 3; part += 1) {
          element.scrollTop += pixels / 3;
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      }
    },
    { steps: wheelSteps, pixels: wheelPx },
  );
  return watch.end();
}

/** As the scrollbar's thumb is dragged and let go. */
async function jump(page: Page): Promise<Watched> {
  const grid = page.getByRole('listbox', { name: 'Pictures' });
  const watch = await watchTiles(page);
  await grid.evaluate(async (element, jumps) => {
    for (let at = 0; at < jumps; at += 1) {
      element.scrollTop = element.scrollHeight * (((at * 7) % jumps) / jumps);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  }, jumps);
  return watch.end();
}

function figuresOf(
  during: string,
  { frames, blanks, grey, turns }: Watched,
  hasLimits: boolean,
): Figure[] {
  const at = (values: readonly number[], share: number) =>
    values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;
  return [
    {
      name: `frames ${during}, 95th percentile`,
      value: at(frames, 0.95),
      unit: 'ms',
      limit: hasLimits ? 17 : null,
      samples: [at(frames, 0.5), at(frames, 0.95), at(frames, 0.99), at(frames, 1)],
      note: `${frames.length} frames, drawn without a graphics card; samples: median, 95th, 99th percentile, longest`,
    },
    {
      name: `longest turn of the window's own work ${during}`,
      value: at(turns, 1),
      unit: 'ms',
      limit: 17,
      samples: [at(turns, 0.5), at(turns, 0.95), at(turns, 0.99), at(turns, 1)],
      note: 'processor time of its main thread in one turn, looking at every tile in every frame included; samples: median, 95th, 99th percentile, longest',
    },
    {
      name: `longest that a tile in view was blank ${during}`,
      value: at(blanks, 1),
      unit: 'ms',
      limit: hasLimits ? 100 : null,
      samples: [at(blanks, 0.5), at(blanks, 0.95), at(blanks, 0.99), at(blanks, 1)],
      note: `without its picture; until then a tile has its colour; samples: median, 95th, 99th percentile, longest`,
    },
    {
      name: `grey tiles in view ${during}, over all frames`,
      value: grey,
      unit: 'tiles',
      limit: 0,
      samples: [grey],
      note: 'with neither its picture nor its colour',
    },
  ];
}
