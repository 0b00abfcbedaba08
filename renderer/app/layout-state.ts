/** How the window is arranged: kept over restarts. */
import { z } from 'zod';
import { ScreenName } from './screens.ts';

export const LayoutState = z.object({
  screen: ScreenName,
  promptWidth: z.number(),
  inspectorWidth: z.number(),
  writeInspectorWidth: z.number(),
  galleryDetailWidth: z.number(),
  modelListWidth: z.number(),
  /** Wanted height of a row of the gallery, CSS pixels. */
  galleryRowHeight: z.number(),
});
export type LayoutState = z.infer<typeof LayoutState>;

export const defaultLayout: LayoutState = {
  screen: 'create',
  promptWidth: 300,
  inspectorWidth: 272,
  writeInspectorWidth: 272,
  galleryDetailWidth: 312,
  modelListWidth: 320,
  galleryRowHeight: 180,
};
