/** How the gallery is arranged and what was used in it last: kept over restarts. */
import { z } from 'zod';
import { FacetField } from '../../../contract/images.ts';

export const slideSeconds = { min: 1, max: 30 } as const;

export const GalleryView = z.object({
  /** Null until somebody decided: small windows then start without. */
  showsFacets: z.boolean().nullable(),
  showsDetails: z.boolean().nullable(),
  facetsWidth: z.number(),
  openFacets: z.array(FacetField),
  /** Goes on to the next picture when one was rated or flagged. */
  advances: z.boolean(),
  recentSearches: z.array(z.string()),
  recentTags: z.array(z.string()),
  slideshow: z.object({ seconds: z.number(), shuffles: z.boolean() }),
});
export type GalleryView = z.infer<typeof GalleryView>;

export const defaultGalleryView: GalleryView = {
  showsFacets: null,
  showsDetails: null,
  facetsWidth: 216,
  openFacets: ['rating', 'flag', 'label', 'model', 'tag'],
  advances: false,
  recentSearches: [],
  recentTags: [],
  slideshow: { seconds: 4, shuffles: false },
};

const mostRecent = 12;

/** @returns the list with a text at its head, once */
export function withRecent(recent: readonly string[], text: string): string[] {
  return [text, ...recent.filter((other) => other !== text)].slice(0, mostRecent);
}
