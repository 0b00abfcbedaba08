/**
 * A studio's writing desk and a window at it, as a process that can be killed: types, generates, undoes, and says
 * on standard output what it was answered and what it was shown, one JSON record a line, until it is killed.
 *
 * node writer-process.fixture.ts LIBRARY PROJECT SCENE ROUND
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { documentSchema } from './document-schema.ts';
import {
  changeOf,
  edit,
  hold,
  openDesk,
  samplingForTests,
  scriptedText,
} from './writing.fixture.ts';

const [folder = '', projectId = '', sceneId = '', round = '0'] = process.argv.slice(2);

function report(record: object): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

/** Words that are in no other round, so that each can be found again, and counted. */
const tokens = Array.from({ length: 400 }, (_, index) => ` t${round}x${index}.`);
const desk = await openDesk(
  folder,
  scriptedText(tokens, () => sleep(1)),
);
const { client } = desk;
const opened = await client['scenes.open']({ projectId, sceneId });
const held = hold(opened);
report({ kind: 'open', recovered: opened.recoveredTokens });

let typed = 0;
async function type(): Promise<void> {
  const word = ` w${round}x${typed++}.`;
  report({ kind: 'typing', word });
  await edit(client, held, (tr) => tr.insert(1, documentSchema.text(word)));
  report({ kind: 'typed', word });
  await undoAndRedo();
}

/** The history is walked, and the text is the same afterwards. */
async function undoAndRedo(): Promise<void> {
  const { head, revision } = held;
  const [node] = await client['scenes.nodes']({ projectId, sceneId, ids: [head] });
  await client['scenes.append']({
    projectId,
    sceneId,
    revision,
    changes: [
      { kind: 'move', to: node?.parent ?? 0 },
      { kind: 'move', to: head },
    ],
    words: 0,
  });
  held.revision += 1;
}

for (let run = 0; ; run += 1) {
  await type();
  let id = '';
  let settled = 0;
  const shown: string[] = [];
  for await (const event of client['scenes.generate']({
    projectId,
    sceneId,
    revision: held.revision,
    position: held.doc.content.size - 1,
    task: 'continue',
    request: { modelId: 'scripted', prompt: 'x', sampling: samplingForTests, seed: run },
  })) {
    if (event.kind === 'run') ({ id } = event.run);
    else if (event.event.kind === 'token') {
      shown.push(event.event.text);
      report({ kind: 'shown', word: event.event.text });
      // Every so many tokens become part of the text, and something is typed elsewhere.
      if (shown.length % 15 === 0) await settle();
      if (shown.length % 40 === 0) await type();
    }
  }
  await settle();

  async function settle(): Promise<void> {
    const origin = [documentSchema.mark('origin', { run: id })];
    const text = shown.slice(settled).join('');
    if (text === '') return;
    const put = changeOf(held, (tr) =>
      tr.insert(tr.doc.content.size - 1, documentSchema.text(text, origin)),
    );
    await client['scenes.append']({
      projectId,
      sceneId,
      revision: held.revision,
      changes: [put, { kind: 'settled', run: id, tokens: shown.length }],
      words: 0,
    });
    settled = shown.length;
    const { doc } = hold({ ...opened, doc: held.doc.toJSON() });
    held.doc = doc.replace(
      doc.content.size - 1,
      doc.content.size - 1,
      documentSchema.node('paragraph', null, documentSchema.text(text, origin)).slice(0),
    );
    held.revision += 1;
    held.head = held.nodes;
    held.nodes += 1;
  }
}
