/**
 * Frames as bytes, for transports that carry bytes only.
 *
 * Layout: u8 version (1) · u32 big-endian length n of the header · n bytes of UTF-8 JSON
 * `{ frame, bytes: [{ path, length }] }` · the byte arrays one after another. In `frame` each byte
 * array's place holds null, and `path` names that place, so no value can be mistaken for one.
 *
 * Promises: `decodeFrame(encodeFrame(f))` equals `f` for JSON values and Uint8Arrays; any other
 * input bytes throw StudioError `bad-request` without allocating more than the input's size.
 */
import { z } from 'zod';
import { StudioError } from '../errors.ts';

const version = 1;
const prefixBytes = 5;

/** Frames beyond this are refused by both ends. */
export const maxFrameBytes = 64 * 2 ** 20;

type Path = readonly (string | number)[];

const Header = z.strictObject({
  frame: z.record(z.string(), z.unknown()),
  bytes: z.array(
    z.strictObject({
      path: z
        .array(z.union([z.string(), z.number().int().nonnegative()]))
        .min(1)
        .max(64),
      length: z.number().int().nonnegative(),
    }),
  ),
});

/** @throws {StudioError} `too-large` if the frame would exceed `maxFrameBytes` */
export function encodeFrame(frame: object): Uint8Array<ArrayBuffer> {
  const lifted: { path: Path; value: Uint8Array }[] = [];
  const skeleton = liftBytes(frame, [], lifted);
  const header = new TextEncoder().encode(
    JSON.stringify({
      frame: skeleton,
      bytes: lifted.map(({ path, value }) => ({ path, length: value.length })),
    }),
  );
  const totalBytes = lifted.reduce(
    (sum, { value }) => sum + value.length,
    prefixBytes + header.length,
  );
  if (totalBytes > maxFrameBytes) {
    throw new StudioError(
      'too-large',
      `A message of ${totalBytes} bytes exceeds the limit of ${maxFrameBytes}.`,
    );
  }
  const encoded = new Uint8Array(totalBytes);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, version);
  view.setUint32(1, header.length);
  encoded.set(header, prefixBytes);
  let offset = prefixBytes + header.length;
  for (const { value } of lifted) {
    encoded.set(value, offset);
    offset += value.length;
  }
  return encoded;
}

/** @throws {StudioError} `too-large`, or `bad-request` saying what is wrong with the bytes */
export function decodeFrame(encoded: Uint8Array): Record<string, unknown> {
  if (encoded.length > maxFrameBytes) {
    throw new StudioError(
      'too-large',
      `A message of ${encoded.length} bytes exceeds the limit of ${maxFrameBytes}.`,
    );
  }
  if (encoded.length < prefixBytes) throw malformed('it is shorter than its prefix');
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  if (view.getUint8(0) !== version)
    throw malformed(`its version is ${view.getUint8(0)}, not ${version}`);
  const headerEnd = prefixBytes + view.getUint32(1);
  if (headerEnd > encoded.length) throw malformed('its header is cut off');

  const { frame, bytes } = parseHeader(encoded.subarray(prefixBytes, headerEnd));
  let offset = headerEnd;
  for (const { path, length } of bytes) {
    if (length > encoded.length - offset) throw malformed('its bytes are cut off');
    // A copy, so that holding one small array does not keep the whole message alive.
    place(frame, path, encoded.slice(offset, offset + length));
    offset += length;
  }
  if (offset !== encoded.length) throw malformed('it has bytes that nothing refers to');
  return frame;
}

function parseHeader(encoded: Uint8Array): z.infer<typeof Header> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(encoded));
  } catch {
    throw malformed('its header is not JSON');
  }
  const parsed = Header.safeParse(header);
  if (!parsed.success) throw malformed('its header has another shape');
  return parsed.data;
}

/** Returns `value` with every Uint8Array replaced by null; shares what holds none. */
function liftBytes(
  value: unknown,
  path: Path,
  lifted: { path: Path; value: Uint8Array }[],
): unknown {
  if (value instanceof Uint8Array) {
    lifted.push({ path, value });
    return null;
  }
  if (typeof value !== 'object' || value === null) return value;
  const liftedBefore = lifted.length;
  const copy = Array.isArray(value)
    ? value.map((element, index) => liftBytes(element, [...path, index], lifted))
    : Object.fromEntries(
        Object.entries(value).map(([key, element]) => [
          key,
          liftBytes(element, [...path, key], lifted),
        ]),
      );
  return lifted.length === liftedBefore ? value : copy;
}

function place(root: object, path: Path, value: Uint8Array): void {
  let parent: object = root;
  for (const key of path.slice(0, -1)) {
    const child: unknown = ownProperty(parent, key);
    if (typeof child !== 'object' || child === null) throw malformed('a byte array has no place');
    parent = child;
  }
  const last = path[path.length - 1];
  if (last === undefined || ownProperty(parent, last) !== null)
    throw malformed('a byte array has no place');
  Object.defineProperty(parent, last, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function ownProperty(parent: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(parent, key)?.value;
}

function malformed(what: string): StudioError {
  return new StudioError('bad-request', `A message could not be read: ${what}.`);
}
