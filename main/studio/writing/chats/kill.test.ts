import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryDesk } from '../writing.fixture.ts';

const kills = 16;
const entry = path.join(import.meta.dirname, 'answering-process.fixture.ts');
const Report = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), turns: z.number() }),
  z.object({ kind: z.literal('said'), turn: z.number(), word: z.string() }),
  z.object({ kind: z.literal('shown'), turn: z.number(), word: z.string() }),
]);

/** What each turn was seen to hold. */
type Seen = Map<number, string>;

async function answerAndKill(args: readonly string[], seen: Seen): Promise<void> {
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  let left = 1 + Math.floor(Math.random() * 200);
  const { promise: enough, resolve: onEnough } = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const report = Report.parse(JSON.parse(line));
      if (report.kind !== 'open')
        seen.set(report.turn, `${seen.get(report.turn) ?? ''}${report.word}`);
      if ((left -= 1) === 0) onEnough();
    }
  });
  const closed = once(child, 'close');
  await Promise.race([enough, closed]);
  await sleep(Math.random() * 10);
  child.kill('SIGKILL');
  await closed;
}

it(
  `loses no turn that was answered for and no token that was shown, in ${kills} kills at random moments`,
  { timeout: 240_000 },
  async () => {
    await using temporary = await temporaryDesk();
    const first = await temporary.open();
    const { id } = await first.client['chats.create']({ projectId: null });
    await first.close();
    const seen: Seen = new Map();
    for (let round = 0; round < kills; round += 1)
      await answerAndKill([temporary.folder, id, String(round)], seen);

    const last = await temporary.open();
    const { turns } = await last.client['chats.open']({ id });
    expect([...seen.values()].join('').length).toBeGreaterThan(kills * 20);
    for (const [turn, text] of seen) expect(turns[turn]?.text.startsWith(text.trim())).toBe(true);
    expect(last.entries.filter((entry) => entry.startsWith('warning'))).toEqual([]);
  },
);
