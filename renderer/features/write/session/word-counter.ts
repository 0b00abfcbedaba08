/** Counts the words of a text a moment after it has changed, in slices, so that no key waits for a book. */
import type { Node } from 'prosemirror-model';
import type { Store } from '../../../app/store.ts';
import { wordsOf } from '../document/count-words.ts';

const delayMs = 250;
const sliceMs = 6;

export interface WordCounter {
  /** The text is another one. */
  countSoon(): void;
  close(): void;
}

export function createWordCounter(text: () => Node, words: Store<number>): WordCounter {
  let timer: ReturnType<typeof setTimeout> | null = null;

  function count(): void {
    const startedAtMs = performance.now();
    const doc = text();
    // What is counted is known from then on.
    for (let index = 0; index < doc.childCount; index += 1) {
      wordsOf(doc.child(index));
      if (index % 16 === 0 && performance.now() - startedAtMs > sliceMs) {
        timer = setTimeout(count, 0);
        return;
      }
    }
    timer = null;
    words.set(wordsOf(doc));
  }

  return {
    countSoon() {
      timer ??= setTimeout(count, delayMs);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
