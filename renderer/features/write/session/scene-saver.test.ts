import type { Node } from 'prosemirror-model';
import { Transform } from 'prosemirror-transform';
import { describe, expect, it, vi } from 'vitest';
import { StudioError } from '../../../../contract/errors.ts';
import type { OpenScene, SceneChange } from '../../../../contract/scenes.ts';
import type { DocumentJson } from '../../../../contract/document-text.ts';
import { parseDocument, schema } from '../document/schema.ts';
import { createSceneSaver, type Overtaken, type SaverPorts } from './scene-saver.ts';

const paragraph = (text: string) => ({
  type: 'doc',
  content: [{ type: 'paragraph', content: text === '' ? [] : [{ type: 'text', text }] }],
});
const place = { projectId: crypto.randomUUID(), sceneId: crypto.randomUUID() };
const opened = (doc: DocumentJson, revision: number): OpenScene => ({
  ...place,
  revision,
  head: 0,
  doc,
  nodes: [],
  runs: [],
  recoveredTokens: 0,
  undecided: [],
  damagedFile: null,
});

/** A studio whose line can be cut before or after it has written. */
function studioOfOneScene(text: string) {
  const state = { doc: paragraph(text) as DocumentJson, revision: 3, appends: 0 };
  let failing: 'before' | 'after' | null = null;
  const batches: (readonly SceneChange[])[] = [];
  const overtaken: Overtaken[] = [];
  const ports: SaverPorts = {
    client: {
      'scenes.open': async () => opened(state.doc, state.revision),
      'scenes.append': async ({ revision, changes }) => {
        state.appends += 1;
        if (failing === 'before') throw new StudioError('disk-full', 'The disk is full.');
        if (revision !== state.revision) throw new StudioError('conflict', 'Changed elsewhere.');
        batches.push(changes as readonly SceneChange[]);
        state.revision += 1;
        state.doc = written;
        if (failing === 'after') {
          failing = null;
          throw new StudioError('disconnected', 'The line was cut.');
        }
        return { revision: state.revision };
      },
    },
    beforeOvertaken: () => {},
    onOvertaken: (other) => {
      overtaken.push(other);
      return [];
    },
  };
  let written: DocumentJson = state.doc;
  return {
    state,
    ports,
    batches,
    overtaken,
    fail: (how: 'before' | 'after' | null) => (failing = how),
    /** What the next append that is taken makes of the text. */
    willBe: (doc: Node) => (written = doc.toJSON() as DocumentJson),
  };
}

function typed(doc: Node, text: string) {
  const transform = new Transform(doc).insert(doc.content.size - 1, schema.text(text));
  const change: SceneChange = { kind: 'label', id: 0, label: text };
  return { changes: [change], steps: transform.steps, doc: transform.doc };
}

describe('the saving of a scene', () => {
  it('sends what was typed within 800 ms, as one', async () => {
    vi.useFakeTimers();
    const studio = studioOfOneScene('One');
    const saver = createSceneSaver(
      opened(studio.state.doc, 3),
      parseDocument(studio.state.doc),
      studio.ports,
    );
    const first = typed(parseDocument(studio.state.doc), ' two');
    const second = typed(first.doc, ' three');
    studio.willBe(second.doc);
    saver.add(first);
    saver.add(second);
    expect(saver.state.get().kind).toBe('saving');
    await vi.advanceTimersByTimeAsync(800);
    expect(studio.batches).toHaveLength(1);
    expect(saver.state.get().kind).toBe('saved');
    expect(saver.revision()).toBe(4);
    vi.useRealTimers();
  });

  it('says why it failed, keeps everything, and tries again', async () => {
    vi.useFakeTimers();
    const studio = studioOfOneScene('One');
    studio.fail('before');
    const saver = createSceneSaver(
      opened(studio.state.doc, 3),
      parseDocument(studio.state.doc),
      studio.ports,
    );
    const edit = typed(parseDocument(studio.state.doc), ' two');
    studio.willBe(edit.doc);
    saver.add(edit);
    await vi.advanceTimersByTimeAsync(500);
    expect(saver.state.get()).toEqual({ kind: 'failed', reason: 'The disk is full.' });
    expect(saver.isSaved()).toBe(false);
    studio.fail(null);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(saver.state.get().kind).toBe('saved');
    expect(studio.batches).toHaveLength(1);
    vi.useRealTimers();
  });

  it('does not write twice what had arrived when the line was cut', async () => {
    const studio = studioOfOneScene('One');
    studio.fail('after');
    const saver = createSceneSaver(
      opened(studio.state.doc, 3),
      parseDocument(studio.state.doc),
      studio.ports,
    );
    const edit = typed(parseDocument(studio.state.doc), ' two');
    studio.willBe(edit.doc);
    saver.add(edit);
    expect(await saver.flush()).toBe(false);
    expect(await saver.flush()).toBe(true);
    expect(studio.batches).toHaveLength(1);
    expect(studio.overtaken).toEqual([]);
    expect(saver.isSaved()).toBe(true);
  });

  it('hands over what was not saved where another window was faster', async () => {
    const studio = studioOfOneScene('One');
    const base = parseDocument(studio.state.doc);
    const saver = createSceneSaver(opened(studio.state.doc, 3), base, studio.ports);
    studio.state.doc = paragraph('Another text');
    studio.state.revision = 9;
    const edit = typed(base, ' two');
    saver.add(edit);
    expect(await saver.flush()).toBe(true);
    expect(studio.overtaken).toHaveLength(1);
    expect(studio.overtaken[0]?.theirs.textContent).toBe('Another text');
    expect(studio.overtaken[0]?.base).toBe(base);
    expect(studio.overtaken[0]?.unsaved).toEqual(edit.steps);
    expect(saver.revision()).toBe(9);
  });
});
