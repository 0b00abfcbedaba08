/** What the engine adds to the time that onnxruntime needs, and how much memory it takes. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startBuiltEngine } from '../built-engine.ts';
import { median, type Figure, type Scenario } from '../figure.ts';

const pictures = 5;

export const engineOverhead: Scenario = {
  name: 'overhead',
  async run() {
    await using engine = await startBuiltEngine();
    // Loads the models; their time is the cold start's, measured elsewhere.
    await engine.draw({ steps: 2 });
    const ratios: number[] = [];
    for (let index = 0; index < pictures; index += 1) {
      // A new prompt each time, so that the text encoder runs as well.
      const { picture, wholeMs } = await engine.draw({
        seed: index,
        prompt: `${index} apples, 3d`,
      });
      ratios.push(wholeMs / picture.runMs);
    }
    return [
      {
        name: 'whole picture ÷ sum of session.run',
        value: median(ratios),
        unit: 'ratio',
        limit: 1.05,
        samples: ratios,
        note: 'from request to pixels in the host, text encoder and previews included',
      },
      ...(await memoryOf(engine)),
    ];
  },
};

async function memoryOf({
  client,
}: Awaited<ReturnType<typeof startBuiltEngine>>): Promise<Figure[]> {
  const { memoryBytes, pid } = await client['engine.report']({});
  const figure = (name: string, megabytes: number): Figure => ({
    name,
    value: megabytes,
    unit: 'MB',
    limit: 800,
    samples: [megabytes],
    note: '',
  });
  const status = `/proc/${pid}/status`;
  const peakKib = existsSync(status)
    ? /VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]
    : undefined;
  return [
    figure('engine memory after pictures', memoryBytes / 1e6),
    ...(peakKib === undefined
      ? []
      : [figure('engine memory at its peak', (Number(peakKib) * 1024) / 1e6)]),
  ];
}

export const coldEngine: Scenario = {
  name: 'cold-engine',
  async run() {
    const cacheFolder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-cache-'));
    try {
      const seconds: number[] = [];
      for (let index = 0; index < 3; index += 1) {
        const startedAt = performance.now();
        await using engine = await startBuiltEngine(cacheFolder);
        await engine.draw();
        seconds.push((performance.now() - startedAt) / 1000);
      }
      const [first = Number.NaN, ...later] = seconds;
      return [
        {
          name: 'first picture ever, from no engine process',
          value: first,
          unit: 's',
          limit: 6,
          samples: [first],
          note: '256 × 256, 20 steps; graphs are optimised and cached on the way',
        },
        {
          name: 'first picture of a later start, from no engine process',
          value: median(later),
          unit: 's',
          limit: 6,
          samples: later,
          note: '256 × 256, 20 steps',
        },
      ];
    } finally {
      rmSync(cacheFolder, { recursive: true, force: true });
    }
  },
};
