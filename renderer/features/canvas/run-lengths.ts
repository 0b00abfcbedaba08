/** Bytes as runs: a mask's changes are long stretches of one value. Format of PackBits. */

const longestLiteral = 128;
const longestRepeat = 129;

/** @returns at most 1/128 longer than what was given; the caller owns it */
export function packRuns(bytes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(bytes.length + Math.ceil(bytes.length / longestLiteral));
  let end = 0;
  let literalStart = 0;
  const flush = (until: number) => {
    for (let start = literalStart; start < until; start += longestLiteral) {
      const count = Math.min(longestLiteral, until - start);
      packed[end] = count - 1;
      packed.set(bytes.subarray(start, start + count), end + 1);
      end += count + 1;
    }
  };
  for (let index = 0; index < bytes.length;) {
    let length = 1;
    while (length < longestRepeat && bytes[index + length] === bytes[index]) length += 1;
    // Two equal bytes among others are cheaper as they stand.
    if (length > 2) {
      flush(index);
      packed[end] = length + 126;
      packed[end + 1] = bytes[index] ?? 0;
      end += 2;
      literalStart = index + length;
    }
    index += length;
  }
  flush(bytes.length);
  return packed.slice(0, end);
}

/** @param length of what was packed */
export function unpackRuns(packed: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let end = 0;
  for (let index = 0; index < packed.length;) {
    const control = packed[index] ?? 0;
    if (control < longestLiteral) {
      bytes.set(packed.subarray(index + 1, index + control + 2), end);
      end += control + 1;
      index += control + 2;
    } else {
      bytes.fill(packed[index + 1] ?? 0, end, end + control - 126);
      end += control - 126;
      index += 2;
    }
  }
  return bytes;
}
