/** Where the window was, brought back onto a screen that is there now. Pure but for the file. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileDurably } from '../studio/durable-file.ts';

const Bounds = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
});
/** In device-independent pixels, as Electron has them. */
export type Bounds = z.infer<typeof Bounds>;

const WindowState = z.object({ bounds: Bounds.nullable(), maximised: z.boolean() });
export type WindowState = z.infer<typeof WindowState>;

export const minimumSize = { width: 960, height: 640 } as const;
const defaultSize = { width: 1440, height: 900 } as const;
/** So much of the title bar must be on a screen for a hand to find it. */
const visiblePixels = 80;

/** A missing or damaged file gives the default. */
export async function readWindowState(file: string): Promise<WindowState> {
  try {
    return WindowState.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return { bounds: null, maximised: false };
  }
}

export async function writeWindowState(file: string, state: WindowState): Promise<void> {
  await writeFileDurably(file, JSON.stringify(state));
}

/**
 * @param saved where the window was; null at the first start
 * @param workAreas the usable part of every screen, the main one first; at least one
 * @returns bounds that fit a screen; unchanged where they do already
 */
export function boundsOnScreen(saved: Bounds | null, workAreas: readonly Bounds[]): Bounds {
  const main = workAreas[0];
  if (!main) throw new RangeError('There is no screen.');
  const home = saved && workAreas.find((area) => showsTitleBar(saved, area));
  if (saved && home) {
    return {
      ...saved,
      width: clampSize(saved.width, minimumSize.width, home.width),
      height: clampSize(saved.height, minimumSize.height, home.height),
    };
  }
  const width = clampSize(saved?.width ?? defaultSize.width, minimumSize.width, main.width);
  const height = clampSize(saved?.height ?? defaultSize.height, minimumSize.height, main.height);
  return {
    x: main.x + Math.round((main.width - width) / 2),
    y: main.y + Math.round((main.height - height) / 2),
    width,
    height,
  };
}

function showsTitleBar({ x, y, width }: Bounds, area: Bounds): boolean {
  const overlap = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return overlap >= visiblePixels && y >= area.y - 1 && y <= area.y + area.height - visiblePixels;
}

function clampSize(size: number, minimum: number, available: number): number {
  return Math.max(minimum, Math.min(size, available));
}
