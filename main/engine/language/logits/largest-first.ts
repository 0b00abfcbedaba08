/**
 * Visits logits from the largest down without sorting them all: a heap is built in O(V) and each
 * step costs O(log V), so the few likely tokens of a large vocabulary come cheap.
 *
 * @param logits f32 [V]; not modified while the iterator is in use
 * @yields indices into `logits`; equal logits in rising order of index
 */
export function* largestFirst(logits: Float32Array): Generator<number, void, undefined> {
  const heap = Int32Array.from(logits.keys());
  let size = heap.length;

  const valueAt = (slot: number): number => logits[heap[slot] ?? 0] ?? -Infinity;
  const precedes = (a: number, b: number): boolean => {
    const difference = valueAt(a) - valueAt(b);
    return difference > 0 || (difference === 0 && (heap[a] ?? 0) < (heap[b] ?? 0));
  };
  function sink(from: number): void {
    let slot = from;
    for (;;) {
      let first = slot;
      const left = 2 * slot + 1;
      if (left < size && precedes(left, first)) first = left;
      if (left + 1 < size && precedes(left + 1, first)) first = left + 1;
      if (first === slot) return;
      const index = heap[slot] ?? 0;
      heap[slot] = heap[first] ?? 0;
      heap[first] = index;
      slot = first;
    }
  }

  for (let slot = (size >> 1) - 1; slot >= 0; slot -= 1) sink(slot);
  while (size > 0) {
    const top = heap[0] ?? 0;
    size -= 1;
    heap[0] = heap[size] ?? 0;
    sink(0);
    yield top;
  }
}
