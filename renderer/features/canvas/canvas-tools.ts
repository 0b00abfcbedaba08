/** What the mask is painted with. Kept over restarts; every change is pure. */
import { z } from 'zod';
import type { PenPoint } from './pen.ts';

export const toolNames = ['brush', 'eraser', 'lasso', 'fill'] as const;
export type ToolName = (typeof toolNames)[number];

export const brushSizes = { min: 1, max: 1024 } as const;

export const CanvasTools = z.object({
  tool: z.enum(toolNames),
  /** Diameter of brush and eraser, pixels of the picture. */
  sizePx: z.number().min(brushSizes.min).max(brushSizes.max),
  /** Share of the radius that is covered fully. */
  hardness: z.number().min(0).max(1),
  /** Whether a pen's pressure sets the size. */
  usesPressure: z.boolean(),
  lassoBlend: z.enum(['add', 'subtract']),
  fillRule: z.enum(['nonzero', 'evenodd']),
  fillBy: z.enum(['mask', 'colour']),
  /** Farthest that a channel of a similar colour may be, 0 … 255. */
  tolerance: z.number().min(0).max(255),
  /** Standard deviation of the softened edge, pixels. */
  featherPx: z.number().min(1).max(256),
});
export type CanvasTools = z.infer<typeof CanvasTools>;

export const defaultCanvasTools: CanvasTools = {
  tool: 'brush',
  sizePx: 64,
  hardness: 0.8,
  usesPressure: true,
  lassoBlend: 'add',
  fillRule: 'nonzero',
  fillBy: 'mask',
  tolerance: 24,
  featherPx: 8,
};

/** Larger or smaller by about an eighth, at least by a pixel. */
export function resizeBrush(tools: CanvasTools, direction: 1 | -1): CanvasTools {
  const next = Math.round(tools.sizePx * (direction === 1 ? 1.125 : 1 / 1.125));
  const sizePx = next === tools.sizePx ? next + direction : next;
  return { ...tools, sizePx: Math.min(brushSizes.max, Math.max(brushSizes.min, sizePx)) };
}

/** Brush and eraser change places; a lasso adds or takes away. */
export function swapBlend(tools: CanvasTools): CanvasTools {
  if (tools.tool === 'lasso')
    return { ...tools, lassoBlend: tools.lassoBlend === 'add' ? 'subtract' : 'add' };
  return { ...tools, tool: tools.tool === 'brush' ? 'eraser' : 'brush' };
}

/** A pen that barely touches still leaves a line. */
const leastPressedShare = 0.1;

export function brushRadius({ sizePx, usesPressure }: CanvasTools, { pressure }: PenPoint): number {
  const share = usesPressure ? leastPressedShare + (1 - leastPressedShare) * pressure : 1;
  return (sizePx / 2) * share;
}
