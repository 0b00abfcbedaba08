/** A novel in one scene, with everything that was ever done to it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ReplaceStep, Transform } from 'prosemirror-transform';
import { Fragment, Slice } from 'prosemirror-model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SceneChange } from '../../../../contract/scenes.ts';
import { documentSchema } from '../document-schema.ts';
import { changeNodeOf } from './change-node.ts';
import { openScene, type Scene } from './scene.ts';
import { emptyState } from './scene-state.ts';

const words = 300_000;
const wordsOfParagraph = 60;
const nodes = 20_000;
const sceneId = 'f1e2d3c4-b5a6-4798-8a9b-0c1d2e3f4a5b';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-large-'));
  writeFileSync(path.join(folder, `${sceneId}.jsonl`), journal());
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Written as the studio would have, without syncing each of twenty thousand lines. */
function journal(): string {
  const paragraph = documentSchema.node('paragraph', null, [
    documentSchema.text('another word of the long night '.repeat(wordsOfParagraph / 6)),
  ]);
  const novel = Fragment.fromArray(
    Array.from({ length: words / wordsOfParagraph }, () => paragraph),
  );
  const lines: object[] = [{ kind: 'scene', version: 1, id: sceneId, at: 1 }];
  const state = { ...emptyState(1) };
  const put = (change: SceneChange) =>
    lines.push({ kind: 'changes', revision: lines.length, words, changes: [change] });
  const about = { at: 1, kind: 'typing', run: null, summary: 'typed' } as const;
  const whole = new ReplaceStep(0, state.doc.content.size, new Slice(novel, 0, 0));
  const first = changeNodeOf(state, [whole], about);
  put(first.change);
  let { doc } = first;
  for (let id = 2; id <= nodes; id += 1) {
    // At the beginning of one paragraph after another.
    const place = 1 + ((id * 7919) % novel.childCount) * paragraph.nodeSize;
    const at = doc.resolve(place).parent.isTextblock ? place : 1;
    const held = { doc, head: id - 1, nodes: { length: id } };
    const typed = changeNodeOf(
      held,
      new Transform(doc).insert(at, documentSchema.text('new ')).steps,
      about,
    );
    put(typed.change);
    ({ doc } = typed);
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function open(): Scene {
  return openScene({ folder, sceneId, now: () => 1, log: () => {} });
}

/** Processor time rather than the clock's: other programs have theirs. */
function millisecondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe(`a scene of ${words} words and ${nodes} changes`, () => {
  it('is read from its journal alone, and then from its checkpoint in less than 400 ms', () => {
    let { state } = emptySceneOf();
    const replayed = millisecondsOf(() => {
      using scene = open();
      ({ state } = scene);
      scene.tidy('closing');
    });
    let answer: ReturnType<Scene['open']> | null = null;
    const checkpointed = millisecondsOf(() => {
      using scene = open();
      answer = scene.open(true);
      expect(scene.state.doc.eq(state.doc)).toBe(true);
    });
    expect(answer).toMatchObject({ head: nodes, revision: nodes, recoveredTokens: 0 });
    expect(replayed).toBeLessThan(20_000);
    expect(checkpointed).toBeLessThan(400);
  }, 120_000);

  it('takes typing in a millisecond or two, of which nothing is proportional to its length', () => {
    using scene = open();
    scene.open(true);
    const changes = 50;
    const spent = millisecondsOf(() => {
      for (let i = 0; i < changes; i += 1) {
        const { doc, head, revision } = scene.state;
        const steps = new Transform(doc).insert(1, documentSchema.text('x')).steps;
        const about = { at: 1, kind: 'typing', run: null, summary: '' } as const;
        const { change } = changeNodeOf({ doc, head, nodes: scene.state.nodes }, steps, about);
        scene.append(revision, [change], words);
      }
    });
    expect(spent / changes).toBeLessThan(10);
    const size = readFileSync(path.join(folder, `${sceneId}.jsonl`)).length;
    expect(size).toBeLessThan(12e6);
  }, 60_000);

  it('tells the text at any version, of a past that was walked once in less than 200 ms', () => {
    using scene = open();
    const { doc } = scene.state;
    scene.at(nodes - 1);
    // As idle moments do.
    for (let moment = 0; moment < 2_000; moment += 1) scene.tidy('idle');
    const lengths: number[] = [];
    const asked = [500, 9_999, 3, 15_001, 19_000];
    for (const id of asked) {
      const spent = millisecondsOf(() => lengths.push(scene.at(id).textContent.length));
      expect(spent).toBeLessThan(200);
    }
    // Each version after the novel itself put four letters in.
    const whole = doc.textContent.length - (scene.state.nodes.length - nodes - 1);
    expect(asked.map((id) => whole - (nodes - id) * 4)).toEqual(lengths);
  }, 120_000);

  it('tells it in less than 400 ms when nothing was asked for before, from what is kept on disk', () => {
    const asked = [500, 9_999, 3, 15_001, 19_000];
    for (const id of asked) {
      using scene = open();
      const { doc } = scene.state;
      const whole = doc.textContent.length - (scene.state.nodes.length - nodes - 1);
      let length = 0;
      const spent = millisecondsOf(() => ({ length } = scene.at(id).textContent));
      expect(length).toBe(whole - (nodes - id) * 4);
      expect(spent).toBeLessThan(400);
    }
  }, 120_000);
});

function emptySceneOf() {
  return { state: emptyState(1) as Scene['state'] };
}
