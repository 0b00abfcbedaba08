/**
 * Undo for a mask that is too large to be copied at every stroke.
 *
 * Promises: undo and redo restore every level exactly; only tiles that differ are kept, as packed
 * differences that serve both directions; what is kept stays under a limit, the oldest goes first.
 */
import type { Coverage } from './coverage.ts';
import { emptyRect, joinRects, type Rect } from './rect.ts';
import { packRuns, unpackRuns } from './run-lengths.ts';

const tileSidePx = 256;

export interface MaskHistory {
  /** Before levels in `rect` are changed: keeps how they are. */
  touch(rect: Rect): void;
  /** Ends a step. @returns whether anything differs from how it was */
  commit(): boolean;
  /** Takes back what was changed since the last step. @returns what changed */
  revert(): Rect;
  /** @returns what changed; empty where there is nothing to undo */
  undo(): Rect;
  redo(): Rect;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Bytes of all steps. */
  readonly keptBytes: number;
}

interface Step {
  /** By index of the tile: levels before XOR levels after, packed. */
  readonly tiles: ReadonlyMap<number, Uint8Array>;
  readonly bytes: number;
}

export function createMaskHistory(
  { width, height, levels }: Coverage,
  mostBytes = 64 * 2 ** 20,
): MaskHistory {
  const columns = Math.ceil(width / tileSidePx);
  const before = new Map<number, Uint8Array>();
  const done: Step[] = [];
  let undone: Step[] = [];
  let keptBytes = 0;

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

  /** What was touched, as differences; nothing is touched afterwards. */
  function takeDifferences(): Map<number, Uint8Array> {
    const differences = new Map<number, Uint8Array>();
    for (const [tile, bytes] of before) {
      const after = readTile(tile);
      let differs = false;
      for (let index = 0; index < bytes.length; index += 1) {
        const difference = (bytes[index] ?? 0) ^ (after[index] ?? 0);
        bytes[index] = difference;
        differs ||= difference !== 0;
      }
      if (differs) differences.set(tile, bytes);
    }
    before.clear();
    return differences;
  }

  return {
    touch({ left, top, right, bottom }) {
      for (let row = Math.floor(top / tileSidePx); row * tileSidePx < bottom; row += 1) {
        for (let column = Math.floor(left / tileSidePx); column * tileSidePx < right; column += 1) {
          const tile = row * columns + column;
          if (!before.has(tile)) before.set(tile, readTile(tile));
        }
      }
    },
    commit() {
      const differences = takeDifferences();
      if (differences.size === 0) return false;
      const tiles = new Map([...differences].map(([tile, bytes]) => [tile, packRuns(bytes)]));
      const bytes = [...tiles.values()].reduce((sum, { length }) => sum + length, 0);
      keptBytes += bytes - undone.reduce((sum, step) => sum + step.bytes, 0);
      undone = [];
      done.push({ tiles, bytes });
      // The last step can always be undone, however large it is.
      while (keptBytes > mostBytes && done.length > 1) keptBytes -= done.shift()?.bytes ?? 0;
      return true;
    },
    revert() {
      let changed = emptyRect;
      for (const [tile, difference] of takeDifferences()) {
        flipTile(tile, difference);
        changed = joinRects(changed, tileRect(tile));
      }
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
  };
}
