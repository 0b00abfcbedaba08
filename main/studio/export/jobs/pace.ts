/** How fast an export goes, over its last seconds. */

export interface Pace {
  /** @param at milliseconds on any clock that goes forward @param done pictures of this run */
  note(at: number, done: number): void;
  /** Pictures a second; null before there is enough to tell. */
  filesPerSecond(): number | null;
}

const windowMs = 8000;
const leastMs = 500;

export function createPace(): Pace {
  const notes: { readonly at: number; readonly done: number }[] = [];
  return {
    note(at, done) {
      notes.push({ at, done });
      while (notes.length > 2 && (notes[1]?.at ?? at) < at - windowMs) notes.shift();
    },
    filesPerSecond() {
      const [first] = notes;
      const last = notes.at(-1);
      if (!first || !last || last.at - first.at < leastMs) return null;
      return ((last.done - first.done) * 1000) / (last.at - first.at);
    },
  };
}
