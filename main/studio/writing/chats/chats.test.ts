import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathTo } from '../../../../contract/chat-tree.ts';
import type { AnswerEvent, AnswerPlace, ChatTurn } from '../../../../contract/chats.ts';
import type { WriteRequest } from '../../../../contract/write.ts';
import {
  newScene,
  samplingForTests,
  scriptedText,
  temporaryDesk,
  type DeskClient,
} from '../writing.fixture.ts';

const answerTokens = [' The', ' sea', ' was', ' grey', '.'];

async function answer(client: DeskClient, id: string, place: AnswerPlace, alternatives = 1) {
  const events: AnswerEvent[] = [];
  for await (const event of client['chats.answer']({
    id,
    place,
    alternatives,
    request: { modelId: 'scripted', sampling: samplingForTests, seed: 3 },
  }))
    events.push(event);
  return events;
}

const startOf = (events: readonly AnswerEvent[]) => {
  const [first] = events;
  if (first?.kind !== 'run') throw new Error('An answer begins with its run.');
  return first;
};

const shown = (chat: { turns: readonly ChatTurn[]; leaf: number | null }) =>
  pathTo(chat.turns, chat.leaf).map(({ text }) => text);

async function newChat(client: DeskClient) {
  return client['chats.create']({ projectId: null, title: 'At sea' });
}

describe('a chat', () => {
  it('keeps what was said, answered, edited and drawn anew, over a restart', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open(scriptedText(answerTokens));
    const { client } = desk;
    const { id } = await newChat(client);
    const said = await client['chats.say']({ id, parent: null, text: 'How was the sea?' });
    await answer(client, id, { kind: 'below', parent: said.turn.id });
    const edited = await client['chats.edit']({ id, turn: 0, text: 'How was the sky?' });
    expect(edited.turn).toMatchObject({ id: 2, parent: null, editOf: 0, role: 'person' });
    await answer(client, id, { kind: 'below', parent: 2 });
    const again = startOf(await answer(client, id, { kind: 'below', parent: 2 }));
    expect(again.run).toMatchObject({
      task: 'chat',
      seed: 3,
      modelHash: 'a'.repeat(64),
      modelName: 'Scripted',
    });
    await client['chats.select']({ id, leaf: 1 });
    await desk.close();

    const opened = await (await temporary.open()).client['chats.open']({ id });
    expect(shown(opened)).toEqual(['How was the sea?', 'The sea was grey.']);
    expect(opened.turns.map(({ parent, text }) => [parent, text])).toEqual([
      [null, 'How was the sea?'],
      [0, 'The sea was grey.'],
      [null, 'How was the sky?'],
      [2, 'The sea was grey.'],
      [2, 'The sea was grey.'],
    ]);
    expect(opened.turns[4]?.parts).toEqual([
      { run: again.run.id, alternative: 0, start: 0, end: 17 },
    ]);
    expect(opened.turns[4]?.end).toBe('max-tokens');
    expect(opened.runs).toHaveLength(3);
  });

  it('has alternatives beside each other, each with its own tokens', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(scriptedText(answerTokens));
    const { id } = await newChat(client);
    const start = startOf(await answer(client, id, { kind: 'below', parent: null }, 3));
    const opened = await client['chats.open']({ id });
    expect(opened.turns.map(({ parent, text }) => [parent, text])).toEqual(
      Array.from({ length: 3 }, () => [null, 'The sea was grey.']),
    );
    const tokens = await client['chats.tokens']({ id, run: start.run.id, alternative: 2 });
    expect(tokens.map(({ text }) => text)).toEqual(answerTokens);
  });

  it('goes on with an answer, and takes another token where one was drawn', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open(scriptedText(answerTokens));
    const { client } = desk;
    const { id } = await newChat(client);
    const first = startOf(await answer(client, id, { kind: 'below', parent: null }));
    const more = startOf(await answer(client, id, { kind: 'continue', turn: 0 }));
    const other = startOf(
      await answer(client, id, { kind: 'branch', turn: 0, characters: 4, text: 'wind' }),
    );
    await desk.close();
    const { turns, leaf } = await (await temporary.open()).client['chats.open']({ id });
    expect(leaf).toBe(1);
    expect(turns.map(({ text }) => text)).toEqual([
      'The sea was grey. The sea was grey.',
      'The wind The sea was grey.',
    ]);
    expect(turns.map(({ parts }) => parts.map(({ run, start, end }) => [run, start, end]))).toEqual(
      [
        [
          [first.run.id, 0, 17],
          [more.run.id, 17, 35],
        ],
        [
          [first.run.id, 0, 8],
          [other.run.id, 8, 26],
        ],
      ],
    );
  });

  it('keeps what a run wrote around what a person changed in it', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(scriptedText(answerTokens));
    const { id } = await newChat(client);
    await answer(client, id, { kind: 'below', parent: null });
    const { turn } = await client['chats.edit']({ id, turn: 0, text: 'The old sea was blue.' });
    const own = turn.parts.map(({ start, end }) => turn.text.slice(start, end));
    expect(own).toEqual(['The ', 'sea was ', '.']);
  });

  it('tells the model the project, the turns and whose turn it is', async () => {
    await using temporary = await temporaryDesk();
    const asked: WriteRequest[] = [];
    const script = scriptedText(answerTokens);
    const { client } = await temporary.open({
      ...script,
      writeAlternatives(request, count, signal) {
        asked.push(request);
        return script.writeAlternatives(request, count, signal);
      },
    });
    const { project } = await newScene(client);
    await client['projects.update']({
      id: project.id,
      revision: project.revision,
      changes: {
        memory: 'A tale of the sea.',
        authorsNote: { text: 'Slowly.', depth: 1 },
      },
    });
    const { id } = await client['chats.create']({
      projectId: project.id,
      personas: { person: 'Ann', character: 'Keeper' },
    });
    const { turn } = await client['chats.say']({ id, parent: null, text: 'Who are you?' });
    await answer(client, id, { kind: 'below', parent: turn.id });
    expect(asked[0]?.prompt).toBe(
      'A tale of the sea.\n\n***\n\n[Slowly.]\n\nAnn: Who are you?\n\nKeeper:',
    );
    expect(asked[0]?.stop).toEqual(['\nAnn:', '\nKeeper:']);
  });

  it('shows what the model is told, what the turns bring up, and what found no room', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(scriptedText(answerTokens));
    const lore = (title: string) => ({
      id: crypto.randomUUID(),
      title,
      keys: [title],
      text: `About the ${title}.`,
    });
    const { id } = await client['chats.create']({
      projectId: null,
      personas: {
        character: 'Keeper',
        description: 'An old man.',
        examples: 'Keeper: Aye.',
        note: { text: 'Be brief.', depth: 1 },
        lore: [lore('lamp'), lore('storm')],
      },
    });
    let parent: number | null = null;
    for (const text of ['word '.repeat(2500), 'Is the lamp lit?']) {
      const { turn } = await client['chats.say']({ id, parent, text });
      parent = turn.id;
    }
    const { parts, cut, text } = await client['chats.context']({
      id,
      place: { kind: 'below', parent },
      modelId: 'scripted',
      maxTokens: 100,
    });
    expect(parts.map(({ label }) => label)).toEqual([
      'Who Keeper is',
      'Example dialogue',
      'lamp',
      'Author’s note',
      'Turn 2',
      'Whose turn it is',
    ]);
    expect(text).toContain('[About the lamp.]');
    expect(cut).toMatchObject([{ source: 'turns', label: 'The first turn', reason: 'story' }]);
    expect((await client['chats.open']({ id })).turns).toHaveLength(2);
    const { personas } = await client['chats.open']({ id });
    const told = async (text: string) => (await client['chats.triggeredLore']({ id, text })).ids;
    expect(await told('')).toEqual([personas.lore[0]?.id]);
    expect(await told('A storm!')).toEqual([personas.lore[1]?.id]);
  });

  it('is told to every window, and not by its tokens', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(scriptedText(answerTokens));
    const stopping = new AbortController();
    const seen: number[] = [];
    const watching = (async () => {
      for await (const { revision } of client['chats.watch']({}, { signal: stopping.signal }))
        seen.push(revision);
    })().catch(() => {});
    const { id } = await newChat(client);
    await answer(client, id, { kind: 'below', parent: null });
    await expect.poll(() => seen.length).toBe(3);
    stopping.abort();
    await watching;
  });

  it('refuses what makes no sense, and changes nothing', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(scriptedText(answerTokens));
    const { id } = await newChat(client);
    await client['chats.say']({ id, parent: null, text: 'Hello' });
    const refused = [
      client['chats.say']({ id, parent: 9, text: 'To nobody' }),
      client['chats.edit']({ id, turn: 9, text: 'x' }),
      client['chats.select']({ id, leaf: 9 }),
      client['chats.open']({ id: crypto.randomUUID() }),
      answer(client, id, { kind: 'below', parent: 9 }),
    ];
    for (const call of refused) await expect(call).rejects.toMatchObject({ code: 'not-found' });
    await expect(answer(client, id, { kind: 'continue', turn: 0 })).rejects.toMatchObject({
      code: 'bad-request',
    });
    await expect(
      client['chats.update']({ id, personas: { person: 'A:\nB' } }),
    ).rejects.toMatchObject({ code: 'bad-request' });
    expect((await client['chats.open']({ id })).turns).toHaveLength(1);
  });

  it('does not let two answers write into one turn', async () => {
    await using temporary = await temporaryDesk();
    const { promise: rest, resolve } = Promise.withResolvers<void>();
    const { client } = await temporary.open(scriptedText(answerTokens, () => rest));
    const { id } = await newChat(client);
    const first = answer(client, id, { kind: 'below', parent: null });
    await expect.poll(async () => (await client['chats.open']({ id })).writing).toEqual([0]);
    for (const place of [
      { kind: 'continue', turn: 0 },
      { kind: 'below', parent: 0 },
    ] as const)
      await expect(answer(client, id, place)).rejects.toMatchObject({ code: 'conflict' });
    await expect(client['chats.trash']({ id })).rejects.toMatchObject({ code: 'conflict' });
    resolve();
    await first;
  });

  it('keeps what was written when the person stops', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(scriptedText(answerTokens));
    const { id } = await newChat(client);
    let tokens = 0;
    for await (const event of client['chats.answer']({
      id,
      place: { kind: 'below', parent: null },
      request: { modelId: 'scripted', sampling: samplingForTests },
    })) {
      if (event.kind === 'write' && event.event.kind === 'token' && ++tokens === 2) break;
    }
    await expect
      .poll(async () => (await client['chats.open']({ id })).turns[0])
      .toMatchObject({ end: 'stopped', text: expect.stringMatching(/^The sea/) });
  });
});

describe('chats', () => {
  it('are listed by project, put into the trash and taken out again', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { project } = await newScene(client);
    const free = await newChat(client);
    const own = await client['chats.create']({ projectId: project.id });
    await client['chats.say']({ id: own.id, parent: null, text: 'What comes next?' });
    const titles = async (projectId: string | null) =>
      (await client['chats.list']({ projectId })).map(({ title }) => title);
    expect(await titles(null)).toEqual(['At sea']);
    expect(await titles(project.id)).toEqual(['What comes next?']);
    await client['chats.trash']({ id: free.id });
    expect(await titles(null)).toEqual([]);
    await expect(client['chats.open']({ id: free.id })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('trash'),
    });
    expect(await client['chats.trashed']({})).toMatchObject([{ title: 'At sea' }]);
    await client['chats.restore']({ id: free.id });
    expect(await titles(null)).toEqual(['At sea']);
  });

  it('begin from a character card, with its greetings beside each other', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const card = {
      spec: 'chara_card_v2',
      data: {
        name: 'Mara',
        description: '{{char}} keeps a lighthouse.',
        first_mes: 'Good evening, {{user}}.',
        alternate_greetings: ['The light is out.'],
        post_history_instructions: 'Stay calm.',
        character_book: { entries: [{ keys: ['lamp'], content: 'The lamp is old.' }] },
      },
    };
    const bytes = new TextEncoder().encode(JSON.stringify(card));
    const chat = await client['chats.createFromCard']({ projectId: null, person: 'Ann', bytes });
    expect(chat.title).toBe('Mara');
    expect(chat.personas).toMatchObject({
      person: 'Ann',
      character: 'Mara',
      description: 'Mara keeps a lighthouse.',
      memory: '',
      note: { text: 'Stay calm.' },
      lore: [{ keys: ['lamp'] }],
    });
    expect(shown(chat)).toEqual(['Good evening, Ann.']);
    expect(chat.turns.map(({ text, role }) => [role, text])).toEqual([
      ['character', 'Good evening, Ann.'],
      ['character', 'The light is out.'],
    ]);
    await expect(
      client['chats.createFromCard']({ projectId: null, bytes: new Uint8Array([1, 2, 3]) }),
    ).rejects.toMatchObject({ code: 'bad-request' });
    expect(await client['chats.list']({ projectId: null })).toHaveLength(1);
  });

  it('are written as Markdown and as JSON lines', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(scriptedText(answerTokens));
    const { id } = await newChat(client);
    await client['chats.say']({ id, parent: null, text: 'How was the *sea*?' });
    await answer(client, id, { kind: 'below', parent: 0 });
    await client['chats.edit']({ id, turn: 1, text: 'Calm.' });
    const markdown = await client['chats.export']({ id, format: 'markdown' });
    expect(markdown.fileName).toBe('At sea.md');
    expect(readFileSync(markdown.path, 'utf8')).toBe(
      '# At sea\n\n**You**\n\nHow was the *sea*?\n\n**Co-writer**\n\nCalm.\n',
    );
    expect((await client['chats.export']({ id, format: 'markdown' })).fileName).toBe(
      'At sea (2).md',
    );
    const file = (await client['chats.export']({ id, format: 'jsonl' })).path;
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const records = lines.map((line) => JSON.parse(line) as { kind: string; shown?: boolean });
    expect(records.map(({ kind, shown: isShown }) => [kind, isShown])).toEqual([
      ['chat', undefined],
      ['run', undefined],
      ['turn', true],
      ['turn', false],
      ['turn', true],
    ]);
  });
});

describe('a chat’s journal', () => {
  async function writtenChat(temporary: Awaited<ReturnType<typeof temporaryDesk>>) {
    const desk = await temporary.open(scriptedText(answerTokens));
    const { id } = await newChat(desk.client);
    await desk.client['chats.say']({ id, parent: null, text: 'Hello' });
    await answer(desk.client, id, { kind: 'below', parent: 0 });
    await desk.close();
    return { id, file: path.join(temporary.folder, 'documents', 'chats', `${id}.jsonl`) };
  }

  it('that was cut off in the midst of an answer holds every whole token', async () => {
    await using temporary = await temporaryDesk();
    const { id, file } = await writtenChat(temporary);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const third = lines.findIndex((line) => line.includes('"index":3'));
    writeFileSync(file, `${lines.slice(0, third).join('\n')}\n{"kind":"token","ru`);
    const { client } = await temporary.open(scriptedText(answerTokens));
    const opened = await client['chats.open']({ id });
    expect(shown(opened)).toEqual(['Hello', 'The sea was']);
    expect(opened.turns[1]?.end).toBeNull();
    await answer(client, id, { kind: 'continue', turn: 1 });
    expect(shown(await client['chats.open']({ id }))[1]).toBe('The sea was The sea was grey.');
    const aside = readFileSync(file.replace('.jsonl', '.damaged.txt'), 'utf8');
    expect(aside).toContain('{"kind":"token","ru');
  });

  it('with damaged lines shows what can be read, and keeps the lines beside it', async () => {
    await using temporary = await temporaryDesk();
    const { id, file } = await writtenChat(temporary);
    appendFileSync(file, 'no line of ours\n{"kind":"leaf","leaf":77}\n');
    const desk = await temporary.open();
    expect(shown(await desk.client['chats.open']({ id }))).toEqual(['Hello', 'The sea was grey.']);
    await expect.poll(() => desk.entries.join()).toContain('2 lines of the chat "At sea"');
    const aside = readFileSync(file.replace('.jsonl', '.damaged.txt'), 'utf8');
    expect(aside).toContain('no line of ours');
  });

  it('of a newer version is refused by name, listed, and left as it is', async () => {
    await using temporary = await temporaryDesk();
    const { id, file } = await writtenChat(temporary);
    const newer = readFileSync(file, 'utf8').replace('"version":1', '"version":2');
    writeFileSync(file, newer);
    const { client } = await temporary.open();
    await expect(client['chats.open']({ id })).rejects.toMatchObject({ code: 'library-newer' });
    expect(await client['chats.list']({ projectId: null })).toMatchObject([
      { id, problem: expect.stringContaining('newer version') },
    ]);
    expect(readFileSync(file, 'utf8')).toBe(newer);
  });

  it('is one file a chat', async () => {
    await using temporary = await temporaryDesk();
    const { id } = await writtenChat(temporary);
    expect(readdirSync(path.join(temporary.folder, 'documents', 'chats'))).toEqual([`${id}.jsonl`]);
  });
});
