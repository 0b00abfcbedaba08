/** HTTP byte ranges, for both hosts. Source: RFC 9110 §14. */

export type ByteRange =
  /** The whole file: no range asked for, several, or one that makes no sense. */
  | { readonly kind: 'whole' }
  /** `first` to `last`, both included. */
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  /** Answered with 416. */
  | { readonly kind: 'unsatisfiable' };

/** @param header the `Range` header, or null */
export function parseByteRange(header: string | null, sizeBytes: number): ByteRange {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return { kind: 'whole' };
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return { kind: 'whole' };
  if (from === '') {
    const suffixBytes = Number(to);
    if (suffixBytes === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
    return { kind: 'part', first: Math.max(0, sizeBytes - suffixBytes), last: sizeBytes - 1 };
  }
  const first = Number(from);
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (first >= sizeBytes) return { kind: 'unsatisfiable' };
  return last < first ? { kind: 'whole' } : { kind: 'part', first, last };
}
