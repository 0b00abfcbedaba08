/** Where exported files go. */

/** One file of a picture: its name below the target, `/` between folders, and what is in it. */
export interface OutputFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file as it stands in the journal; `size` in bytes, `hash` SHA-256 in hexadecimal. */
export interface PlacedFile {
  readonly name: string;
  readonly size: number;
  readonly hash: string;
  /** Where its content begins in a ZIP, and CRC-32 of it. */
  readonly at?: number | undefined;
  readonly crc?: number | undefined;
}

export interface Target {
  /** Whether something else has one of these names, so that they cannot be given. */
  isTaken(names: readonly string[]): Promise<boolean>;
  /**
   * Puts the files of a picture in their places, all or none: each appears whole.
   * @param note writes down, durably, what is about to appear; called before anything does
   * @throws {StudioError} `conflict` where a name was taken meanwhile and may not be replaced; nothing appeared then
   * @throws what `halting` knows where nothing more can be written
   */
  place(
    index: number,
    files: readonly OutputFile[],
    note: (placed: readonly PlacedFile[]) => Promise<void>,
  ): Promise<readonly PlacedFile[]>;
  /**
   * Whether all that was noted for a picture did appear, and is still there and whole. What there is of it is taken
   * away otherwise, so that the picture can have its names.
   */
  settle(placed: readonly PlacedFile[]): Promise<boolean>;
  /** After the last picture. @returns the path of what there is to see */
  finish(signal: AbortSignal): Promise<string>;
  /** After a cancel: takes away what is of no use to anybody. */
  discard(): Promise<void>;
  /** Gives back what is held open; the rest can go on later. */
  close(): Promise<void>;
}
