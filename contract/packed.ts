/**
 * Long values as the UTF-8 bytes of their JSON: whoever only passes them on, such as the host between a window and
 * the thread that keeps texts, passes on bytes, and is not held up by millions of small objects.
 */

/** Of JSON; what is shorter goes as it is. */
const mostPlainCharacters = 2 ** 17;

export function pack<T extends object>(value: T): T | Uint8Array<ArrayBuffer> {
  const json = JSON.stringify(value);
  return json.length > mostPlainCharacters ? new TextEncoder().encode(json) : value;
}

/** @returns what the bytes say, to be parsed by a schema @throws {Error} where they are no UTF-8 or no JSON */
export function unpack(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}
