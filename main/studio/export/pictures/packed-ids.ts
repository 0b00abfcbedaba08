/** Many picture ids in little memory: 16 bytes each, as `images.index` has them. */

const idBytes = 16;

export function idCount(packed: Uint8Array): number {
  return packed.length / idBytes;
}

/** Each id once, where it stands first. */
export function packIds(ids: readonly string[]): Uint8Array {
  return Buffer.from([...new Set(ids)].join('').replaceAll('-', ''), 'hex');
}
