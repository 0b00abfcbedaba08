/** What is odd in the text of a search, each with its place and what to do about it. */
import { z } from 'zod';

export const searchLimits = {
  characters: 1000,
  /** Parentheses within parentheses; deeper ones are read as if they were not there. */
  depth: 50,
} as const;

export const searchProblemCodes = [
  'field-unknown',
  'value-missing',
  'value-unknown',
  'operator-unsuited',
  'bracket-open',
  'bracket-stray',
  'bracket-deep',
  'quote-open',
  'or-stray',
  'nothing-to-find',
] as const;

/** Nothing of it stops a search. */
export const SearchProblem = z.object({
  /** UTF-16 units of the text. */
  start: z.number().int(),
  end: z.number().int(),
  code: z.enum(searchProblemCodes),
  message: z.string(),
  remedy: z.string(),
});
export type SearchProblem = z.infer<typeof SearchProblem>;
