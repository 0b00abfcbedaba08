/**
 * Undo for a mask that is too large to be copied at every stroke.
 *
 * Promises: undo and redo restore every level exactly; only tiles that differ are kept, as packed
 * differences that serve both directions; what is kept stays under a limit, the oldest goes first.
 */
import type { Coverage } from './coverage.ts';
import { emptyRect, joinRects, type Rect } from './rect.ts';
import { packRuns, unpackRuns } from './run-lengths.ts';
import { finish, type Sliced } from './slices.ts';

const tileSidePx = 256;

export interface MaskHistory {
  /** Before levels in `rect` are changed: keeps how they are. */
  touch(rect: Rect): void;
  touchSliced(rect: Rect): Sliced;
  /** Ends a step. @returns whether anything differs from how it was */
  commit(): boolean;
  /** Until it is done everything can still be taken back. */
  commitSliced(): Sliced<boolean>;
  /** Takes back what was changed since the last step. @returns what changed */
  revert(): Rect;
  /** @returns what changed; empty where there is nothing to undo */
  undo(): Rect;
  redo(): Rect;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Bytes of all steps. */
  readonly keptBytes: number;
  /** The newest steps that fit into so many bytes; the oldest undone ones go first. */
  steps(mostBytes: number): KeptSteps;
}

/** Steps that can be undone, oldest first, and those that were, in the order of undoing. */
export interface KeptSteps {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

export interface Step {
  /** By index of the tile: levels before XOR levels after, packed. */
  readonly tiles: ReadonlyMap<number, Uint8Array>;
  readonly bytes: number;
}

export function createMaskHistory(
  { width, height, levels }: Coverage,
  mostBytes = 64 * 2 ** 20,
  kept: KeptSteps = { done: [], undone: [] },
): MaskHistory {
  const columns = Math.ceil(width / tileSidePx);
  const before = new Map<number, Uint8Array>();
  const done: Step[] = [...kept.done];
  let undone: Step[] = [...kept.undone];
  let keptBytes = [...done, ...undone].reduce((sum, { bytes }) => sum + bytes, 0);

  function tileRect(tile: number): Rect {
    const left = (tile % columns) * tileSidePx;
    const top = Math.floor(tile / columns) * tileSidePx;
    const [right, bottom] = [left + tileSidePx, top + tileSidePx];
    return { left, top, right: Math.min(width, right), bottom: Math.min(height, bottom) };
  }

  function readTile(tile: number): Uint8Array {
    const { left, top, right, bottom } = tileRect(tile);
    const bytes = new Uint8Array((right - left) * (bottom - top));
    for (let y = top; y < bottom; y += 1)
      bytes.set(levels.subarray(y * width + left, y * width + right), (y - top) * (right - left));
    return bytes;
  }

  function flipTile(tile: number, difference: Uint8Array): void {
    const { left, top, right, bottom } = tileRect(tile);
    let from = 0;
    for (let y = top; y < bottom; y += 1) {
      for (let index = y * width + left; index < y * width + right; index += 1) {
        levels[index] = (levels[index] ?? 0) ^ (difference[from] ?? 0);
        from += 1;
      }
    }
  }

  function flip({ tiles }: Step): Rect {
    let changed = emptyRect;
    for (const [tile, packed] of tiles) {
      const rect = tileRect(tile);
      flipTile(tile, unpackRuns(packed, (rect.right - rect.left) * (rect.bottom - rect.top)));
      changed = joinRects(changed, rect);
    }
    return changed;
  }

  /** Levels before XOR levels now; null where they are the same. */
  function differenceOf(tile: number, bytes: Uint8Array): Uint8Array | null {
    const difference = readTile(tile);
    let differs = false;
    for (let index = 0; index < bytes.length; index += 1) {
      const bits = (bytes[index] ?? 0) ^ (difference[index] ?? 0);
      difference[index] = bits;
      if (bits !== 0) differs = true;
    }
    return differs ? difference : null;
  }

  function* touchSliced({ left, top, right, bottom }: Rect): Sliced {
    for (let row = Math.floor(top / tileSidePx); row * tileSidePx < bottom; row += 1) {
      for (let column = Math.floor(left / tileSidePx); column * tileSidePx < right; column += 1) {
        const tile = row * columns + column;
        if (!before.has(tile)) before.set(tile, readTile(tile));
      }
      yield (row * tileSidePx - top) / (bottom - top);
    }
  }

  function* commitSliced(): Sliced<boolean> {
    const tiles = new Map<number, Uint8Array>();
    let seen = 0;
    for (const [tile, bytes] of before) {
      const difference = differenceOf(tile, bytes);
      if (difference) tiles.set(tile, packRuns(difference));
      seen += 1;
      yield seen / before.size;
    }
    before.clear();
    if (tiles.size === 0) return false;
    const bytes = [...tiles.values()].reduce((sum, { length }) => sum + length, 0);
    keptBytes += bytes - undone.reduce((sum, step) => sum + step.bytes, 0);
    undone = [];
    done.push({ tiles, bytes });
    // The last step can always be undone, however large it is.
    while (keptBytes > mostBytes && done.length > 1) keptBytes -= done.shift()?.bytes ?? 0;
    return true;
  }

  return {
    touch: (rect) => finish(touchSliced(rect)),
    touchSliced,
    commit: () => finish(commitSliced()),
    commitSliced,
    revert() {
      let changed = emptyRect;
      for (const [tile, bytes] of before) {
        const difference = differenceOf(tile, bytes);
        if (!difference) continue;
        flipTile(tile, difference);
        changed = joinRects(changed, tileRect(tile));
      }
      before.clear();
      return changed;
    },
    undo() {
      const step = done.pop();
      if (!step) return emptyRect;
      undone.push(step);
      return flip(step);
    },
    redo() {
      const step = undone.pop();
      if (!step) return emptyRect;
      done.push(step);
      return flip(step);
    },
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
    get keptBytes() {
      return keptBytes;
    },
    steps(limit) {
      let left = limit;
      const fits = ({ bytes }: Step) => (left -= bytes) >= 0;
      // The last of each list is the next to be undone or made again.
      const newest = (steps: readonly Step[]) => {
        const start = steps.findLastIndex((step) => !fits(step));
        return steps.slice(start + 1);
      };
      return { done: newest(done), undone: newest(undone) };
    },
  };
}
