/** Where the pictures of a lineage stand: one column a generation, what belongs together near each other. Pure. */
import type { Lineage, lineageKinds } from '../../../contract/images.ts';

export type LineageEdge = Lineage['edges'][number];
type LineageNode = Lineage['nodes'][number];

export interface PlacedNode {
  readonly node: LineageNode;
  readonly column: number;
  /** Within its column, from 0. */
  readonly row: number;
}

export interface LineageLayout {
  readonly placed: readonly PlacedNode[];
  readonly columns: number;
  readonly rows: number;
}

/** Nodes go near the middle of those they came from, in the order in which those stand. */
export function lineageLayout({ nodes, edges }: Pick<Lineage, 'nodes' | 'edges'>): LineageLayout {
  const generations = [...new Set(nodes.map(({ generation }) => generation))].toSorted(
    (a, b) => a - b,
  );
  const rowOf = new Map<string, number>();
  const placed: PlacedNode[] = [];
  let rows = 0;
  for (const [column, generation] of generations.entries()) {
    const own = nodes.filter((node) => node.generation === generation);
    const wish = (node: LineageNode) => {
      const before = edges.flatMap(({ from, to }) =>
        to === node.key ? (rowOf.get(from) ?? []) : [],
      );
      return before.length === 0 ? 0 : before.reduce((sum, row) => sum + row, 0) / before.length;
    };
    const wishes = new Map(own.map((node) => [node.key, wish(node)]));
    const sorted = own.toSorted((a, b) => (wishes.get(a.key) ?? 0) - (wishes.get(b.key) ?? 0));
    let next = 0;
    for (const node of sorted) {
      rowOf.set(node.key, next);
      placed.push({ node, column, row: next });
      next += 1;
    }
    rows = Math.max(rows, next);
  }
  return { placed, columns: generations.length, rows };
}

/** The node that an arrow key goes to. @returns null where there is none */
export function neighbourOf(
  { placed }: LineageLayout,
  edges: readonly LineageEdge[],
  key: string,
  arrow: string,
): string | null {
  const here = placed.find(({ node }) => node.key === key);
  if (!here) return null;
  switch (arrow) {
    case 'ArrowLeft':
      return edges.find(({ to }) => to === key)?.from ?? null;
    case 'ArrowRight':
      return edges.find(({ from }) => from === key)?.to ?? null;
    case 'ArrowUp':
    case 'ArrowDown': {
      const row = here.row + (arrow === 'ArrowDown' ? 1 : -1);
      const found = placed.find((other) => other.column === here.column && other.row === row);
      return found?.node.key ?? null;
    }
    default:
      return null;
  }
}

export const lineageTitles: Readonly<Record<(typeof lineageKinds)[number], string>> = {
  'image-to-image': 'Image to image',
  inpaint: 'Inpainted',
  outpaint: 'Outpainted',
  variation: 'Variation',
  upscale: 'Upscaled',
  branch: 'Branched',
  control: 'Guided by',
  'grid-cell': 'In a grid',
  'same-content': 'Same file',
};
