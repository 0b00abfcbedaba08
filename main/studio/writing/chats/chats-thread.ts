/** Chats in the writing thread: what its main-thread face asks for. */
import { pathTo } from '../../../../contract/chat-tree.ts';
import type { ChatPersonas } from '../../../../contract/chats.ts';
import type { Project } from '../../../../contract/projects.ts';
import type { Handlers } from '../../../../contract/rpc.ts';
import { loreOf } from '../context/layout-context.ts';
import { readCharacterCard } from '../presets/character-card.ts';
import type { Chats } from './chats.ts';
import type { chatsThreadContract } from './chats-thread-contract.ts';
import { exportChat } from './export-chat.ts';

export interface ChatsThreadPorts {
  /** @throws {StudioError} `disconnected` before the library is open */
  readonly chats: () => Chats;
  readonly projectOf: (id: string) => Pick<Project, 'memory' | 'lore' | 'authorsNote'>;
  /** Told after the answer to whoever made the change. */
  readonly announce: (event: {
    readonly kind: 'chat';
    readonly id: string;
    readonly revision: number;
    readonly change: 'chat' | 'trashed' | 'restored';
  }) => void;
}

export function chatsThreadHandlers({
  chats,
  projectOf,
  announce,
}: ChatsThreadPorts): Handlers<typeof chatsThreadContract> {
  function changed(id: string): { readonly revision: number } {
    const { revision } = chats().get(id).state;
    announce({ kind: 'chat', id, revision, change: 'chat' });
    return { revision };
  }

  function toldOf(projectId: string | null, personas: ChatPersonas) {
    const project = personas.tellsProject && projectId !== null ? projectOf(projectId) : null;
    const note = project && personas.note.text.trim() === '' ? project.authorsNote : personas.note;
    return {
      personas: { ...personas, note },
      projectMemory: project?.memory ?? '',
      lore: [...(project?.lore ?? []), ...personas.lore],
    };
  }

  return {
    'chats.list': async ({ projectId }) => chats().list(projectId),
    'chats.trashed': async () => chats().trashed(),
    'chats.create': async (about) => {
      const { id, chat } = chats().create(about);
      changed(id);
      return chat.open();
    },
    'chats.createFromCard': async ({ projectId, person, bytes }) => {
      const card = readCharacterCard(bytes, person);
      const character = card.name
        .replaceAll(/[\n\r:]+/g, ' ')
        .trim()
        .slice(0, 100);
      const { id, chat } = chats().create({
        projectId,
        title: card.name.slice(0, 500),
        personas: {
          person,
          character: character === '' ? 'Character' : character,
          description: card.memory,
          examples: card.examples,
          memory: '',
          note: { text: card.note, depth: 1 },
          lore: [...card.lore],
          tellsProject: projectId !== null,
        },
      });
      for (const greeting of card.greetings) chat.say(null, greeting.trim(), 'character');
      // The card's favourite is shown; the others lie beside it.
      if (card.greetings.length > 1) chat.select(0);
      changed(id);
      return chat.open();
    },
    'chats.open': async ({ id }) => chats().get(id).open(),
    'chats.update': async ({ id, title, personas }) => {
      const chat = chats().get(id);
      const { state } = chat;
      chat.update({
        projectId: state.projectId,
        title: title ?? state.title,
        personas: personas ?? state.personas,
      });
      return changed(id);
    },
    'chats.trash': async ({ id }) => {
      chats().trash(id);
      announce({ kind: 'chat', id, revision: 0, change: 'trashed' });
      return {};
    },
    'chats.restore': async ({ id }) => {
      chats().restore(id);
      announce({ kind: 'chat', id, revision: 0, change: 'restored' });
      return {};
    },
    'chats.say': async ({ id, parent, text }) => {
      const turn = chats().get(id).say(parent, text);
      return { turn, ...changed(id) };
    },
    'chats.edit': async ({ id, turn, text }) => {
      const edited = chats().get(id).edit(turn, text);
      return { turn: edited, ...changed(id) };
    },
    'chats.select': async ({ id, leaf }) => {
      chats().get(id).select(leaf);
      return changed(id);
    },
    'chats.triggeredLore': async ({ id, text }) => {
      const { personas, turns, leaf } = chats().get(id).state;
      const told =
        text === ''
          ? pathTo(turns, leaf)
              .map((turn) => turn.text)
              .join('\n')
          : text;
      return { ids: loreOf(personas.lore, told).map((entry) => entry.id) };
    },
    'chats.tokens': async ({ id, run, alternative }) => chats().get(id).tokens(run, alternative),
    exportChat: async ({ id, format }) => exportChat(chats().get(id).state, format),

    planAnswer: async ({ id, place }) => {
      const chat = chats().get(id);
      const { projectId, personas } = chat.state;
      return { ...toldOf(projectId, personas), ...chat.plan(place) };
    },
    beginAnswer: async ({ id, place, opening, run }) => {
      const turns = chats().get(id).begin(place, opening, run);
      return { turns, ...changed(id) };
    },
    addAnswerToken: async ({ id, run, alternative, token }) => {
      chats().get(id).addToken(run, alternative, token);
      return {};
    },
    addAnswerFacts: async ({ id, run, facts }) => {
      chats().get(id).addFacts(run, facts);
      changed(id);
      return {};
    },
    endAnswer: async ({ id, run, ends }) => {
      chats().get(id).end(run, ends);
      changed(id);
      return {};
    },
  };
}
