/** Protobuf read field by field, for messages of which only a part is understood. */
import { StudioError } from '../../../contract/errors.ts';
import { graphName } from './graph-file.ts';
import { integer } from './onnx-message.ts';

/** Key and length, each a varint. */
export const longestKey = 20;

interface Field {
  readonly number: number;
  readonly valueStart: number;
  readonly end: number;
  /** Of varint fields; null of all others. */
  readonly value: number | null;
}

/** @returns offsets within `bytes`; the value itself need not be there */
export function fieldIn(bytes: Uint8Array, at: number, path: string): Field {
  const key = varintIn(bytes, at, path);
  const number = Math.floor(key.value / 8);
  switch (key.value % 8) {
    case 0: {
      const { value, next } = varintIn(bytes, key.next, path);
      return { number, valueStart: key.next, end: next, value };
    }
    case 1:
      return { number, valueStart: key.next, end: key.next + 8, value: null };
    case 5:
      return { number, valueStart: key.next, end: key.next + 4, value: null };
    case 2: {
      const { value, next } = varintIn(bytes, key.next, path);
      return { number, valueStart: next, end: next + value, value: null };
    }
    default:
      throw damaged(path);
  }
}

export function varintIn(
  bytes: Uint8Array,
  at: number,
  path: string,
): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) throw damaged(path);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  throw damaged(path);
}

export function* fieldsOf(bytes: Uint8Array, path: string): Generator<Field & { start: number }> {
  for (let at = 0; at < bytes.length;) {
    const field = fieldIn(bytes, at, path);
    if (field.end > bytes.length) throw damaged(path);
    yield { ...field, start: at };
    at = field.end;
  }
}

export function lengthDelimited(field: number, body: Uint8Array): Uint8Array {
  return concatenate([lengthKey(field, body.length), body]);
}

/** What comes before a field of so many bytes. */
export function lengthKey(field: number, length: number): Uint8Array {
  return Uint8Array.from([field * 8 + 2, ...integer(0, length).slice(1)]);
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function damaged(path: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(path)} cannot be used: it is cut short or damaged. Import the model again.`,
    { file: path },
  );
}
