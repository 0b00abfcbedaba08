/** Many picture ids in little memory: 16 bytes each, as `images.index` has them. */

const idBytes = 16;

export function idCount(packed: Uint8Array): number {
  return packed.length / idBytes;
}

export function idAt(packed: Uint8Array, index: number): string {
  const hex = Buffer.from(packed.buffer, packed.byteOffset + index * idBytes, idBytes).toString(
    'hex',
  );
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Each id once, where it stands first. */
export function packIds(ids: readonly string[]): Uint8Array {
  return Buffer.from([...new Set(ids)].join('').replaceAll('-', ''), 'hex');
}
