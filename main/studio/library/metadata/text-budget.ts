/**
 * How much text is read out of one file, however many pieces it lies in.
 *
 * Promises: no text is made before it is known to fit; a packed text is never unpacked further than that.
 */
import { inflateSync } from 'node:zlib';

/** Bytes of text of one file. The longest that programs write, graphs with everything in them, have a few million. */
export const maxTextBytes = 8 * 2 ** 20;
/** Of one packed text: unpacking holds it twice for a moment. */
const maxInflatedBytes = 2 ** 22;
/** One that cannot be unpacked may have cost as much as all the others together. */
const maxFailures = 2;

export interface TextBudget {
  /** @returns false if that many bytes more are too many; they are then not counted */
  take(sizeBytes: number): boolean;
  /** @returns null for what is damaged or too long when unpacked */
  inflate(packed: Uint8Array): Uint8Array | null;
}

export function createTextBudget(): TextBudget {
  let left = maxTextBytes;
  let failures = 0;
  return {
    take(sizeBytes) {
      if (sizeBytes > left) return false;
      left -= sizeBytes;
      return true;
    },
    inflate(packed) {
      if (left === 0 || failures === maxFailures) return null;
      try {
        const text = inflateSync(packed, { maxOutputLength: Math.min(left, maxInflatedBytes) });
        left -= text.length;
        return text;
      } catch {
        // Damaged or a decompression bomb: this text is not readable, the rest of the file may be.
        failures += 1;
        return null;
      }
    },
  };
}
