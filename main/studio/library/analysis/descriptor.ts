/**
 * What a picture looks like, as 192 small numbers whose squared distance says how alike two are.
 *
 * | from | numbers | what |
 * |---|---|---|
 * | 0 | 48 | mean L, a, b of 4 × 4 overlapping cells: where which colour is |
 * | 48 | 16 | how much of the picture has which colour: 12 hues, 4 greys |
 * | 64 | 128 | edges of 8 directions in each cell |
 *
 * Colours come first, because they tell most pairs apart after a quarter of the work. Cells and
 * directions are shared out smoothly and symmetrically: a crop moves little, and the descriptor of
 * the mirrored picture is the same numbers in another order.
 * Source of the edges: N. Dalal, B. Triggs, "Histograms of Oriented Gradients for Human Detection",
 * 2005, with one normalisation for the whole picture instead of blocks.
 */
import { analysisPixels, analysisSide, type OklabPlanes } from './analysis-pixels.ts';

const grid = 4;
const cells = grid * grid;
const hues = 12;
const greys = 4;
const directions = 8;
const histogramStart = cells * 3;
const edgesStart = histogramStart + hues + greys;
export const descriptorLength = edgesStart + cells * directions;

/** What each part weighs in a distance; found on captioned pictures, see docs/decisions/0035. */
const lightnessScale = 85;
const chromaScale = 340;
const histogramScale = 104;
const edgeScale = 160;
/** Chroma at which a pixel counts as wholly coloured. */
const colouredFrom = 0.08;
/** Edges stronger than this share of all do not drown the rest. */
const edgeCap = 0.3;

interface Share {
  readonly lower: number;
  readonly upper: number;
  readonly upperShare: number;
}

/** For a position from 0 to 63: the two cells that it belongs to, and how much. */
const cellShares: readonly Share[] = Array.from({ length: analysisSide }, (_, position) => {
  const at = ((position + 0.5) * grid) / analysisSide - 0.5;
  const lower = Math.floor(at);
  return {
    lower: Math.max(0, lower),
    upper: Math.min(grid - 1, lower + 1),
    upperShare: at - lower,
  };
});

/** Adds to the two neighbours on a circle of bins whose centres lie at k + ½. */
function addOnCircle(
  bins: Float32Array,
  start: number,
  count: number,
  turn: number,
  amount: number,
): void {
  const at = turn * count - 0.5;
  const lower = Math.floor(at);
  const upperShare = at - lower;
  const lowerBin = start + ((lower + count) % count);
  const upperBin = start + ((lower + 1) % count);
  bins[lowerBin] = (bins[lowerBin] ?? 0) + amount * (1 - upperShare);
  bins[upperBin] = (bins[upperBin] ?? 0) + amount * upperShare;
}

/** Calls with each of the up to four cells of a pixel and the pixel's share in it; shares sum to 1. */
function forCellsOf(x: number, y: number, add: (cell: number, share: number) => void): void {
  const across = cellShares[x];
  const down = cellShares[y];
  if (!across || !down) return;
  const right = across.upperShare;
  const below = down.upperShare;
  add(down.lower * grid + across.lower, (1 - below) * (1 - right));
  add(down.lower * grid + across.upper, (1 - below) * right);
  add(down.upper * grid + across.lower, below * (1 - right));
  add(down.upper * grid + across.upper, below * right);
}

/** @returns i8 [192]; the caller owns it */
export function describe({ l, a, b }: OklabPlanes): Int8Array {
  const values = new Float32Array(descriptorLength);
  const cellWeight = analysisPixels / cells;

  for (let y = 0; y < analysisSide; y += 1) {
    for (let x = 0; x < analysisSide; x += 1) {
      const pixel = y * analysisSide + x;
      const lightness = l[pixel] ?? 0;
      const red = a[pixel] ?? 0;
      const yellow = b[pixel] ?? 0;
      // 1. Colours by place
      forCellsOf(x, y, (cell, share) => {
        const at = cell * 3;
        values[at] = (values[at] ?? 0) + (lightness - 0.5) * share;
        values[at + 1] = (values[at + 1] ?? 0) + red * share;
        values[at + 2] = (values[at + 2] ?? 0) + yellow * share;
      });
      // 2. Colours wherever they are
      const coloured = Math.min(1, Math.hypot(red, yellow) / colouredFrom);
      addOnCircle(
        values,
        histogramStart,
        hues,
        (Math.atan2(yellow, red) / (2 * Math.PI) + 1) % 1,
        coloured,
      );
      const grey = Math.min(greys - 1, Math.floor(lightness * greys));
      const greyBin = histogramStart + hues + grey;
      values[greyBin] = (values[greyBin] ?? 0) + (1 - coloured);
      // 3. Edges; the outermost pixels have no neighbours to differ from
      if (x === 0 || y === 0 || x === analysisSide - 1 || y === analysisSide - 1) continue;
      const slopeX = (l[pixel + 1] ?? 0) - (l[pixel - 1] ?? 0);
      const slopeY = (l[pixel + analysisSide] ?? 0) - (l[pixel - analysisSide] ?? 0);
      const strength = Math.hypot(slopeX, slopeY);
      if (strength === 0) continue;
      const turn = (Math.atan2(slopeY, slopeX) / Math.PI + 1) % 1;
      forCellsOf(x, y, (cell, share) =>
        addOnCircle(values, edgesStart + cell * directions, directions, turn, strength * share),
      );
    }
  }

  for (let at = 0; at < histogramStart; at += 1)
    values[at] = ((values[at] ?? 0) / cellWeight) * (at % 3 === 0 ? lightnessScale : chromaScale);
  // Square roots let small shares count: the distance becomes Hellinger's.
  for (let at = histogramStart; at < edgesStart; at += 1)
    values[at] = Math.sqrt((values[at] ?? 0) / analysisPixels) * histogramScale;
  normaliseEdges(values.subarray(edgesStart));
  return Int8Array.from(values, (value) => Math.max(-127, Math.min(127, Math.round(value))));
}

function normaliseEdges(edges: Float32Array): void {
  // A blank picture's noise is not to be blown up to edges.
  const faint = 4;
  const first = Math.hypot(...edges, faint);
  for (const [at, value] of edges.entries()) edges[at] = Math.min(edgeCap, value / first);
  const second = Math.hypot(...edges, faint / first);
  for (const [at, value] of edges.entries()) edges[at] = (value / second) * edgeScale;
}

/** Where each number comes from when a picture is mirrored left to right. */
const mirroredFrom = Uint8Array.from({ length: descriptorLength }, (_, at) => {
  if (at < histogramStart) {
    const cell = Math.floor(at / 3);
    return mirroredCell(cell) * 3 + (at % 3);
  }
  if (at < edgesStart) return at;
  const cell = Math.floor((at - edgesStart) / directions);
  const direction = (at - edgesStart) % directions;
  return edgesStart + mirroredCell(cell) * directions + (directions - 1 - direction);
});

function mirroredCell(cell: number): number {
  return cell - (cell % grid) + (grid - 1 - (cell % grid));
}

/** The descriptor of the same picture mirrored left to right. @returns i8 [192]; the caller owns it */
export function mirroredDescriptor(descriptor: Int8Array): Int8Array {
  return Int8Array.from(mirroredFrom, (from) => descriptor[from] ?? 0);
}

/** @returns the squared distance, 0 for the same; both i8 [192] */
export function descriptorDistance(one: Int8Array, other: Int8Array): number {
  let sum = 0;
  for (let at = 0; at < descriptorLength; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    sum += difference * difference;
  }
  return sum;
}
