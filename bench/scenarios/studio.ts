/** What a person feels in the window while the engine or a document's thread works, and whether a seed keeps its promise. */
import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { StudioClient } from '../../contract/studio.ts';
import { startBuiltEngine } from '../built-engine.ts';
import { openBenchStudio } from '../built-studio.ts';
import type { Figure, Scenario } from '../figure.ts';

const nanosecondsPerMs = 1e6;
/** A timer that is checked this often is itself late by about as much. */
const resolutionMs = 1;

export const hostStall: Scenario = {
  name: 'host-stall',
  async run() {
    await using studio = await openBenchStudio();
    // Module loading and the engine's first start are no part of drawing.
    await studio.draw(1, 1);
    const watching = new AbortController();
    const previews = countPreviews(
      studio.client['queue.previews']({}, { signal: watching.signal }),
    );
    const watch = watchStall();
    await studio.draw(10, 4);
    const stall = watch.end();
    watching.abort();
    return [
      ...stallFigures(
        'while drawing',
        stall,
        `4 pictures with ${await previews} live previews read by a client`,
      ),
      ...(await documentFigures(studio.client)),
    ];
  },
};

const wordsInBook = 300_000;

/** A book comes in and goes out again, as files of other programs. */
async function documentFigures(client: StudioClient): Promise<Figure[]> {
  const paragraph = `${'The keeper of the light had seen no ship since winter. '.repeat(6)}\n\n`;
  const chapter = `## A chapter\n\n${paragraph.repeat(100)}`;
  const words = 60 * 100;
  const text = `# A long book\n\n${chapter.repeat(wordsInBook / words)}`;
  const bytes = new TextEncoder().encode(text);
  const importing = watchStall();
  const { id } = await client['documents.import']({ fileName: 'book.md', bytes });
  const figures = stallFigures('while a book comes in', importing.end(), 'Markdown');
  for (const format of ['pdf', 'docx'] as const) {
    const startedAt = performance.now();
    const exporting = watchStall();
    for await (const event of client['documents.export']({ projectId: id, format }))
      if (event.kind === 'done' && event.warnings.length > 0)
        throw new Error(event.warnings.join(' '));
    const stall = exporting.end();
    const seconds = (performance.now() - startedAt) / 1000;
    figures.push(
      ...stallFigures(
        `while it becomes a file of ${format.toUpperCase()}`,
        stall,
        `${seconds.toFixed(1)} s in a thread of its own`,
      ),
    );
  }
  return figures;
}

/** How long the host answers nobody, ms. */
interface Stall {
  /** Median, 99th percentile and longest. */
  readonly delays: readonly [number, number, number];
  readonly ownWork: number;
}

function watchStall(): { end(): Stall } {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  const ownWork = measureOwnWork();
  delay.enable();
  return {
    end() {
      delay.disable();
      const ms = (nanoseconds: number) => nanoseconds / nanosecondsPerMs;
      return {
        delays: [ms(delay.percentile(50)), ms(delay.percentile(99)), ms(delay.max)],
        ownWork: ownWork.end(),
      };
    },
  };
}

function stallFigures(during: string, { delays, ownWork }: Stall, note: string): Figure[] {
  return [
    {
      name: `longest stall of the host ${during}`,
      value: delays[2],
      unit: 'ms',
      limit: 50,
      samples: delays,
      note: `${note}; samples: median, 99th percentile, longest`,
    },
    {
      name: "longest turn of the host's own work meanwhile",
      value: ownWork,
      unit: 'ms',
      limit: 50,
      samples: [ownWork],
      note: 'processor time of its main thread: what is left of a stall when other programs are not counted',
    },
  ];
}

/** Processor time of this thread between two turns of a timer; other programs on the cores do not add to it. */
function measureOwnWork(): { end(): number } {
  let longestMicroseconds = 0;
  let last = process.threadCpuUsage();
  const timer = setInterval(() => {
    const spent = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    longestMicroseconds = Math.max(longestMicroseconds, spent.user + spent.system);
  }, resolutionMs);
  return {
    end() {
      clearInterval(timer);
      return longestMicroseconds / 1000;
    },
  };
}

async function countPreviews(previews: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  try {
    for await (const _ of previews) count += 1;
  } catch {
    // Ends when the watching is aborted.
  }
  return count;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const sameSeed: Scenario = {
  name: 'same-seed',
  async run() {
    const seed = 40;
    const hashes = new Map<string, string>();
    {
      await using engine = await startBuiltEngine();
      hashes.set('first run', sha256((await engine.draw({ seed: seed + 2 })).picture.rgb));
      await engine.draw({ seed: 1, prompt: 'something else' });
      hashes.set(
        'later in the same process',
        sha256((await engine.draw({ seed: seed + 2 })).picture.rgb),
      );
    }
    {
      await using engine = await startBuiltEngine();
      hashes.set('another process', sha256((await engine.draw({ seed: seed + 2 })).picture.rgb));
    }
    {
      await using studio = await openBenchStudio();
      const [, , third] = await studio.draw(seed, 3);
      const [alone] = await studio.draw(seed + 2, 1);
      hashes.set('third of a batch, from its file', sha256(third ?? new Uint8Array()));
      hashes.set('alone, from its file', sha256(alone ?? new Uint8Array()));
    }
    const [reference] = hashes.values();
    const different = [...hashes].filter(([, hash]) => hash !== reference).map(([name]) => name);
    return [
      {
        name: 'pictures of one seed whose pixels differ',
        value: different.length,
        unit: 'differences',
        limit: 0,
        samples: [different.length],
        note:
          different.length === 0
            ? `the same bytes: ${[...hashes.keys()].join(', ')}`
            : `differ: ${different.join(', ')}`,
      },
    ];
  },
};
