/** A library of 100,000 pictures: opened, searched, counted, marked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { imageIdAt } from '../../contract/ids.ts';
import { everyImage } from '../../contract/images.ts';
import { drawWord, numbersFrom, writeManyPictures } from '../gallery-library.ts';
import { median, type Figure, type Scenario } from '../figure.ts';

const pictures = 100_000;
const openings = 5;
const searches = 400;
const facetSearches = 60;
const markings = 5;
const marked = 1000;
const bytesInMegabyte = 1e6;

type BuiltLibrary = typeof import('../../main/studio/library/library.ts');

/** The built one: its threads are the files that people run. */
const builtLibrary = new URL('../../dist/main/studio/library/library.js', import.meta.url).href;

export const gallery: Scenario = {
  name: 'gallery',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-gallery-'));
    try {
      const libraryFolder = path.join(folder, 'library');
      writeManyPictures(libraryFolder, pictures);
      const { openLibrary } = (await import(builtLibrary)) as BuiltLibrary;
      const open = () =>
        openLibrary({
          folder: libraryFolder,
          cacheFolder: path.join(folder, 'cache'),
          log: () => {},
        });
      const before = process.memoryUsage().rss;
      const opened: number[] = [];
      const openedOnCpu: number[] = [];
      const compared: number[] = [];
      for (let opening = 0; opening < openings; opening += 1) {
        const startedAt = performance.now();
        const cpuBefore = process.cpuUsage();
        const library = await open();
        const { total } = await library.ask.index({});
        opened.push(performance.now() - startedAt);
        const { user, system } = process.cpuUsage(cpuBefore);
        openedOnCpu.push((user + system) / 1000);
        if (total !== pictures) throw new Error(`${total} pictures were found.`);
        await library.healed;
        compared.push(performance.now() - startedAt);
        await library.close();
      }
      const library = await open();
      try {
        await library.healed;
        const searched = await timesOf(searchesOf(searches), (text) =>
          library.ask.index({ query: { text } }),
        );
        const counted = await timesOf(searchesOf(facetSearches), (text) =>
          library.ask.facets({ query: { text } }),
        );
        const rss = process.memoryUsage().rss;
        const { ids } = await library.ask.index({ limit: marked * markings });
        const marks: number[] = [];
        for (let time = 0; time < markings; time += 1) {
          const chosen = Array.from({ length: marked }, (_, at) =>
            imageIdAt(ids, time * marked + at),
          );
          const startedAt = performance.now();
          await library.change.mark({
            ids: chosen,
            change: { rating: 1 + time, flag: 'pick', addTags: [`batch ${time}`] },
          });
          marks.push(performance.now() - startedAt);
        }
        const [first = ''] = Array.from({ length: 1 }, () => imageIdAt(ids, 0));
        await library.ask.index({ query: { text: 'colour:red' } });
        const looks = await timesOf(['colour:teal', 'colour:#c08040', 'colour:navy'], (text) =>
          library.ask.index({ query: { text } }),
        );
        const alike = await timesOf(['', 'rating>=1'], (text) =>
          library.ask.index({ query: { ...everyImage, text, like: first, order: 'similar' } }),
        );
        return [
          figure('open and list every picture, median', median(opened), 500, opened),
          figure('the same, CPU time of all threads', median(openedOnCpu), null, openedOnCpu),
          figure('the same, before columns were ever packed', opened[0] ?? NaN, null, opened),
          figure('search, 95th percentile', percentile(searched, 0.95), 50, searched),
          figure('facets of a search, 95th percentile', percentile(counted, 0.95), 100, counted),
          figure(`rate, flag and tag ${marked} pictures, median`, median(marks), 200, marks),
          figure('search by colour, median', median(looks), null, looks),
          figure('search by likeness, median', median(alike), null, alike),
          figure(
            'until 100,000 files are compared in the background',
            median(compared),
            null,
            compared,
          ),
          {
            name: 'memory that opening and searching added',
            value: (rss - before) / bytesInMegabyte,
            unit: 'MB',
            limit: 600,
            samples: [before, rss].map((value) => value / bytesInMegabyte),
            note: 'resident set of the whole process, with both threads',
          },
        ];
      } finally {
        await library.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function figure(
  name: string,
  value: number,
  limit: number | null,
  samples: readonly number[],
): Figure {
  const note = `${pictures.toLocaleString('en-US')} rows and files, ${samples.length} times`;
  return { name, value, unit: 'ms', limit, samples, note };
}

async function timesOf(
  texts: readonly string[],
  ask: (text: string) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (const text of texts) {
    const startedAt = performance.now();
    await ask(text);
    times.push(performance.now() - startedAt);
  }
  return times;
}

function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** As people type them: words, half-typed words, phrases, fields, exclusions, and several of them. */
function searchesOf(count: number): readonly string[] {
  const next = numbersFrom(11);
  const word = () => drawWord(next);
  const terms: readonly (() => string)[] = [
    word,
    word,
    () => word().slice(0, 1 + Math.floor(next() * 3)),
    () => `"${word()} ${word()}"`,
    () => `-${word()}`,
    () => `rating>=${1 + Math.floor(next() * 5)}`,
    () => `steps>${15 + Math.floor(next() * 15)}`,
    () => `model:${next() < 0.5 ? 'starter' : 'dreamy'}`,
    () => 'lora:film',
    () => 'tag:"sea view"',
    () => '-tag:sketch',
    () => 'flag:pick',
    () => `date:202${4 + Math.floor(next() * 3)}-0${1 + Math.floor(next() * 9)}`,
    () => 'size:512x768,1024x1024',
    () => 'cfg:5..7.5',
    () => 'has:note',
    () => `prompt:${word()}`,
    () => `(${word()} OR ${word()})`,
    () => 'sampler:"euler a"',
  ];
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + Math.floor(next() * 4) }, () =>
      terms[Math.floor(next() * terms.length)]?.(),
    ).join(' '),
  );
}
