/** What the writing desk's tests share: a desk in a temporary library, and a stand-in for the engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Transform } from 'prosemirror-transform';
import { chatsContract } from '../../../contract/chats.ts';
import { unpackDocument } from '../../../contract/document-text.ts';
import { StudioError } from '../../../contract/errors.ts';
import type { Client } from '../../../contract/rpc.ts';
import { contextContract } from '../../../contract/context.ts';
import { projectsContract } from '../../../contract/projects.ts';
import { scenesContract, type OpenScene, type SceneChange } from '../../../contract/scenes.ts';
import { createClient } from '../../../contract/wire/client.ts';
import { createLocalTransportPair } from '../../../contract/wire/local-transport.ts';
import { serve } from '../../../contract/wire/server.ts';
import type { WriteEvent } from '../../../contract/write.ts';
import { documentSchema, type DocumentNode } from './document-schema.ts';
import { inSequence, type TextPorts } from './generate-text.ts';
import { changeNodeOf } from './scene/change-node.ts';
import { openWriting } from './writing.ts';

export const deskContract = {
  ...projectsContract,
  ...scenesContract,
  ...chatsContract,
  ...contextContract,
} as const;
export type DeskClient = Client<typeof deskContract>;

/** The engine is outside: its tokens are given, one after another. */
export function scriptedText(
  tokens: readonly string[],
  pause: () => Promise<unknown> = async () => {},
): TextPorts {
  return {
    textModel: (id) => ({
      kind: 'text',
      id,
      name: 'Scripted',
      folder: '/nowhere',
      bundled: true,
      licence: '',
      description: '',
      sizeBytes: 1,
      hash: 'a'.repeat(64),
      problem: null,
      examplePrompts: [],
      defaults: { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
      contextLength: 2048,
    }),
    modelHash: async () => 'a'.repeat(64),
    provider: () => 'cpu',
    writeAlternatives: inSequence(
      async function* write(request, signal): AsyncGenerator<WriteEvent> {
        yield {
          kind: 'start',
          seed: request.seed ?? 0,
          promptTokens: 1,
          droppedTokens: 0,
          keptRanges: [{ start: 0, end: 1 }],
          cutRanges: [],
          reusedTokens: 0,
          isReproducible: true,
        };
        for (const [tokenId, text] of tokens.entries()) {
          signal.throwIfAborted();
          await pause();
          yield {
            kind: 'token',
            tokenId,
            text,
            probability: 0.5,
            surprisalBits: 1,
            alternatives: [],
          };
        }
        yield {
          kind: 'done',
          reason: 'max-tokens',
          tokens: tokens.length,
          tokensPerSecond: 1,
          draftedTokens: 0,
          acceptedTokens: 0,
        };
      },
    ),
    /** A word is a token; there is no chat template. */
    async tokenize({ prompt = '', messages }) {
      if (messages) throw new StudioError('unsupported', 'This model has no chat template.');
      const tokens = prompt.split(/\s+/).map((word, tokenId) => ({
        tokenId,
        text: word,
        start: 0,
        end: 0,
        isSpecial: false,
      }));
      return { text: prompt, tokens };
    },
    drawSeed: () => 7,
    engineStart: () => 1,
  };
}

export async function openDesk(
  libraryFolder: string,
  text: TextPorts = scriptedText([]),
  oldPage: string | null = null,
) {
  const entries: string[] = [];
  const writing = await openWriting({
    libraryFolder,
    text,
    oldPage: async () => oldPage,
    now: Date.now,
    log: (level, line) => entries.push(`${level}: ${line}`),
  });
  const [near, far] = createLocalTransportPair();
  serve(deskContract, writing.handlers, far);
  return {
    client: createClient(deskContract, near),
    entries,
    /** The window goes; the studio stays. */
    disconnect: () => near.close('The window is gone.'),
    async close() {
      near.close('The test is over.');
      await writing.close();
    },
  };
}

/** A library folder, and every desk that was opened in it; both go with it. */
export async function temporaryDesk(parent = tmpdir()) {
  const folder = await mkdtemp(path.join(parent, 'atelier-writing-'));
  const desks: Awaited<ReturnType<typeof openDesk>>[] = [];
  return {
    folder,
    async open(text?: TextPorts, oldPage?: string) {
      const desk = await openDesk(folder, text, oldPage);
      desks.push(desk);
      return desk;
    },
    async [Symbol.asyncDispose]() {
      for (const desk of desks) await desk.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export const samplingForTests = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
} as const;

/** A scene as a window holds it: its text, its revision, and the number of the next node. */
export interface HeldScene {
  readonly projectId: string;
  readonly sceneId: string;
  revision: number;
  head: number;
  nodes: number;
  doc: DocumentNode;
}

export function hold(opened: OpenScene): HeldScene {
  return {
    projectId: opened.projectId,
    sceneId: opened.sceneId,
    revision: opened.revision,
    head: opened.head,
    nodes: opened.nodes.length,
    doc: documentSchema.nodeFromJSON(unpackDocument(opened.doc)),
  };
}

/** A node below the head that does what `edit` does. */
export function changeOf(held: HeldScene, edit: (transform: Transform) => void): SceneChange {
  const transform = new Transform(held.doc);
  edit(transform);
  const about = { at: 1, kind: 'typing', run: null, summary: '' } as const;
  return changeNodeOf({ ...held, nodes: { length: held.nodes } }, transform.steps, about).change;
}

/** As a window does it: the change is made here, and appended there. */
export async function edit(
  client: DeskClient,
  held: HeldScene,
  make: (transform: Transform) => void,
): Promise<void> {
  const transform = new Transform(held.doc);
  make(transform);
  const change = changeOf(held, make);
  const { projectId, sceneId, revision } = held;
  await client['scenes.append']({ projectId, sceneId, revision, changes: [change], words: 0 });
  held.revision += 1;
  held.head = held.nodes;
  held.nodes += 1;
  held.doc = transform.doc;
}

export function textOf(doc: DocumentNode): string {
  return doc.textBetween(0, doc.content.size, '\n\n', '\n');
}

export async function newScene(client: DeskClient, title = 'A novel') {
  const project = await client['projects.create']({ title });
  const sceneId = project.chapters[0]?.scenes[0]?.id ?? '';
  return { project, place: { projectId: project.id, sceneId } };
}
