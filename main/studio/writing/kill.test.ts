import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { hold, newScene, temporaryDesk, textOf } from './writing.fixture.ts';

/** As many as do not hold up the other tests; more of them: `ATELIER_KILLS=100`. */
const kills = Number(process.env['ATELIER_KILLS'] ?? 20);
/** Libraries that are written at once, each by its own processes. */
const desks = 4;
const entry = path.join(import.meta.dirname, 'writer-process.fixture.ts');
const Report = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), recovered: z.number() }),
  z.object({ kind: z.literal('typing'), word: z.string() }),
  z.object({ kind: z.literal('typed'), word: z.string() }),
  z.object({ kind: z.literal('shown'), word: z.string() }),
]);

interface Told {
  readonly typed: string[];
  readonly shown: string[];
  /** Was on its way when the process died: there or not. */
  readonly typing: Set<string>;
  recovered: number;
}

async function writeAndKill(args: readonly string[], told: Told): Promise<void> {
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  // Every fifth is killed while it opens and recovers, the others while they type and stream.
  const isEarly = Math.random() < 0.2;
  let left = 1 + Math.floor(Math.random() * 60);
  const { promise: enough, resolve: onEnough } = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const report = Report.parse(JSON.parse(line));
      if (report.kind === 'open') told.recovered += report.recovered;
      else if (report.kind === 'typing') told.typing.add(report.word);
      else told[report.kind].push(report.word);
      if (report.kind !== 'typing' && (left -= 1) === 0) onEnough();
    }
  });
  const closed = once(child, 'close');
  if (!isEarly) await Promise.race([enough, closed]);
  await sleep(Math.random() * (isEarly ? 500 : 10));
  child.kill('SIGKILL');
  await closed;
}

it(
  `loses no token that was shown, nor typing that was answered, in ${kills} kills at random moments`,
  { timeout: 60_000 + kills * 3_000 },
  async () => {
    const results = await Promise.all(Array.from({ length: desks }, writeOneDesk));
    expect(results.reduce((sum, { shown }) => sum + shown, 0)).toBeGreaterThan(10 * kills);
    expect(results.reduce((sum, { recovered }) => sum + recovered, 0)).toBeGreaterThan(kills / 2);
  },
);

async function writeOneDesk(): Promise<{ shown: number; recovered: number }> {
  await using temporary = await temporaryDesk();
  const first = await temporary.open();
  const { place } = await newScene(first.client);
  await first.close();
  const told: Told = { typed: [], shown: [], typing: new Set(), recovered: 0 };
  for (let round = 0; round < kills / desks; round += 1) {
    await writeAndKill([temporary.folder, place.projectId, place.sceneId, String(round)], told);
  }

  const last = await temporary.open();
  const opened = await last.client['scenes.open'](place);
  const words = textOf(hold(opened).doc).match(/[tw]\d+x\d+\./g) ?? [];
  const counts = Map.groupBy(words, (word) => word);
  const shown = told.shown.map((word) => word.trim());
  // Each run of a round tells the same words anew.
  const expected = Map.groupBy(shown, (word) => word);
  const lost = [...expected].filter(
    ([word, times]) => (counts.get(word)?.length ?? 0) < times.length,
  );
  expect(lost.map(([word]) => word)).toEqual([]);
  const lostTyping = told.typed.filter((word) => counts.get(word.trim())?.length !== 1);
  expect(lostTyping).toEqual([]);
  // What is there was shown, typed, or on its way at one of the kills.
  const twice = [...counts].filter(
    ([word, times]) => word.startsWith('w') && (times.length > 1 || !told.typing.has(` ${word}`)),
  );
  expect(twice).toEqual([]);
  const unseen = [...counts].reduce(
    (sum, [word, times]) =>
      word.startsWith('t') ? sum + times.length - (expected.get(word)?.length ?? 0) : sum,
    0,
  );
  // A token may be in the journal and its showing cut off; the reports of a process end a little before it does.
  expect(unseen).toBeLessThanOrEqual((kills / desks) * 4);
  // Each run's tokens stand in their order, none between them but what was typed elsewhere.
  const runs = words.filter((word) => word.startsWith('t')).map((word) => word.split('x'));
  const breaks = runs.filter(([round, index], i) => {
    const [nextRound, nextIndex] = runs[i + 1] ?? [];
    return (
      nextRound === round &&
      parseInt(nextIndex ?? '0') !== parseInt(index ?? '0') + 1 &&
      parseInt(nextIndex ?? '0') !== 0
    );
  });
  expect(breaks).toEqual([]);
  expect(last.entries.filter((entry) => entry.startsWith('warning'))).toEqual([]);
  return { shown: shown.length, recovered: told.recovered + opened.recoveredTokens };
}
