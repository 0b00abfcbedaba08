/**
 * Conversations with a model, beside the text or on their own.
 *
 * Turns form a tree: an edit or another answer is a sibling, and the conversation that is shown is the path
 * from a first turn to one leaf. Nothing is ever removed.
 */
import { z } from 'zod';
import { BuiltContext, ContextCut } from './context.ts';
import { ModelId, Timestamp } from './ids.ts';
import { AuthorsNote, LoreEntry, ProjectId } from './projects.ts';
import { call, stream } from './rpc.ts';
import { mostAlternatives, Run, RunId, RunToken } from './scenes.ts';
import { WriteEvent, WriteRequest } from './write.ts';

export const ChatId = z.uuid();
export type ChatId = z.infer<typeof ChatId>;

/** Counts up from 0 in the order in which turns were made, so that a turn's number is above its parent's. */
export const TurnId = z.number().int().nonnegative();
export type TurnId = z.infer<typeof TurnId>;

const TurnText = z.string().max(1_000_000);
/** One line, and nothing that a transcript could mistake for another name. */
const PersonaName = z
  .string()
  .max(100)
  .regex(/^[^\n\r:]*$/, 'A name is one line without a colon.');

/** Who speaks, and what the model is told besides the turns. */
export const ChatPersonas = z.object({
  /** The person at the desk. */
  person: PersonaName.default('You'),
  /** Whom the model speaks for. */
  character: PersonaName.default('Co-writer'),
  /** Who the character is; told before everything else, behind the project's memory. */
  description: z.string().max(1_000_000).default(''),
  /** Told behind it. */
  memory: z.string().max(1_000_000).default(''),
  /** How the character talks; the first to give way where there is no room for all. */
  examples: z.string().max(1_000_000).default(''),
  /** Told `depth` turns before the answer; where it is empty, the project's. */
  note: AuthorsNote.prefault({}),
  /** Besides the project's. */
  lore: z.array(LoreEntry).max(10_000).default([]),
  /** Whether the model is told the project's memory, lore and note too. */
  tellsProject: z.boolean().default(true),
});
export type ChatPersonas = z.infer<typeof ChatPersonas>;

/** Text of a turn that a run wrote: its characters from `start` up to `end`, UTF-16 units. */
export const TurnPart = z.object({
  run: RunId,
  alternative: z.number().int().nonnegative().default(0),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
});
export type TurnPart = z.infer<typeof TurnPart>;

/** How an answer ended; null where a person wrote it, or where the studio ended first. */
export const turnEnds = [
  'end-of-text',
  'max-tokens',
  'stop-string',
  'context-full',
  'stopped',
  'failed',
] as const;

export const ChatTurn = z.object({
  id: TurnId,
  /** Null for a first turn. */
  parent: TurnId.nullable(),
  at: Timestamp,
  role: z.enum(['person', 'character']),
  text: TurnText,
  /** In the order of the text; what lies between them a person wrote. */
  parts: z.array(TurnPart).default([]),
  /** The sibling that a person changed to make this one. */
  editOf: TurnId.nullable().default(null),
  end: z.enum(turnEnds).nullable().default(null),
});
export type ChatTurn = z.infer<typeof ChatTurn>;

export const ChatSummary = z.object({
  id: ChatId,
  /** Null for a chat of its own. */
  projectId: ProjectId.nullable(),
  title: z.string(),
  character: z.string(),
  /** First words of the last turn that is shown. */
  preview: z.string(),
  turns: z.number().int(),
  changedAt: Timestamp,
  /** Why it cannot be opened; null if it can. */
  problem: z.string().nullable(),
});
export type ChatSummary = z.infer<typeof ChatSummary>;

export const OpenChat = z.object({
  id: ChatId,
  projectId: ProjectId.nullable(),
  title: z.string(),
  personas: ChatPersonas,
  turns: z.array(ChatTurn),
  /** The last turn of the branch that is shown; null in an empty chat. */
  leaf: TurnId.nullable(),
  runs: z.array(Run),
  /** Turns that are being written now. */
  writing: z.array(TurnId),
  /** Counts up with every change but tokens. */
  revision: z.number().int().nonnegative(),
});
export type OpenChat = z.infer<typeof OpenChat>;

/** Where an answer goes. */
export const AnswerPlace = z.discriminatedUnion('kind', [
  /** Below a turn, or as a first turn; several alternatives are siblings. */
  z.object({ kind: z.literal('below'), parent: TurnId.nullable() }),
  /** At the end of an answer. */
  z.object({ kind: z.literal('continue'), turn: TurnId }),
  /**
   * A sibling that begins with the first characters of an answer, then these words, and goes on from there:
   * another token taken where one was drawn.
   */
  z.object({
    kind: z.literal('branch'),
    turn: TurnId,
    characters: z.number().int().nonnegative(),
    text: z.string().max(1000),
  }),
]);
export type AnswerPlace = z.infer<typeof AnswerPlace>;

export const AnswerRequest = z.object({
  id: ChatId,
  place: AnswerPlace,
  preset: z.string().max(500).nullable().default(null),
  /** What the model reads is put together from the turns, and stop strings from the names. */
  request: WriteRequest.omit({ prompt: true, messages: true, pinnedCharacters: true }),
  /** Alternative i uses the seed + i; one only where an answer goes on. */
  alternatives: z.number().int().min(1).max(mostAlternatives).default(1),
});
export type AnswerRequest = z.infer<typeof AnswerRequest>;

export const ChatContextRequest = z.object({
  id: ChatId,
  place: AnswerPlace,
  /** What the person would say before the answer; nothing where it is empty. */
  said: TurnText.default(''),
  modelId: ModelId,
  /** Room that is kept for the answer, up to half of what the model can read. */
  maxTokens: z.number().int().min(1).max(100_000),
});
export type ChatContextRequest = z.infer<typeof ChatContextRequest>;

export const AnswerEvent = z.discriminatedUnion('kind', [
  /** First: the turns and the run are in the journal. One turn per alternative. */
  z.object({
    kind: z.literal('run'),
    run: Run,
    turns: z.array(ChatTurn),
    revision: z.number().int(),
    /** What the model should be told and had no room for. */
    cut: z.array(ContextCut),
    /** Turns at the beginning that it does not read. */
    droppedTurns: z.number().int(),
  }),
  /** What the engine says; a token is in the journal by then. */
  z.object({
    kind: z.literal('write'),
    alternative: z.number().int().nonnegative(),
    event: WriteEvent,
  }),
]);
export type AnswerEvent = z.infer<typeof AnswerEvent>;

export const chatFormats = ['markdown', 'jsonl'] as const;

const Title = z.string().max(500);
const cardBytes = 32 * 2 ** 20;
const Changed = z.object({ revision: z.number().int() });

export const chatsContract = {
  /** Last changed first; of a project, or those of their own. */
  'chats.list': call(z.object({ projectId: ProjectId.nullable() }), z.array(ChatSummary)),
  'chats.create': call(
    z.object({
      projectId: ProjectId.nullable(),
      title: Title.default(''),
      personas: ChatPersonas.prefault({}),
    }),
    OpenChat,
  ),
  /**
   * From a character card: its memory, note and lore, and its greetings as first turns, one beside the other.
   * @throws `bad-request` where the file holds none
   */
  'chats.createFromCard': call(
    z.object({
      projectId: ProjectId.nullable(),
      /** Takes the place of the card's word for the person. */
      person: PersonaName.default('You'),
      bytes: z
        .instanceof(Uint8Array)
        .refine(({ length }) => length <= cardBytes, 'A card can be at most 32 MB.'),
    }),
    OpenChat,
  ),
  /** @throws `not-found`; `library-newer`; what is damaged is told, and kept */
  'chats.open': call(z.object({ id: ChatId }), OpenChat),
  'chats.update': call(
    z.object({
      id: ChatId,
      title: Title.optional(),
      personas: ChatPersonas.optional(),
    }),
    Changed,
  ),
  /** To the trash; `chats.restore` undoes it. */
  'chats.trash': call(z.object({ id: ChatId }), z.object({})),
  'chats.restore': call(z.object({ id: ChatId }), z.object({})),
  'chats.trashed': call(z.object({}), z.array(ChatSummary)),
  /** A turn of the person's, which becomes the leaf. */
  'chats.say': call(
    z.object({ id: ChatId, parent: TurnId.nullable(), text: TurnText.min(1) }),
    Changed.extend({ turn: ChatTurn }),
  ),
  /** A sibling with the new text, which becomes the leaf; the old turn stays with all that follows it. */
  'chats.edit': call(
    z.object({ id: ChatId, turn: TurnId, text: TurnText }),
    Changed.extend({ turn: ChatTurn }),
  ),
  /** Shows another branch. */
  'chats.select': call(z.object({ id: ChatId, leaf: TurnId }), Changed),
  /**
   * Writes an answer; its turn becomes the leaf. Every token is in the journal before it is told, and part
   * of the turn whatever happens next.
   * @throws `conflict` while that turn is being written; `bad-request`, `not-found`; what the engine throws
   */
  'chats.answer': stream(AnswerRequest, AnswerEvent),
  /** What the model would read for an answer. @throws as `chats.answer` */
  'chats.context': call(ChatContextRequest, BuiltContext),
  /**
   * Entries of the chat's own lore that a text brings up, what is always told first.
   * @param text empty for the branch that is shown
   */
  'chats.triggeredLore': call(
    z.object({ id: ChatId, text: z.string().max(20_000_000) }),
    z.object({ ids: z.array(z.uuid()) }),
  ),
  /** What was drawn, for the probability lens. */
  'chats.tokens': call(
    z.object({ id: ChatId, run: RunId, alternative: z.number().int().nonnegative().default(0) }),
    z.array(RunToken),
  ),
  /**
   * Into the library's folder `exports`; a file that is there keeps its name, and the new one gets another.
   * Markdown has the branch that is shown; JSON lines have every turn and every run.
   */
  'chats.export': call(
    z.object({ id: ChatId, format: z.enum(chatFormats) }),
    z.object({ fileName: z.string(), path: z.string() }),
  ),
  /** Every change by any window, tokens aside. */
  'chats.watch': stream(
    z.object({}),
    z.object({
      id: ChatId,
      revision: z.number().int(),
      kind: z.enum(['chat', 'trashed', 'restored']),
    }),
  ),
} as const;
