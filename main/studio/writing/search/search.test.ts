import { describe, expect, it } from 'vitest';
import { TextSearch } from '../../../../contract/projects.ts';
import { diffDocuments } from '../diff-documents.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { applySteps } from '../scene/apply-steps.ts';
import { emptyState } from '../scene/scene-state.ts';
import { edit, hold, newScene, temporaryDesk, textOf } from '../writing.fixture.ts';
import { createFinder, excerptOf } from './find-text.ts';
import { replacementOf } from './replace-text.ts';

const t = documentSchema.text.bind(documentSchema);
const n = documentSchema.node.bind(documentSchema);
const m = documentSchema.mark.bind(documentSchema);

const doc = n('doc', null, [
  n('paragraph', null, [t('The '), t('ca', [m('strong')]), t('t sat.')]),
  n('blockquote', null, [
    n('paragraph', null, [
      t('A Cat,'),
      n('hard_break'),
      t('a CATERPILLAR and a cat', [m('origin', { run: 'r' })]),
    ]),
  ]),
  n('code_block', null, [t('let cat = 1;\nlet b')]),
]);

function find(search: Partial<TextSearch> & { text: string }, replacement = '') {
  return createFinder(TextSearch.parse(search), replacement)(doc);
}

describe('a search', () => {
  it.each([
    [{ text: 'cat' }, ['cat', 'Cat', 'CAT', 'cat', 'cat']],
    [{ text: 'cat', caseSensitive: true }, ['cat', 'cat', 'cat']],
    [{ text: 'cat', wholeWords: true }, ['cat', 'Cat', 'cat', 'cat']],
    [{ text: 'c.t', regex: true, caseSensitive: true }, ['cat', 'cat', 'cat']],
    [{ text: 'c.t' }, []],
    [{ text: 'Cat,\na' }, ['Cat,\na']],
    [{ text: '^let', regex: true }, ['let']],
    [{ text: 'x*', regex: true }, []],
  ] as const)('for %j finds it through marks and breaks, where it stands', (search, expected) => {
    const found = find(search);
    expect(found.map(({ text }) => text)).toEqual(expected);
    for (const { from, to, text } of found)
      expect(doc.textBetween(from, to, null, '\n')).toBe(text);
  });

  it('knows letters of every script as parts of words', () => {
    const other = n('doc', null, [n('paragraph', null, [t('Fluß und Flußbett, über')])]);
    const whole = createFinder(TextSearch.parse({ text: 'fluß', wholeWords: true }));
    expect(whole(other).map(({ from }) => from)).toEqual([1]);
    expect(createFinder(TextSearch.parse({ text: 'ber', wholeWords: true }))(other)).toEqual([]);
  });

  it('gives a match with the words around it', () => {
    const [match] = find({ text: 'sat' });
    if (!match) throw new Error('Nothing was found.');
    const excerpt = excerptOf(match);
    expect(excerpt).toEqual({
      from: 9,
      to: 12,
      excerpt: 'The cat sat.',
      excerptFrom: 8,
      excerptTo: 11,
    });
  });

  it('refuses what is no pattern, and gives up one that would take for ever', () => {
    expect(() => find({ text: '(', regex: true })).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
    const long = n('doc', null, [n('paragraph', null, [t(`${'a'.repeat(60)}!`)])]);
    const slow = createFinder(TextSearch.parse({ text: '(a+)+$', regex: true }));
    expect(() => slow(long)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringContaining('too long'),
      }),
    );
  });
});

describe('a replacement', () => {
  function replaced(search: Partial<TextSearch> & { text: string }, replacement: string) {
    const state = { ...emptyState(0), doc };
    const { changes } = replacementOf(state, find(search, replacement), search.text, 1);
    const [change] = changes;
    if (change?.kind !== 'node') throw new Error('There is no node.');
    const after = applySteps(doc, change.node.steps).doc;
    expect(applySteps(after, change.node.inverse).doc.eq(doc)).toBe(true);
    return after;
  }

  it('keeps marks, and marks what it puts into a model’s words as edited', () => {
    const after = replaced({ text: 'cat' }, 'dog');
    expect(textOf(after)).toBe(
      'The dog sat.\n\nA dog,\na dogERPILLAR and a dog\n\nlet dog = 1;\nlet b',
    );
    const marks: string[] = [];
    after.descendants((node) => {
      if (node.isText && node.marks.length > 0)
        marks.push(
          `${node.text}: ${node.marks.map(({ type, attrs }) => `${type.name} ${String(attrs['edited'] ?? '')}`.trim()).join()}`,
        );
    });
    expect(marks).toEqual([
      'dog: strong',
      'a : origin false',
      'dog: origin true',
      'ERPILLAR and a : origin false',
      'dog: origin true',
    ]);
  });

  it('names groups of a pattern, takes words as they are, and may be empty or of several lines', () => {
    expect(
      textOf(
        replaced({ text: '(?<first>c)(a)t', regex: true, caseSensitive: true }, '$2$<first>$$$&'),
      ),
    ).toContain('The ac$cat sat.');
    expect(textOf(replaced({ text: 'sat' }, '$1$&'))).toContain('The cat $1$&.');
    expect(textOf(replaced({ text: ' sat' }, ''))).toContain('The cat.');
    expect(textOf(replaced({ text: 'sat' }, 'one\ntwo'))).toContain('The cat one\ntwo.');
  });

  it('goes through a project as one node of each scene, which a move takes back', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { project, place } = await newScene(client);
    const held = hold(await client['scenes.open'](place));
    await edit(client, held, (tr) => tr.insert(1, t('cat, cat and Cat')));
    const search = { text: 'cat', caseSensitive: true };
    expect(await client['projects.search']({ id: project.id, search, limit: 1 })).toMatchObject({
      total: 2,
      matches: [{ sceneId: place.sceneId, from: 1, to: 4 }],
    });
    expect(
      await client['projects.replace']({ id: project.id, search, replacement: 'big dog' }),
    ).toEqual({
      replaced: 2,
      scenes: [place.sceneId],
    });
    const opened = await client['scenes.open'](place);
    expect(textOf(hold(opened).doc)).toBe('big dog, big dog and Cat');
    expect(opened.nodes.at(-1)).toMatchObject({ kind: 'replace', parent: 1 });
    await client['scenes.append']({
      ...place,
      revision: opened.revision,
      changes: [{ kind: 'move', to: 1 }],
      words: 4,
    });
    expect(textOf(hold(await client['scenes.open'](place)).doc)).toBe('cat, cat and Cat');
  });
});

describe('a difference', () => {
  const paragraphs = (...texts: string[]): DocumentNode =>
    n(
      'doc',
      null,
      texts.map((text) => n('paragraph', null, text === '' ? [] : [t(text)])),
    );

  it('tells changed blocks word by word, and counts the others', () => {
    const from = paragraphs('One.', 'The cat sat here.', 'Gone.', 'Last.');
    const to = paragraphs('One.', 'The old cat sat.', 'Last.', 'New.');
    expect(diffDocuments(from, to)).toEqual([
      { kind: 'same', blocks: 1 },
      {
        kind: 'block',
        type: 'paragraph',
        position: 6,
        runs: [
          { kind: 'kept', text: 'The ' },
          { kind: 'added', text: 'old ' },
          { kind: 'kept', text: 'cat sat' },
          { kind: 'removed', text: ' here' },
          { kind: 'kept', text: '.' },
        ],
      },
      { kind: 'block', type: 'paragraph', position: 6, runs: [{ kind: 'removed', text: 'Gone.' }] },
      { kind: 'same', blocks: 1 },
      { kind: 'block', type: 'paragraph', position: 31, runs: [{ kind: 'added', text: 'New.' }] },
    ]);
  });

  it('of a text with itself is nothing', () => {
    expect(diffDocuments(doc, doc)).toEqual([{ kind: 'same', blocks: 3 }]);
  });
});
