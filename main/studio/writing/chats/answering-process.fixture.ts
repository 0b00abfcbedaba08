/**
 * A studio's chats and a window at them, as a process that can be killed: says something, is answered, goes on,
 * and tells on standard output what it was answered and shown, one JSON record a line, until it is killed.
 *
 * node answering-process.fixture.ts LIBRARY CHAT ROUND
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerPlace } from '../../../../contract/chats.ts';
import { openDesk, samplingForTests, scriptedText } from '../writing.fixture.ts';

const [folder = '', id = '', round = '0'] = process.argv.slice(2);

function report(record: object): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

const tokens = Array.from({ length: 60 }, (_, index) => ` t${round}x${index}.`);
const { client } = await openDesk(
  folder,
  scriptedText(tokens, () => sleep(1)),
);
report({ kind: 'open', turns: (await client['chats.open']({ id })).turns.length });

async function answer(place: AnswerPlace): Promise<number> {
  let turn = -1;
  for await (const event of client['chats.answer']({
    id,
    place,
    request: { modelId: 'scripted', sampling: samplingForTests, seed: 1 },
  })) {
    if (event.kind === 'run') turn = event.turns[0]?.id ?? -1;
    else if (event.event.kind === 'token') report({ kind: 'shown', turn, word: event.event.text });
  }
  return turn;
}

for (let index = 0; ; index += 1) {
  const { turn } = await client['chats.say']({ id, parent: null, text: `said ${round} ${index}` });
  report({ kind: 'said', turn: turn.id, word: turn.text });
  const answered = await answer({ kind: 'below', parent: turn.id });
  await answer({ kind: 'continue', turn: answered });
}
