/** What is taken out of a picture file before anybody asks what it means. */

export const fileFormats = ['png', 'jpeg', 'webp', 'avif', 'gif', 'tiff'] as const;
export type FileFormat = (typeof fileFormats)[number];

/** A text exactly as it was found. */
export interface RawText {
  /** Such as `png:parameters`, `exif:UserComment`, `xmp`, `gif:comment`, `stealth:alpha`. */
  readonly place: string;
  readonly text: string;
}

export interface Container {
  readonly format: FileFormat;
  /** Pixels, as the header claims; null where it does not tell. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Texts of the format itself: neither EXIF nor XMP. */
  readonly texts: readonly RawText[];
  /** Directories of TIFF, without what formats put before them. */
  readonly exif: Uint8Array | null;
  /** XMP packets; more than one where JPEG had to part them. */
  readonly xmp: readonly Uint8Array[];
  /** What was refused or is damaged, in sentences for people. */
  readonly problems: readonly string[];
}
