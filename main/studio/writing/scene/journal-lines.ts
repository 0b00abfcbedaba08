/** What the lines of a scene's journal say. */
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { ModelId, Timestamp } from '../../../../contract/ids.ts';
import { Run, RunId, RunToken, SceneChange } from '../../../../contract/scenes.ts';
import { SceneId } from '../../../../contract/projects.ts';
import { ProviderName } from '../../../../contract/system.ts';

export const journalVersion = 1;

const Count = z.number().int().nonnegative();

export const JournalLine = z.discriminatedUnion('kind', [
  /** The first line. `version` rises when an older program could misread what follows. */
  z.object({
    kind: z.literal('scene'),
    version: z.literal(journalVersion),
    id: SceneId,
    at: Timestamp,
  }),
  /** One append: all of it, or nothing. */
  z.object({
    kind: z.literal('changes'),
    revision: Count,
    words: Count,
    changes: z.array(SceneChange),
  }),
  /** A run begins; `position` is in the head's text. */
  z.object({ kind: z.literal('run'), run: Run, position: Count }),
  /** A token, before anybody saw it. */
  z.object({
    kind: z.literal('token'),
    run: RunId,
    alternative: Count,
    ...RunToken.omit({ alternatives: true }).shape,
    /** What else might have been drawn: token, text, probability. */
    others: z.array(z.tuple([z.number().int(), z.string(), z.number()])),
  }),
  /** What became known of a run after it had begun. */
  z.object({
    kind: z.literal('run-facts'),
    run: RunId,
    modelId: ModelId.optional(),
    modelHash: z.string().optional(),
    provider: ProviderName.nullable().optional(),
  }),
]);
export type JournalLine = z.infer<typeof JournalLine>;
type TokenLine = Extract<JournalLine, { kind: 'token' }>;

const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * @returns null where it is no line of ours; `intact` is false where bytes had to be replaced to read it
 * @throws {StudioError} `library-newer`
 */
export function readLine(
  bytes: Buffer,
): { readonly line: JournalLine; readonly intact: boolean } | null {
  let intact = true;
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    intact = false;
    text = bytes.toString('utf8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  refuseNewer(value);
  const parsed = JournalLine.safeParse(value);
  return parsed.success ? { line: parsed.data, intact } : null;
}

const Versioned = z.object({ kind: z.literal('scene'), version: z.number() });

function refuseNewer(value: unknown): void {
  const found = Versioned.safeParse(value).data;
  if (found === undefined || found.version <= journalVersion) return;
  throw new StudioError(
    'library-newer',
    `This scene was written by a newer version of Atelier (format ${found.version}; this one knows ${journalVersion}). Update Atelier to open it.`,
    { version: found.version },
  );
}

/** There may be millions: what is not told apart anyway is not written. */
export function tokenLine(run: string, alternative: number, token: RunToken): TokenLine {
  const { alternatives, probability, ...rest } = token;
  return {
    kind: 'token',
    run,
    alternative,
    ...rest,
    probability: shortened(probability),
    others: alternatives.map((other) => [other.tokenId, other.text, shortened(other.probability)]),
  };
}

export function tokenOf(line: TokenLine): RunToken {
  const { index, tokenId, text, probability, others } = line;
  return {
    index,
    tokenId,
    text,
    probability,
    alternatives: others.map(([tokenId, text, probability]) => ({ tokenId, text, probability })),
  };
}

/** Six digits are more than the lens shows. */
function shortened(probability: number): number {
  return Number(probability.toPrecision(6));
}
