/** A form that a text must take, as a mask over the next token. */
export interface TokenConstraint {
  /**
   * Which tokens may come next, end tokens among them where the text may end here: token `t` is bit
   * `t & 31` of word `t >> 5`. Belongs to the constraint and holds until the next `accept` or `rewind`.
   */
  allowed(): Uint32Array;
  /** Whether the text has its form if it ends here. */
  isComplete(): boolean;
  /** @throws {RangeError} for a token that is not allowed here, end tokens included */
  accept(tokenId: number): void;
  /** Takes back the last `count` accepted tokens. */
  rewind(count: number): void;
}
