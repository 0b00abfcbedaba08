import type { Node } from 'prosemirror-model';
import { Selection } from 'prosemirror-state';
import { Transform } from 'prosemirror-transform';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markType, nodeType, parseDocument, schema } from '../document/schema.ts';
import { insertText } from '../co-writer/insert-text.ts';
import { inverseSteps, summaryOf } from '../session/change-summary.ts';
import { compactChanges } from './compact-changes.ts';
import {
  nodeAt,
  openTree,
  record,
  recordBranch,
  redoTarget,
  seal,
  setLabel,
  undoTarget,
  walk,
  type ChangeKind,
  type HistoryTree,
  type Recorded,
} from './history-tree.ts';
import { emptyRoot, follow } from './store.fixture.ts';
import { weave } from './weave.ts';

const paragraph = (text: string) => ({
  type: 'paragraph',
  content: text === '' ? [] : [{ type: 'text', text }],
});

/** A scene as the window holds it, with a run that writes where it was asked to. */
class Desk {
  doc: Node;
  tree: HistoryTree = openTree([emptyRoot], 0);
  sent: Recorded['changes'] = [];
  now = 10_000;
  run: string | null = null;
  place = 0;
  breaks = '';
  readonly empty: Node;

  constructor(...texts: readonly string[]) {
    this.doc = parseDocument({ type: 'doc', content: texts.map(paragraph) });
    this.empty = this.doc;
  }

  begin(place: number): string {
    this.run = crypto.randomUUID();
    this.place = place;
    this.breaks = '';
    this.tree = seal(this.tree);
    return this.run;
  }

  /** The run's next words. */
  put(text: string): void {
    const transform = new Transform(this.doc);
    const place = { position: nearText(this.doc, this.place), breaks: this.breaks };
    ({ breaks: this.breaks } = insertText(transform, place, text, this.run));
    if (transform.steps.length > 0) this.take(transform, 'generation', this.run);
  }

  /** What the person does. */
  edit(make: (transform: Transform) => void): void {
    const transform = new Transform(this.doc);
    make(transform);
    if (transform.docChanged) this.take(transform, 'typing', null);
  }

  type(text: string, at: number): void {
    this.edit((tr) => tr.insert(at, schema.text(text)));
  }

  take(transform: Transform, kind: ChangeKind, run: string | null): void {
    const change = {
      kind,
      run,
      steps: transform.steps,
      inverse: inverseSteps(transform),
      at: this.now,
      selection: null,
      summary: summaryOf([transform]),
    };
    const recorded = weave(this.tree, this.doc, transform.doc, change) ?? record(this.tree, change);
    this.place = transform.mapping.map(this.place, 1);
    this.doc = transform.doc;
    this.keep(recorded);
  }

  go(target: number | null): void {
    if (target === null) return;
    const transform = new Transform(this.doc);
    const walked = walk(this.tree, target, transform);
    this.place = transform.mapping.map(this.place, 1);
    this.doc = transform.doc;
    this.keep(walked);
  }

  keep(recorded: Recorded): void {
    this.tree = recorded.tree;
    this.sent = [...this.sent, ...recorded.changes];
  }

  undo = () => this.go(undoTarget(this.tree));
  redo = () => this.go(redoTarget(this.tree));

  get text(): string {
    return this.doc.textBetween(0, this.doc.content.size, '\n');
  }

  get kinds(): string[] {
    return [...this.tree.nodes.values()].slice(1).map(({ kind }) => kind);
  }
}

describe('a run that writes while the person goes on elsewhere', () => {
  it('is one node below what was typed, and each is undone and redone on its own', () => {
    const desk = new Desk('Once', 'Else');
    desk.begin(5);
    desk.put(' upon');
    desk.type(' one', desk.doc.content.size - 1);
    desk.put(' a');
    desk.now += 2_000;
    desk.type(' two', desk.doc.content.size - 1);
    desk.put(' time.\n\nThe');
    desk.put(' end');
    const whole = 'Once upon a time.\nThe end';
    expect(desk.text).toBe(`${whole}\nElse one two`);
    expect(desk.kinds).toEqual(['generation', 'typing', 'typing']);
    const texts: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      desk.undo();
      texts.push(desk.text);
    }
    expect(texts).toEqual([`${whole}\nElse one`, `${whole}\nElse`, 'Once\nElse']);
    for (let i = 0; i < 3; i += 1) desk.redo();
    expect(desk.text).toBe(`${whole}\nElse one two`);
    expect(nodeAt(desk.tree, 1).summary).toContain('upon a time');
  });

  it('goes on when the typing is undone, and redoing brings the typing to all of its words', () => {
    const desk = new Desk('Once', 'Else');
    desk.begin(5);
    desk.put(' upon');
    desk.type('Some', desk.doc.content.size - 5);
    desk.undo();
    desk.put(' a time');
    expect(desk.text).toBe('Once upon a time\nElse');
    desk.redo();
    expect(desk.text).toBe('Once upon a time\nSomeElse');
    desk.undo();
    desk.undo();
    expect(desk.text).toBe('Once\nElse');
  });

  it('keeps typing without a pause one change, whatever comes meanwhile', () => {
    const desk = new Desk('', 'Else');
    desk.begin(1);
    desk.put('a');
    for (const letter of 'typed') {
      desk.type(letter, desk.doc.content.size - 1);
      desk.put('b');
    }
    expect(desk.kinds).toEqual(['generation', 'typing']);
    desk.undo();
    expect(desk.text).toBe('abbbbb\nElse');
  });

  it.each<[string, (tr: Transform, end: number) => void]>([
    ['typed where it writes', (tr, end) => tr.insert(end, schema.text('mine'))],
    ['typed into its words', (tr, end) => tr.insert(end - 2, schema.text('mine'))],
    ['broken where it writes', (tr, end) => tr.split(end)],
    ['taken away before it', (tr, end) => tr.delete(end - 3, end)],
    ['taken away behind it', (tr, end) => tr.delete(end, end + 4)],
    ['taken away around it', (tr, end) => tr.delete(end - 3, end + 3)],
    ['written over it', (tr, end) => tr.replaceWith(end - 3, end + 3, schema.text('mine'))],
    ['made bold around it', (tr, end) => tr.addMark(end - 3, end + 3, markType('strong').create())],
    ['made a heading', (tr, end) => tr.setBlockType(end, end, nodeType('heading'), { level: 2 })],
    ['taken away with its paragraph', (tr) => tr.delete(0, tr.doc.child(0).nodeSize)],
  ])('keeps all of its words where something was %s', (_what, make) => {
    const desk = new Desk('Once; then', 'Else');
    desk.begin(5);
    // A space would go at the beginning of a paragraph.
    desk.put('-upon');
    desk.edit((tr) => make(tr, desk.place));
    desk.put('-a');
    desk.put('-time');
    const shown = desk.doc;
    desk.undo();
    expect(desk.text).toBe('Once-upon-a-time; then\nElse');
    desk.undo();
    expect(desk.text).toBe('Once; then\nElse');
    desk.redo();
    desk.redo();
    expect(desk.doc.eq(shown)).toBe(true);
    expect(follow(desk.empty, compactChanges(desk.sent)).doc.eq(shown)).toBe(true);
  });

  it('leaves a snapshot what it is, and goes on above it', () => {
    const desk = new Desk('', 'Else');
    desk.begin(1);
    desk.put('a');
    desk.type('x', desk.doc.content.size - 1);
    desk.keep(setLabel(desk.tree, desk.tree.head, 'Half way'));
    desk.put('b');
    expect(desk.kinds).toEqual(['generation', 'typing', 'generation']);
    desk.undo();
    expect(desk.text).toBe('a\nElsex');
  });

  it('never weaves into words that the person chose', () => {
    const desk = new Desk('', 'Else');
    const run = desk.begin(1);
    const choose = (text: string) =>
      desk.take(new Transform(desk.doc).insert(desk.place, schema.text(text)), 'choice', run);
    choose('a');
    desk.type('x', desk.doc.content.size - 1);
    choose('b');
    expect(desk.kinds).toEqual(['choice', 'typing', 'choice']);
  });

  it('tells what is sent at once as one change, about nodes by how far they move', () => {
    const desk = new Desk('', 'Else');
    desk.begin(1);
    desk.put('a');
    desk.type('x', desk.doc.content.size - 1);
    desk.sent = [];
    for (const word of [' b', ' c', ' d']) desk.put(word);
    expect(compactChanges(desk.sent)).toMatchObject([
      { kind: 'weave', id: 1, steps: [{ from: 2 }], above: [{ id: 2, by: 6 }] },
    ]);
  });

  it('leads from every node to the same texts as the store, whatever was done', () => {
    const place = fc.nat(200);
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), text: words() }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('type' as const),
          text: words(),
          place,
          pause: fc.nat(2_000),
        }),
      },
      fc.record({ kind: fc.constant('delete' as const), place, size: fc.nat(8) }),
      fc.record({ kind: fc.constant('bold' as const), place, size: fc.nat(8) }),
      fc.record({ kind: fc.constant('split' as const), place }),
      fc.record({
        kind: fc.constantFrom('undo' as const, 'redo' as const, 'begin' as const),
        place,
      }),
      fc.record({ kind: fc.constant('branch' as const), text: words() }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const desk = new Desk('Once upon', 'another time', '');
        desk.begin(5);
        /** What each run told, in order. */
        const told = new Map<string, string>();
        for (const each of actions) {
          const at = 'place' in each ? textPlaceAt(desk.doc, each.place) : 0;
          switch (each.kind) {
            case 'put':
              if (desk.run === null) break;
              desk.put(each.text);
              told.set(desk.run, (told.get(desk.run) ?? '') + each.text);
              break;
            case 'type':
              desk.now += each.pause;
              desk.type(each.text, at);
              break;
            case 'delete':
              desk.edit((tr) => tr.delete(at, textPlaceAt(desk.doc, at + each.size, at)));
              break;
            case 'bold':
              desk.edit((tr) =>
                tr.addMark(at, textPlaceAt(desk.doc, at + each.size, at), schema.mark('strong')),
              );
              break;
            case 'split':
              desk.edit((tr) => tr.split(at));
              break;
            case 'undo': {
              // As the desk does it: a run that is taken back has ended.
              const head = nodeAt(desk.tree, desk.tree.head);
              if (head.kind === 'generation' && head.run === desk.run) desk.run = null;
              desk.undo();
              break;
            }
            case 'redo':
              desk.redo();
              break;
            case 'begin':
              desk.begin(at);
              break;
            case 'branch': {
              const other = new Transform(desk.doc).insert(1, schema.text(each.text));
              desk.keep(
                recordBranch(desk.tree, {
                  kind: 'choice',
                  steps: other.steps,
                  inverse: inverseSteps(other),
                  at: desk.now,
                  selection: null,
                  summary: '',
                }),
              );
              break;
            }
            default:
              each satisfies never;
          }
        }
        const stores = [desk.sent, compactChanges(desk.sent)].map((changes) =>
          follow(desk.empty, changes),
        );
        for (const store of stores) {
          expect(store.doc.eq(desk.doc)).toBe(true);
          expect(store.head).toBe(desk.tree.head);
        }
        const nodes = [...desk.tree.nodes.values()];
        for (const [run, text] of told) {
          const own = nodes.filter((node) => node.run === run);
          expect(own).toHaveLength(1);
          const [node] = own;
          desk.go(node?.id ?? 0);
          expect(wordsOf(desk.doc, run)).toBe(text.replaceAll('\n', ''));
          desk.undo();
          expect(wordsOf(desk.doc, run)).toBe('');
        }
        for (const { id } of nodes) {
          desk.go(id);
          for (const store of stores) expect(store.at(id).eq(desk.doc)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function words() {
  return fc.stringMatching(/^[a-z](?:[a-z ]|\n[a-z]){0,5}$/);
}

/** @returns the nearest place to the right at which words can stand, or else to the left */
function textPlaceAt(doc: Node, wanted: number, least = 1): number {
  const end = doc.content.size;
  for (let at = Math.max(least, wanted % (end + 1)); at < end; at += 1)
    if (doc.resolve(at).parent.inlineContent) return at;
  return Math.max(least, end - 1);
}

function nearText(doc: Node, at: number): number {
  const $at = doc.resolve(at);
  return $at.parent.inlineContent ? at : Selection.near($at, -1).to;
}

/** What the run's words in a text are, one after another. */
function wordsOf(doc: Node, run: string): string {
  let found = '';
  doc.descendants((node) => {
    if (node.marks.some(({ attrs }) => attrs['run'] === run)) found += node.text ?? '';
  });
  return found;
}
