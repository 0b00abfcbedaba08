/** The sizes that small copies of pictures come in, and which of them a place in the window needs. */

/** Pixels of the longer edge, smallest first. */
export const thumbnailSizes = [192, 384, 768] as const;
export type ThumbnailSize = (typeof thumbnailSizes)[number];

/** What an address without a size means. */
export const defaultThumbnailSize: ThumbnailSize = 384;

/** @param devicePixels of the longer edge on the screen: CSS pixels × device pixel ratio */
export function thumbnailSizeFor(devicePixels: number): ThumbnailSize {
  return thumbnailSizes.find((size) => size >= devicePixels) ?? 768;
}

/** @param thumbnailUrl as in `ImageSummary` @returns the address of the same picture in another size */
export function thumbnailUrlOf(thumbnailUrl: string, size: ThumbnailSize): string {
  return `${thumbnailUrl}/${size}`;
}
