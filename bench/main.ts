/**
 * `npm run bench`: measures what Atelier promises, prints it and keeps a record with the machine.
 *
 * `npm run bench -- overhead same-seed` runs the scenarios named. Those of large models need some, see
 * large-model.ts and text-model.ts. The exit code is 1 if a figure is beyond its limit. Close other
 * programs first: the limits are for an idle machine of 2 cores.
 */
import '../main/studio/thread-pool.ts';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildStaleParts } from '../tools/build.ts';
import type { Figure, Scenario } from './figure.ts';
import { describeMachine, type Machine } from './machine.ts';
import { starterDecode } from './scenarios/decode.ts';
import { writingDesk } from './scenarios/desk.ts';
import { coldEngine, engineOverhead } from './scenarios/engine.ts';
import { gallery } from './scenarios/gallery.ts';
import { batchExport } from './scenarios/export.ts';
import { galleryWindow } from './scenarios/gallery-window.ts';
import { importing } from './scenarios/import.ts';
import {
  largeCancel,
  largeDecode,
  largeInt8,
  largeLora,
  largeMemory,
  largeOpen,
  largeOverhead,
  largeStep,
} from './scenarios/large-model.ts';
import { similarity, thumbnails } from './scenarios/pictures.ts';
import { startToWindow } from './scenarios/start.ts';
import { hostStall, sameSeed } from './scenarios/studio.ts';
import { textLlamaCpp } from './scenarios/text-llama-cpp.ts';
import { textStop } from './scenarios/text-stop.ts';
import { textTransformersJs } from './scenarios/text-transformers-js.ts';
import { textDecode } from './scenarios/text.ts';

const scenarios: readonly Scenario[] = [
  engineOverhead,
  coldEngine,
  startToWindow,
  hostStall,
  sameSeed,
  starterDecode,
  writingDesk,
  gallery,
  thumbnails,
  similarity,
  batchExport,
  galleryWindow,
  importing,
  largeOpen,
  largeStep,
  largeInt8,
  largeOverhead,
  largeMemory,
  largeDecode,
  largeCancel,
  largeLora,
  textDecode,
  textStop,
  textTransformersJs,
  textLlamaCpp,
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no scenario ${unknown.join(', ')}. There are: ${scenarios.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

await buildStaleParts();
const machine = describeMachine();
console.log(
  `${machine.cpu}, ${machine.cores} cores, load ${machine.loadBefore.toFixed(1)}, Node ${machine.node}\n`,
);

type RecordedFigure = Figure & { readonly scenario: string; readonly ok: boolean };

const figures: RecordedFigure[] = [];
for (const scenario of scenarios) {
  if (wanted.length > 0 && !wanted.includes(scenario.name)) continue;
  const reason = scenario.unavailable?.() ?? null;
  if (reason !== null) {
    console.log(`skip ${scenario.name.padEnd(14)} ${reason}`);
    continue;
  }
  for (const figure of await scenario.run()) {
    const ok = figure.limit === null || figure.value <= figure.limit;
    figures.push({ scenario: scenario.name, ok, ...figure });
    const value = `${figure.value.toFixed(figure.unit === 'ratio' ? 3 : 1)} ${figure.unit}`;
    console.log(
      `${ok ? 'ok  ' : 'OVER'} ${scenario.name.padEnd(14)} ${figure.name.padEnd(60)} ${value.padStart(14)}  ${figure.limit === null ? figure.note : `(at most ${figure.limit})`}`,
    );
  }
  for (const line of scenario.beside ?? []) console.log(`     ${line}`);
}

const folder = fileURLToPath(new URL('records/', import.meta.url));
mkdirSync(folder, { recursive: true });
const measuredAt = new Date().toISOString();
const file = `${folder}${measuredAt.slice(0, 10)}-${process.platform}-${process.arch}-${machine.cores}cores.json`;
// Scenarios that were named take the place of their figures in the day's record.
const earlier = wanted.length > 0 && existsSync(file) ? readRecord(file) : null;
const measured = new Set(figures.map(({ scenario }) => scenario));
const kept = (earlier?.figures ?? [])
  .filter(({ scenario }) => !measured.has(scenario))
  .map((figure) => ({
    measuredAt: earlier?.measuredAt ?? measuredAt,
    loadBefore: earlier?.machine.loadBefore ?? 0,
    ...figure,
  }));
const own = figures.map((figure) => ({ measuredAt, loadBefore: machine.loadBefore, ...figure }));
if (figures.length > 0) {
  const record: Record = { measuredAt, machine, figures: [...kept, ...own] };
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  console.log(`\nRecord: ${file}`);
}
process.exitCode = figures.every(({ ok }) => ok) ? 0 : 1;

interface Record {
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly figures: readonly RecordedFigure[];
}

function readRecord(path: string): Record {
  return JSON.parse(readFileSync(path, 'utf8')) as Record;
}
