import {
  readFileSync,
  writeFileSync,
  appendFileSync,
  readdirSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import path from 'node:path';
import { Fragment, Slice } from 'prosemirror-model';
import { ReplaceStep, Transform } from 'prosemirror-transform';
import { describe, expect, it, vi } from 'vitest';
import { pack } from '../../../../contract/packed.ts';
import type { SceneChange } from '../../../../contract/scenes.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import {
  changeOf,
  edit,
  hold,
  newScene,
  samplingForTests,
  scriptedText,
  temporaryDesk,
  textOf,
  type DeskClient,
} from '../writing.fixture.ts';

const text = documentSchema.text.bind(documentSchema);

function fileOf(folder: string, ending: string): string {
  const name = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
    file.endsWith(ending),
  );
  return path.join(folder, name ?? `no ${ending}`);
}

describe('a scene', () => {
  it('is empty at first, and holds what was appended after a restart', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { place } = await newScene(desk.client);
    const held = hold(await desk.client['scenes.open'](place));
    expect({ ...held, doc: textOf(held.doc) }).toEqual({
      ...place,
      revision: 0,
      head: 0,
      nodes: 1,
      doc: '',
    });
    await edit(desk.client, held, (tr) => tr.insert(1, text('Once upon a time')));
    await edit(desk.client, held, (tr) => tr.insert(17, text(' there was a cat.')));
    await desk.close();

    const again = await temporary.open();
    const opened = await again.client['scenes.open'](place);
    expect(textOf(hold(opened).doc)).toBe('Once upon a time there was a cat.');
    expect(opened).toMatchObject({
      revision: 2,
      head: 2,
      recoveredTokens: 0,
      runs: [],
      undecided: [],
    });
    expect(opened.nodes.map(({ parent }) => parent)).toEqual([null, 0, 1]);
  });

  it('keeps both branches after an undo and something else', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { place } = await newScene(client);
    const held = hold(await client['scenes.open'](place));
    await edit(client, held, (tr) => tr.insert(1, text('A cat')));
    await edit(client, held, (tr) => tr.insert(6, text(' sat')));
    await client['scenes.append']({
      ...place,
      revision: 2,
      changes: [{ kind: 'move', to: 1 }],
      words: 2,
    });
    const moved = hold(await client['scenes.open'](place));
    expect(textOf(moved.doc)).toBe('A cat');
    await edit(client, moved, (tr) => tr.insert(6, text(' ran')));

    const opened = await client['scenes.open'](place);
    expect(textOf(hold(opened).doc)).toBe('A cat ran');
    const versions = await Promise.all(
      [0, 1, 2, 3].map(async (node) =>
        textOf(documentSchema.nodeFromJSON(await client['scenes.at']({ ...place, node }))),
      ),
    );
    expect(versions).toEqual(['', 'A cat', 'A cat sat', 'A cat ran']);
    const [second] = await client['scenes.nodes']({ ...place, ids: [2] });
    expect(second).toMatchObject({
      id: 2,
      parent: 1,
      steps: [{ stepType: 'replace' }],
      inverse: [{ stepType: 'replace' }],
    });
  });

  it('extends the head, and one undo takes all of it back', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { place } = await newScene(client);
    const held = hold(await client['scenes.open'](place));
    await edit(client, held, (tr) => tr.insert(1, text('A')));
    let { doc } = held;
    for (const letter of ' cat') {
      const transform = new Transform(doc).insert(doc.content.size - 1, text(letter));
      const [step] = transform.steps;
      await client['scenes.append']({
        ...place,
        revision: held.revision,
        words: 1,
        changes: [
          {
            kind: 'extend',
            id: 1,
            at: 2,
            steps: [step?.toJSON()],
            inverse: [step?.invert(doc).toJSON()],
            summary: 'A cat',
          },
        ],
      });
      held.revision += 1;
      ({ doc } = transform);
    }
    expect(textOf(hold(await client['scenes.open'](place)).doc)).toBe('A cat');
    await client['scenes.append']({
      ...place,
      revision: held.revision,
      changes: [{ kind: 'move', to: 0 }],
      words: 0,
    });
    const back = await client['scenes.open'](place);
    expect(textOf(hold(back).doc)).toBe('');
    expect(back.nodes[1]).toMatchObject({ summary: 'A cat' });
    const at = await client['scenes.at']({ ...place, node: 1 });
    expect(textOf(documentSchema.nodeFromJSON(at))).toBe('A cat');
  });
});

describe('a run below what was typed meanwhile', () => {
  const run = '0b7e1d5e-2a0c-4d5a-9a3c-6f7e8d9c0b1a';
  const origin = [documentSchema.mark('origin', { run })];
  const insertion = (at: number, node: DocumentNode) => ({
    steps: [new ReplaceStep(at, at, new Slice(Fragment.from(node), 0, 0)).toJSON()],
    inverse: [new ReplaceStep(at, at + node.nodeSize, Slice.empty).toJSON()],
  });
  const node = (id: number, kind: 'generation' | 'typing', change: object) => ({
    kind: 'node' as const,
    node: { id, parent: id - 1, at: 1, kind, run: kind === 'generation' ? run : null, ...change },
  });
  const changes = [
    node(1, 'typing', insertion(1, text('Once / else'))),
    node(2, 'generation', insertion(5, text(' upon', origin))),
    node(3, 'typing', insertion(17, text('where'))),
    node(4, 'typing', insertion(1, text('>> '))),
  ] as SceneChange[];
  const weave = {
    kind: 'weave' as const,
    id: 2,
    at: 2,
    ...insertion(10, text(' a time', origin)),
    summary: ' upon a time',
    shown: insertion(13, text(' a time', origin)).steps,
    above: [{ id: 3, by: 7 }],
  };

  it('goes on there, and every text has its words after a restart', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { place } = await newScene(desk.client);
    await desk.client['scenes.open'](place);
    await desk.client['scenes.append']({ ...place, revision: 0, changes, words: 4 });
    await desk.client['scenes.append']({ ...place, revision: 1, changes: [weave], words: 6 });
    const textsOf = (client: DeskClient) =>
      Promise.all(
        [0, 1, 2, 3, 4].map(async (id) =>
          textOf(documentSchema.nodeFromJSON(await client['scenes.at']({ ...place, node: id }))),
        ),
      );
    const texts = [
      '',
      'Once / else',
      'Once upon a time / else',
      'Once upon a time / elsewhere',
      '>> Once upon a time / elsewhere',
    ];
    expect(await textsOf(desk.client)).toEqual(texts);
    const [third] = await desk.client['scenes.nodes']({ ...place, ids: [3] });
    expect(third).toMatchObject({ steps: [{ from: 24, to: 24 }], inverse: [{ from: 24, to: 29 }] });
    await desk.close();
    for (const keepsCheckpoint of [true, false]) {
      if (!keepsCheckpoint) rmSync(fileOf(temporary.folder, '.checkpoint.json'));
      const again = await temporary.open();
      const opened = await again.client['scenes.open'](place);
      expect(textOf(hold(opened).doc)).toBe(texts.at(-1));
      expect(opened.damagedFile).toBe(null);
      expect(opened.nodes[2]).toMatchObject({ parent: 1, summary: ' upon a time' });
      expect(await textsOf(again.client)).toEqual(texts);
      await again.close();
    }
  });

  it.each([
    ['a node of no run', { id: 1 }, null],
    ['a node that does not descend from it', { above: [{ id: 1, by: 7 }] }, null],
    ['nodes that lead to another text', { shown: insertion(14, text(' a time')).steps }, null],
    ['an inverse that leads elsewhere', { inverse: insertion(9, text(' a time')).inverse }, null],
    ['typing that does not fit any more', { above: [{ id: 3, by: 70 }] }, null],
    ['a snapshot', {}, { kind: 'label' as const, id: 3, label: 'Kept' }],
  ])('is refused with %s, and nothing is changed', async (_name, wrong, first) => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { place } = await newScene(client);
    await client['scenes.open'](place);
    await client['scenes.append']({
      ...place,
      revision: 0,
      changes: first ? [...changes, first] : changes,
      words: 4,
    });
    await expect(
      client['scenes.append']({
        ...place,
        revision: 1,
        changes: [{ ...weave, ...wrong }],
        words: 6,
      }),
    ).rejects.toMatchObject({ code: 'bad-request' });
    const opened = await client['scenes.open'](place);
    expect(opened.revision).toBe(1);
    expect(textOf(hold(opened).doc)).toBe('>> Once upon / elsewhere');
  });
});

async function watch<T>(items: AsyncIterable<T>, see: (item: T) => void): Promise<void> {
  try {
    for await (const item of items) see(item);
  } catch (error) {
    expect(error).toMatchObject({ code: 'cancelled' });
  }
}

describe('an append', () => {
  it.each([
    ['steps of no known kind', [{ stepType: 'magic' }], []],
    ['a place beyond the text', [{ stepType: 'replace', from: 900, to: 900 }], []],
    [
      'blocks where they may not stand',
      [{ stepType: 'replace', from: 0, to: 2, slice: { content: [{ type: 'list_item' }] } }],
      [],
    ],
    [
      'a mark without its attribute',
      [{ stepType: 'addMark', mark: { type: 'origin' }, from: 1, to: 1 }],
      [],
    ],
    [
      'an inverse that leads elsewhere',
      [
        {
          stepType: 'replace',
          from: 1,
          to: 1,
          slice: { content: [{ type: 'text', text: 'cat' }] },
        },
      ],
      [{ stepType: 'replace', from: 1, to: 2 }],
    ],
  ])('of %s is refused and changes nothing', async (_name, steps, inverse) => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { place } = await newScene(client);
    const held = hold(await client['scenes.open'](place));
    const good = changeOf(held, (tr) => tr.insert(1, text('kept?')));
    const bad = {
      kind: 'node' as const,
      node: { id: 2, parent: 1, at: 1, kind: 'typing' as const, steps, inverse },
    };
    const before = readFileSync(fileOf(temporary.folder, '.jsonl'), 'utf8');
    await expect(
      client['scenes.append']({ ...place, revision: 0, changes: [good, bad], words: 1 }),
    ).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('Nothing was changed'),
    });
    expect(readFileSync(fileOf(temporary.folder, '.jsonl'), 'utf8')).toBe(before);
    await client['scenes.append']({ ...place, revision: 0, changes: [good], words: 1 });
    expect(textOf(hold(await client['scenes.open'](place)).doc)).toBe('kept?');
  });

  it('that is long comes as bytes, and so does the text; bytes that say nothing are refused', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { place } = await newScene(client);
    const held = hold(await client['scenes.open'](place));
    const long = 'Words that are many. '.repeat(20_000);
    const changes = pack([changeOf(held, (tr) => tr.insert(1, text(long)))]);
    expect(changes).toBeInstanceOf(Uint8Array);
    for (const wrong of ['{', '[]', '[{"kind":"node"}]']) {
      const bytes = new TextEncoder().encode(wrong);
      await expect(
        client['scenes.append']({ ...place, revision: 0, changes: bytes, words: 1 }),
      ).rejects.toMatchObject({ code: 'bad-request' });
    }
    await client['scenes.append']({ ...place, revision: 0, changes, words: 80_000 });
    const opened = await client['scenes.open'](place);
    expect(opened.doc).toBeInstanceOf(Uint8Array);
    expect(textOf(hold(opened).doc)).toBe(long);
    expect(await client['scenes.at']({ ...place, node: 1 })).toEqual(opened.doc);
  });

  it('to an older revision is a conflict, and others are told of every revision', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { place, project } = await newScene(client);
    const held = hold(await client['scenes.open'](place));
    const told = new AbortController();
    const revisions: number[] = [];
    const kinds: string[] = [];
    const watching = [
      watch(client['scenes.watch'](place, told), ({ revision }) => revisions.push(revision)),
      watch(client['projects.watch']({}, told), ({ id, kind }) => kinds.push(`${id} ${kind}`)),
    ];
    const stale = { ...held };
    await edit(client, held, (tr) => tr.insert(1, text('first')));
    await expect(edit(client, stale, (tr) => tr.insert(1, text('second')))).rejects.toMatchObject({
      code: 'conflict',
      details: { revision: 1 },
    });
    await vi.waitFor(() => expect(kinds).toContain(`${project.id} scene`));
    expect(revisions).toEqual([1]);
    told.abort();
    await Promise.all(watching);
    expect(textOf(hold(await client['scenes.open'](place)).doc)).toBe('first');
  });
});

const request = { modelId: 'scripted', prompt: 'Once', sampling: samplingForTests, seed: 5 };

describe('a run', () => {
  it('is recorded, tells its tokens, and what was not settled is in the text at the next opening', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open(scriptedText([' upon', ' a', ' time', '.\n\nThe', ' end']));
    const { place } = await newScene(desk.client);
    const held = hold(await desk.client['scenes.open'](place));
    await edit(desk.client, held, (tr) => tr.insert(1, text('Once / later')));
    const told: string[] = [];
    let run = '';
    for await (const event of desk.client['scenes.generate']({
      ...place,
      revision: 1,
      position: 5,
      task: 'continue',
      request,
    })) {
      if (event.kind === 'run') ({ id: run } = event.run);
      else if (event.event.kind === 'token') told.push(event.event.text);
    }
    expect(told.join('')).toBe(' upon a time.\n\nThe end');
    // Two tokens become part of the text; something is typed before them.
    const origin = [documentSchema.mark('origin', { run })];
    const change = changeOf(held, (tr) =>
      tr.insert(5, text(' upon a', origin)).insert(1, text('>> ')),
    );
    await desk.client['scenes.append']({
      ...place,
      revision: 1,
      changes: [change, { kind: 'settled', run, tokens: 2 }],
      words: 3,
    });
    await desk.close();

    const again = await temporary.open();
    const opened = await again.client['scenes.open'](place);
    expect(textOf(hold(opened).doc)).toBe('>> Once upon a time.\n\nThe end / later');
    expect(opened).toMatchObject({
      recoveredTokens: 3,
      revision: 3,
      runs: [{ id: run, seed: 5, modelHash: 'a'.repeat(64), provider: 'cpu', task: 'continue' }],
    });
    expect(opened.nodes.at(-1)).toMatchObject({ kind: 'recovery', run });
    expect(await again.client['scenes.open'](place)).toMatchObject({
      recoveredTokens: 0,
      revision: 3,
    });
    const tokens = await again.client['scenes.tokens']({ ...place, run });
    expect(tokens.map((token) => token.text)).toEqual(told);
  });

  it.each([
    [
      'a code block',
      documentSchema.node('code_block', null, [text('let x;')]),
      3,
      'leone\n\ntwot x;',
    ],
    ['between blocks', documentSchema.node('divider'), 1, 'one\n\ntwo'],
    [
      'between the items of a list',
      documentSchema.node('bullet_list', null, [
        documentSchema.node('list_item', null, [
          documentSchema.node('paragraph', null, [text('item')]),
        ]),
      ]),
      1,
      'one\n\ntwo\n\nitem',
    ],
  ])(
    'that wrote in %s is recovered there, or at the end',
    async (_name, block, position, expected) => {
      await using temporary = await temporaryDesk();
      const desk = await temporary.open(scriptedText(['one', '\n\n', 'two']));
      const { place } = await newScene(desk.client);
      const held = hold(await desk.client['scenes.open'](place));
      await edit(desk.client, held, (tr) => tr.replaceWith(0, 2, block));
      const stream = desk.client['scenes.generate']({
        ...place,
        revision: 1,
        position,
        task: 'continue',
        request,
      });
      for await (const event of stream) expect(event.kind).toMatch(/run|write/);
      const opened = hold(await desk.client['scenes.open'](place));
      expect(textOf(opened.doc).trim()).toBe(expected);
    },
  );

  it('that a window leaves is recovered when another opens the scene, without a restart', async () => {
    await using temporary = await temporaryDesk();
    let drawn = 0;
    const desk = await temporary.open(
      scriptedText(
        Array.from({ length: 1000 }, (_, i) => ` ${i}`),
        async () => {
          drawn += 1;
          await new Promise((resolve) => setTimeout(resolve, 2));
        },
      ),
    );
    const { place } = await newScene(desk.client);
    await desk.client['scenes.open'](place);
    const stream = desk.client['scenes.generate']({
      ...place,
      revision: 0,
      position: 1,
      task: 'continue',
      request,
    });
    let shown = 0;
    for await (const event of stream) {
      if (event.kind === 'write' && event.event.kind === 'token') shown += 1;
      if (shown === 10) break;
    }
    const opened = await vi.waitFor(async () => {
      const answer = await desk.client['scenes.open'](place);
      expect(answer.recoveredTokens).toBeGreaterThanOrEqual(10);
      return answer;
    });
    expect(textOf(hold(opened).doc)).toMatch(/^ 0 1 2 3 4 5 6 7 8 9/);
    const stopped = drawn;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(drawn).toBeLessThanOrEqual(stopped + 1);
  });

  it('is left to the window that watches the scene, however often it is opened meanwhile', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(scriptedText([' on', ' its', ' way']));
    const { place } = await newScene(client);
    await client['scenes.open'](place);
    const left = new AbortController();
    const watching = watch(client['scenes.watch'](place, left), () => {});
    const stream = client['scenes.generate']({
      ...place,
      revision: 0,
      position: 1,
      task: 'continue',
      request,
    });
    for await (const event of stream) expect(event.kind).toMatch(/run|write/);
    expect(await client['scenes.open'](place)).toMatchObject({ revision: 0, recoveredTokens: 0 });
    left.abort();
    await watching;
    await vi.waitFor(async () => {
      const opened = await client['scenes.open'](place);
      expect(textOf(hold(opened).doc)).toBe(' on its way');
    });
  });

  it('that was stopped leaves nothing behind once it is settled for good', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open(scriptedText([' kept', ' unseen']));
    const { place } = await newScene(desk.client);
    const held = hold(await desk.client['scenes.open'](place));
    let run = '';
    const stream = desk.client['scenes.generate']({
      ...place,
      revision: 0,
      position: 1,
      task: 'continue',
      request,
    });
    for await (const event of stream) if (event.kind === 'run') ({ id: run } = event.run);
    const origin = [documentSchema.mark('origin', { run })];
    await desk.client['scenes.append']({
      ...place,
      revision: 0,
      words: 1,
      changes: [
        changeOf(held, (tr) => tr.insert(1, text(' kept', origin))),
        { kind: 'settled', run, tokens: 1, final: true },
      ],
    });
    await desk.close();
    const again = await temporary.open();
    const opened = await again.client['scenes.open'](place);
    expect(textOf(hold(opened).doc)).toBe(' kept');
    expect(opened.recoveredTokens).toBe(0);
  });

  it('of several alternatives keeps them and puts none into the text', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open(scriptedText(['a', 'b']));
    const { place } = await newScene(desk.client);
    await desk.client['scenes.open'](place);
    let run = '';
    for await (const event of desk.client['scenes.generate']({
      ...place,
      revision: 0,
      position: 1,
      task: 'continue',
      request,
      alternatives: 3,
    }))
      if (event.kind === 'run') ({ id: run } = event.run);
    await desk.close();
    const again = await temporary.open();
    const opened = await again.client['scenes.open'](place);
    expect(opened).toMatchObject({
      recoveredTokens: 0,
      undecided: [{ run, position: expect.any(Number), tokens: [2, 2, 2] }],
    });
    expect(textOf(hold(opened).doc)).toBe('');
    expect(await again.client['scenes.tokens']({ ...place, run, alternative: 2 })).toHaveLength(2);
    await again.client['scenes.append']({
      ...place,
      revision: 0,
      changes: [{ kind: 'settled', run, tokens: 2, final: true }],
      words: 0,
    });
    expect(await again.client['scenes.open'](place)).toMatchObject({ undecided: [] });
  });
});

describe('a journal', () => {
  it.each([true, false])(
    'gives the same text and history with (%s) and without its checkpoint',
    async (keeps) => {
      await using temporary = await temporaryDesk();
      const desk = await temporary.open();
      const { place } = await newScene(desk.client);
      const held = hold(await desk.client['scenes.open'](place));
      for (let i = 0; i < 20; i += 1)
        await edit(desk.client, held, (tr) => tr.insert(1, text(`${i} `)));
      // Back a little, and on from there: what was done stays as a branch.
      await desk.client['scenes.append']({
        ...place,
        revision: held.revision,
        changes: [{ kind: 'move', to: 15 }],
        words: 15,
      });
      const back = hold(await desk.client['scenes.open'](place));
      await edit(desk.client, back, (tr) => tr.insert(1, text('on ')));
      const before = await desk.client['scenes.open'](place);
      await desk.close();
      if (!keeps) rmSync(fileOf(temporary.folder, '.checkpoint.json'));
      const again = await temporary.open();
      expect(await again.client['scenes.open'](place)).toEqual(before);
    },
  );

  it('of a newer version is refused by that name and left as it is', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { place } = await newScene(desk.client);
    await desk.client['scenes.open'](place);
    await desk.close();
    const file = fileOf(temporary.folder, '.jsonl');
    const newer = readFileSync(file, 'utf8').replace('"version":1', '"version":2');
    writeFileSync(file, newer);
    const again = await temporary.open();
    await expect(again.client['scenes.open'](place)).rejects.toMatchObject({
      code: 'library-newer',
      details: { version: 2 },
    });
    expect(readFileSync(file, 'utf8')).toBe(newer);
  });

  it('loses a line that was cut off, which is kept beside it', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { place } = await newScene(desk.client);
    const held = hold(await desk.client['scenes.open'](place));
    await edit(desk.client, held, (tr) => tr.insert(1, text('kept')));
    await edit(desk.client, held, (tr) => tr.insert(5, text(' and lost')));
    await desk.close();
    const file = fileOf(temporary.folder, '.jsonl');
    rmSync(fileOf(temporary.folder, '.checkpoint.json'));
    truncateSync(file, readFileSync(file).length - 20);
    const again = await temporary.open();
    const opened = hold(await again.client['scenes.open'](place));
    expect(textOf(opened.doc)).toBe('kept');
    expect(readFileSync(fileOf(temporary.folder, '.damaged.txt'), 'utf8')).toContain('and lost');
    await edit(again.client, opened, (tr) => tr.insert(5, text(' again')));
    expect(textOf(hold(await again.client['scenes.open'](place)).doc)).toBe('kept again');
  });

  it('with damaged lines and invalid UTF-8 gives what can be read, and says so', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { place } = await newScene(desk.client);
    const held = hold(await desk.client['scenes.open'](place));
    for (const word of ['one ', 'two ', 'three ', 'four ']) {
      await edit(desk.client, held, (tr) => tr.insert(held.doc.content.size - 1, text(word)));
    }
    await desk.close();
    const file = fileOf(temporary.folder, '.jsonl');
    rmSync(fileOf(temporary.folder, '.checkpoint.json'));
    const bytes = readFileSync(file);
    bytes[bytes.indexOf('three') + 1] = 0xff;
    bytes[bytes.indexOf('four') - 2] = 0x00;
    writeFileSync(file, bytes);
    appendFileSync(file, '{"kind":"changes"}\nnot JSON\n');
    const again = await temporary.open();
    const answer = await again.client['scenes.open'](place);
    expect(answer.damagedFile).toContain('.damaged.txt');
    const opened = hold(answer);
    expect(textOf(opened.doc)).toBe('one two t\uFFFDree ');
    await vi.waitFor(() => expect(again.entries.join('\n')).toContain('4 lines of the scene'));
    const aside = readFileSync(fileOf(temporary.folder, '.damaged.txt'), 'latin1');
    expect(aside).toContain('not JSON');
    expect(aside).toContain('t\xffree');
    await edit(again.client, opened, (tr) => tr.insert(1, text('zero ')));
    expect(textOf(hold(await again.client['scenes.open'](place)).doc)).toBe(
      'zero one two t\uFFFDree ',
    );
  });
});
