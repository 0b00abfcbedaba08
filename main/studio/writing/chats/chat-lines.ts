/** What the lines of a chat's journal say. */
import { z } from 'zod';
import { ChatId, ChatPersonas, ChatTurn, turnEnds, TurnId } from '../../../../contract/chats.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { Timestamp } from '../../../../contract/ids.ts';
import { ProjectId } from '../../../../contract/projects.ts';
import { Run, RunId, RunToken } from '../../../../contract/scenes.ts';
import { ProviderName } from '../../../../contract/system.ts';

export const chatVersion = 1;

const Count = z.number().int().nonnegative();

export const ChatAbout = z.object({
  projectId: ProjectId.nullable(),
  title: z.string(),
  personas: ChatPersonas,
});
export type ChatAbout = z.infer<typeof ChatAbout>;

export const ChatLine = z.discriminatedUnion('kind', [
  /** The first line. `version` rises when an older program could misread what follows. */
  z.object({
    kind: z.literal('chat'),
    version: z.literal(chatVersion),
    id: ChatId,
    at: Timestamp,
    ...ChatAbout.shape,
  }),
  z.object({ kind: z.literal('about'), at: Timestamp, ...ChatAbout.shape }),
  /** A turn of the person's, or an edit; it is the leaf from now on. */
  z.object({ kind: z.literal('turn'), turn: ChatTurn }),
  z.object({ kind: z.literal('leaf'), leaf: TurnId }),
  /** A run begins: with new turns, or at the end of one that is there. `into` has a turn per alternative. */
  z.object({
    kind: z.literal('answer'),
    run: Run,
    turns: z.array(ChatTurn),
    into: z.array(TurnId).min(1),
  }),
  /** A token, before anybody saw it. */
  z.object({ kind: z.literal('token'), run: RunId, alternative: Count, ...RunToken.shape }),
  /** What became known of a run after it had begun. */
  z.object({
    kind: z.literal('run-facts'),
    run: RunId,
    modelHash: z.string().optional(),
    provider: ProviderName.nullable().optional(),
  }),
  /** The whole text of an alternative, so that reading the journal need not read its tokens. */
  z.object({
    kind: z.literal('end'),
    run: RunId,
    alternative: Count,
    end: z.enum(turnEnds),
    text: z.string(),
  }),
]);
export type ChatLine = z.infer<typeof ChatLine>;
export type TokenLine = Extract<ChatLine, { kind: 'token' }>;

const tokenStart =
  /^\{"kind":"token","run":"(?<run>[0-9a-f-]{36})","alternative":(?<alternative>\d{1,3}),/;
const tokenStartBytes = 96;

/** @returns whose token a line holds, without reading all of it; null for any other line */
export function tokenOwner(bytes: Buffer): { run: string; alternative: number } | null {
  const found = tokenStart.exec(bytes.toString('latin1', 0, tokenStartBytes))?.groups;
  return found ? { run: found['run'] ?? '', alternative: Number(found['alternative']) } : null;
}

/** The order of the fields is what `tokenOwner` looks for. */
export function tokenLine(run: string, alternative: number, token: RunToken): string {
  return JSON.stringify({ kind: 'token', run, alternative, ...token } satisfies TokenLine);
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** @returns null where it is no line of ours @throws {StudioError} `library-newer` */
export function readChatLine(bytes: Buffer): ChatLine | null {
  let value: unknown;
  try {
    value = JSON.parse(strict.decode(bytes));
  } catch {
    return null;
  }
  refuseNewer(value);
  return ChatLine.safeParse(value).data ?? null;
}

const Versioned = z.object({ kind: z.literal('chat'), version: z.number() });

function refuseNewer(value: unknown): void {
  const found = Versioned.safeParse(value).data;
  if (found === undefined || found.version <= chatVersion) return;
  throw new StudioError(
    'library-newer',
    `This chat was written by a newer version of Atelier (format ${found.version}; this one knows ${chatVersion}). Update Atelier to open it.`,
    { version: found.version },
  );
}
