/** Pairs of a `parameters` text, each taken once. */
export interface PairReader {
  /** Each pair is taken once; what nobody takes is told in the end. */
  take(name: string): string | undefined;
  /** Undefined as well where it is no number. */
  number(name: string): number | undefined;
  /** Names of what nobody took. */
  rest(): readonly string[];
}

/**
 * Names are read in any case: programs do not agree on "CFG scale".
 * @param left is told of figures that are none
 */
export function createPairReader(pairs: ReadonlyMap<string, string>, left: string[]): PairReader {
  const open = new Map([...pairs].map(([name, value]) => [name.toLowerCase(), { name, value }]));
  const take = (name: string) => {
    const found = open.get(name.toLowerCase());
    open.delete(name.toLowerCase());
    return found?.value;
  };
  return {
    take,
    number(name) {
      const value = take(name);
      if (value === undefined) return undefined;
      const figure = value.trim() === '' ? Number.NaN : Number(value);
      if (!Number.isNaN(figure)) return figure;
      left.push(`${name}: “${value}” is no number. Yours stays.`);
      return undefined;
    },
    rest: () => [...open.values()].map(({ name }) => name),
  };
}
