/**
 * The few colours that a picture is made of, and how near it comes to a colour that is looked for.
 *
 * Promises: the same pixels give the same colours; at most 5, the largest first; shares add up to 1.
 */
import { analysisPixels, type OklabPlanes } from './analysis-pixels.ts';
import type { Oklab } from './oklab.ts';

export interface DominantColour extends Oklab {
  /** Of the picture, 0 to 1. */
  readonly share: number;
}

export const maxColours = 5;
const rounds = 6;
/** Colours nearer than this look like one. */
const mergeWithin = 0.06;
/** Smaller areas are not what a picture is remembered by. */
const smallestShare = 0.02;
/** Pixels are gathered on a grid of this step in OKLab first: far fewer points, the same clusters. */
const step = 0.04;

interface Cluster {
  l: number;
  a: number;
  b: number;
  /** Pixels. */
  weight: number;
}

function squaredDistance(one: Oklab, other: Oklab): number {
  return (one.l - other.l) ** 2 + (one.a - other.a) ** 2 + (one.b - other.b) ** 2;
}

/** Means of the pixels that fall into one step of the grid. */
function gather({ l, a, b }: OklabPlanes): Cluster[] {
  const bins = new Map<number, Cluster>();
  for (let pixel = 0; pixel < analysisPixels; pixel += 1) {
    const colour = { l: l[pixel] ?? 0, a: a[pixel] ?? 0, b: b[pixel] ?? 0 };
    const bin =
      (Math.round(colour.l / step) * 64 + Math.round(colour.a / step) + 32) * 64 +
      Math.round(colour.b / step) +
      32;
    const known = bins.get(bin);
    if (known) addTo(known, { ...colour, weight: 1 });
    else bins.set(bin, { ...colour, weight: 1 });
  }
  return [...bins.values()];
}

function addTo(cluster: Cluster, { l, a, b, weight }: Cluster): void {
  const share = weight / (cluster.weight + weight);
  cluster.l += (l - cluster.l) * share;
  cluster.a += (a - cluster.a) * share;
  cluster.b += (b - cluster.b) * share;
  cluster.weight += weight;
}

function nearestOf(centres: readonly Oklab[], point: Oklab): number {
  let nearest = 0;
  let least = Infinity;
  for (const [at, centre] of centres.entries()) {
    const distance = squaredDistance(centre, point);
    if (distance >= least) continue;
    least = distance;
    nearest = at;
  }
  return nearest;
}

/** The largest first, then always what is both large and far from those taken. */
function firstCentres(points: readonly Cluster[]): Oklab[] {
  const least = points.map(() => Infinity);
  const centres: Oklab[] = [];
  while (centres.length < Math.min(maxColours, points.length)) {
    let best: Cluster | undefined;
    let bestScore = 0;
    for (const [at, point] of points.entries()) {
      const score = point.weight * Math.min(1, least[at] ?? 0);
      if (score <= bestScore) continue;
      bestScore = score;
      best = point;
    }
    if (!best) break;
    const centre = { l: best.l, a: best.a, b: best.b };
    centres.push(centre);
    for (const [at, point] of points.entries())
      least[at] = Math.min(least[at] ?? 0, squaredDistance(point, centre));
  }
  return centres;
}

/** k-means over the gathered colours, from centres that do not depend on chance. */
export function dominantColours(planes: OklabPlanes): DominantColour[] {
  const points = gather(planes);
  let centres = firstCentres(points);
  let clusters: Cluster[] = [];
  for (let round = 0; round < rounds; round += 1) {
    clusters = centres.map(() => ({ l: 0, a: 0, b: 0, weight: 0 }));
    for (const point of points) {
      const cluster = clusters[nearestOf(centres, point)];
      if (cluster) addTo(cluster, point);
    }
    clusters = clusters.filter(({ weight }) => weight > 0);
    centres = clusters;
  }
  const merged: Cluster[] = [];
  for (const cluster of clusters.toSorted((one, other) => other.weight - one.weight)) {
    const same = merged.find((known) => squaredDistance(known, cluster) < mergeWithin ** 2);
    if (same) addTo(same, cluster);
    else merged.push(cluster);
  }
  const kept = merged
    .filter(({ weight }) => weight >= smallestShare * analysisPixels)
    .toSorted((one, other) => other.weight - one.weight);
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  return kept.map(({ l, a, b, weight }) => ({ l, a, b, share: weight / total }));
}

/** What a small share costs: a picture wholly of a near colour comes before one with a speck of the very colour. */
const sharePenalty = 0.08;

/**
 * How far one colour of a picture is from the colour that is looked for.
 * Lightness counts half: a red in shadow is still red.
 */
export function distanceOfColour(
  l: number,
  a: number,
  b: number,
  share: number,
  wanted: Oklab,
): number {
  const apartL = 0.5 * (l - wanted.l);
  const apartA = a - wanted.a;
  const apartB = b - wanted.b;
  const rest = (1 - share) * (1 - share);
  return (
    Math.sqrt(apartL * apartL + apartA * apartA + apartB * apartB) + sharePenalty * rest * rest
  );
}

/**
 * How far a picture is from a colour that is looked for.
 * @returns from 0, where the picture is that colour all over, to about 1; up to `colourWithin` it shows it
 */
export function colourDistance(colours: readonly DominantColour[], wanted: Oklab): number {
  return Math.min(...colours.map(({ l, a, b, share }) => distanceOfColour(l, a, b, share, wanted)));
}

/** Pictures at most this far from a colour are what `colour:` finds. */
export const colourWithin = 0.14;
