/** Where the mask editor was left, kept over restarts. */
import { z } from 'zod';
import { ContentHash } from '../../../contract/ids.ts';
import type { CanvasView } from './canvas-view.ts';

export const KeptView = z.object({
  /** The picture that was painted on. */
  picture: ContentHash.nullable(),
  isOpen: z.boolean(),
  /** Null shows the whole picture. */
  view: z.object({ scale: z.number().positive(), x: z.number(), y: z.number() }).nullable(),
});
export type KeptView = z.infer<typeof KeptView>;

export const noKeptView: KeptView = { picture: null, isOpen: false, view: null };

/** The view of a picture; of another one the whole is shown. */
export function viewOf({ picture, view }: KeptView, shown: ContentHash): CanvasView | null {
  return picture === shown ? view : null;
}
