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
import type { Oklab } from './oklab.ts';

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

/** For a position from 0 to 63: the two rows or columns of cells that it belongs to, and how much. */
const cellShares: readonly Share[] = Array.from({ length: analysisSide }, (_, position) => {
  const at = ((position + 0.5) * grid) / analysisSide - 0.5;
  const lower = Math.floor(at);
  return {
    lower: Math.max(0, lower),
    upper: Math.min(grid - 1, lower + 1),
    upperShare: at - lower,
  };
});

/** A place on a circle of bins whose centres lie at k + ½: two neighbours, and how much is the upper's. */
function onCircle(turn: number, count: number): Share {
  const at = turn * count - 0.5;
  const lower = Math.floor(at);
  return { lower: (lower + count) % count, upper: (lower + 1) % count, upperShare: at - lower };
}

function add(values: Float32Array, at: number, amount: number): void {
  values[at] = (values[at] ?? 0) + amount;
}

function addColour(values: Float32Array, cell: number, share: number, colour: Oklab): void {
  add(values, cell * 3, (colour.l - 0.5) * share);
  add(values, cell * 3 + 1, colour.a * share);
  add(values, cell * 3 + 2, colour.b * share);
}

function addEdge(values: Float32Array, cell: number, strength: number, direction: Share): void {
  const start = edgesStart + cell * directions;
  add(values, start + direction.lower, strength * (1 - direction.upperShare));
  add(values, start + direction.upper, strength * direction.upperShare);
}

/** @returns i8 [192]; the caller owns it */
export function describe({ l, a, b }: OklabPlanes): Int8Array {
  const values = new Float32Array(descriptorLength);
  const cellWeight = analysisPixels / cells;

  for (const [y, down] of cellShares.entries()) {
    for (const [x, across] of cellShares.entries()) {
      const pixel = y * analysisSide + x;
      const colour = { l: l[pixel] ?? 0, a: a[pixel] ?? 0, b: b[pixel] ?? 0 };
      // The pixel's share in each of four cells; together 1
      const right = across.upperShare;
      const below = down.upperShare;
      const upperLeft = down.lower * grid + across.lower;
      const upperRight = down.lower * grid + across.upper;
      const lowerLeft = down.upper * grid + across.lower;
      const lowerRight = down.upper * grid + across.upper;
      // 1. Colours by place
      addColour(values, upperLeft, (1 - below) * (1 - right), colour);
      addColour(values, upperRight, (1 - below) * right, colour);
      addColour(values, lowerLeft, below * (1 - right), colour);
      addColour(values, lowerRight, below * right, colour);
      // 2. Colours wherever they are
      const chroma = Math.sqrt(colour.a * colour.a + colour.b * colour.b);
      const coloured = Math.min(1, chroma / colouredFrom);
      const hue = onCircle((Math.atan2(colour.b, colour.a) / (2 * Math.PI) + 1) % 1, hues);
      add(values, histogramStart + hue.lower, coloured * (1 - hue.upperShare));
      add(values, histogramStart + hue.upper, coloured * hue.upperShare);
      const grey = Math.min(greys - 1, Math.floor(colour.l * greys));
      add(values, histogramStart + hues + grey, 1 - coloured);
      // 3. Edges; the outermost pixels have no neighbours to differ from
      if (x === 0 || y === 0 || x === analysisSide - 1 || y === analysisSide - 1) continue;
      const slopeX = (l[pixel + 1] ?? 0) - (l[pixel - 1] ?? 0);
      const slopeY = (l[pixel + analysisSide] ?? 0) - (l[pixel - analysisSide] ?? 0);
      // Not Math.hypot, which takes longer than all the rest.
      const strength = Math.sqrt(slopeX * slopeX + slopeY * slopeY);
      if (strength === 0) continue;
      const direction = onCircle((Math.atan2(slopeY, slopeX) / Math.PI + 1) % 1, directions);
      addEdge(values, upperLeft, strength * (1 - below) * (1 - right), direction);
      addEdge(values, upperRight, strength * (1 - below) * right, direction);
      addEdge(values, lowerLeft, strength * below * (1 - right), direction);
      addEdge(values, lowerRight, strength * below * right, direction);
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
