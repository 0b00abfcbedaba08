import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionAt } from './completion.ts';
import { conditionOf } from './condition.ts';
import { askedValues, clearField, hasTerm, setRange, toggleTerm } from './edit.ts';
import { facetFields, fieldKinds, searchFields } from './fields.ts';
import { parseSearch } from './parse.ts';
import { printSearch } from './tree.ts';

const now = new Date(2026, 10, 26, 12, 0).getTime();
const read = (text: string) => conditionOf(parseSearch(text), now);
const codes = (text: string) => parseSearch(text).problems.map(({ code }) => code);
const at = (...parts: [number, number, number?]) =>
  new Date(parts[0], parts[1], parts[2] ?? 1).getTime();

const piece = fc.constantFrom(
  ...`a cat OR or - ( ) " "" : = > >= < , .. * #f00 2026-11 5 pick model Tag steps date rating
    nofield: 猫 🐈 color today 512x768 \\`.split(/\s+/),
  ' ',
  '\0',
  '\n',
);
const typed = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
);

describe('the tree of a search', () => {
  it('prints as the text that was parsed, without a gap between its leaves', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const tree = parseSearch(text);
        expect(printSearch(tree)).toBe(text);
        let end = 0;
        for (const leaf of tree.leaves) {
          expect(leaf.start).toBe(end);
          expect(leaf.text).not.toBe('');
          end = leaf.end;
        }
        for (const problem of tree.problems) {
          expect(problem.start).toBeLessThanOrEqual(problem.end);
          expect(problem.end).toBeLessThanOrEqual(text.length);
        }
        conditionOf(tree, now);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes terms side by side as all, OR as any of both sides', () => {
    expect(read('red apple OR "green pear" -blurry')).toEqual({
      kind: 'any',
      of: [
        {
          kind: 'all',
          of: [
            { kind: 'words', field: null, text: 'red', isOpen: true },
            { kind: 'words', field: null, text: 'apple', isOpen: true },
          ],
        },
        {
          kind: 'all',
          of: [
            { kind: 'words', field: null, text: 'green pear', isOpen: false },
            { kind: 'not', of: { kind: 'words', field: null, text: 'blurry', isOpen: true } },
          ],
        },
      ],
    });
  });

  it('turns a whole group round, and reads quotes written twice as one', () => {
    expect(read('-(tag:a OR tag:"say ""hi""")')).toEqual({
      kind: 'not',
      of: {
        kind: 'any',
        of: [
          { kind: 'name', field: 'tag', text: 'a', match: 'is' },
          { kind: 'name', field: 'tag', text: 'say "hi"', match: 'is' },
        ],
      },
    });
  });

  it('goes fifty brackets deep and says where it stops', () => {
    const deep = `${'('.repeat(400)}cat${')'.repeat(400)}`;
    expect(codes(deep)).toContain('bracket-deep');
    expect(read(deep)).toMatchObject({ kind: 'words', text: 'cat' });
    expect(codes(`${'('.repeat(50)}cat${')'.repeat(50)}`)).toEqual([]);
  });
});

describe('values', () => {
  it('are compared as their field says', () => {
    const span = { withFrom: true, withTo: true };
    expect(read('model:Starter')).toMatchObject({ text: 'Starter', match: 'holds' });
    expect(read('model=Starter')).toMatchObject({ match: 'is' });
    expect(read('tag:land*')).toMatchObject({ text: 'land', match: 'begins' });
    expect(read('steps>20')).toMatchObject({ from: 20, to: Infinity, withFrom: false });
    expect(read('STEPS<=20')).toMatchObject({ from: -Infinity, to: 20, withTo: true });
    expect(read('cfg:1.5..7')).toMatchObject({ from: 1.5, to: 7, ...span });
    expect(read('seed:..7')).toMatchObject({ from: -Infinity, to: 7, ...span });
    expect(read('size:512X768')).toEqual({ kind: 'size', width: 512, height: 768 });
    expect(read('color:#F00')).toEqual({ kind: 'colour', hex: '#ff0000' });
    expect(read('flag:PICK,reject')).toEqual({
      kind: 'any',
      of: [
        { kind: 'choice', field: 'flag', value: 'pick' },
        { kind: 'choice', field: 'flag', value: 'reject' },
      ],
    });
  });

  it('of dates are days of local time', () => {
    expect(read('date:2026')).toEqual({ kind: 'date', from: at(2026, 0), until: at(2027, 0) });
    expect(read('date:2026-11')).toEqual({ kind: 'date', from: at(2026, 10), until: at(2026, 11) });
    expect(read('date>2026-11-24')).toMatchObject({ from: at(2026, 10, 25), until: Infinity });
    expect(read('date<2026-11')).toMatchObject({ from: -Infinity, until: at(2026, 10) });
    expect(read('date<=yesterday')).toMatchObject({ until: at(2026, 10, 26) });
    expect(read('date:2025..2026-02')).toMatchObject({ from: at(2025, 0), until: at(2026, 2) });
    // A Thursday.
    expect(read('date:week')).toMatchObject({ from: at(2026, 10, 23), until: at(2026, 10, 30) });
  });

  it.each([
    ['stpes>20', 'field-unknown', 'steps'],
    ['steps:many', 'value-unknown', 'number'],
    ['date:2026-13', 'value-unknown', '2026-11-24'],
    ['date:2026-02-30', 'value-unknown', 'date'],
    ['flag:maybe', 'value-unknown', 'flag:reject'],
    ['model>5', 'operator-unsuited', 'model:starter'],
    ['steps>1..5', 'value-unknown', 'range'],
    ['colour:reddish', 'value-unknown', '#rrggbb'],
  ])('that cannot be read are searched for as words: %s', (text, code, remedy) => {
    const { problems } = parseSearch(text);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(problems[0]?.remedy).toContain(remedy);
    expect(read(text)).toMatchObject({ kind: 'words', field: null });
  });

  it.each([
    ['model:', 'value-missing'],
    ['"open', 'quote-open'],
    ['(cat', 'bracket-open'],
    ['cat)', 'bracket-stray'],
    ['cat OR', 'or-stray'],
    ['!!!', 'nothing-to-find'],
  ])('or marks that stand alone are said: %s', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  it('in the examples of every field are good ones', () => {
    for (const field of searchFields) expect(codes(fieldKinds[field].example)).toEqual([]);
  });
});

describe('a click on a facet', () => {
  it('asks for a value, for another one besides, and for neither again', () => {
    const one = toggleTerm('cat', 'model', 'Starter v2 (new)');
    expect(one).toBe('cat model="Starter v2 (new)"');
    const two = toggleTerm(one, 'model', 'sdxl');
    expect(two).toBe('cat model="Starter v2 (new)",sdxl');
    expect(askedValues(two, 'model')).toEqual(['Starter v2 (new)', 'sdxl']);
    expect(toggleTerm(toggleTerm(two, 'model', 'STARTER V2 (NEW)'), 'model', 'sdxl')).toBe('cat');
  });

  it('binds to the whole of a search', () => {
    expect(toggleTerm('cat OR dog', 'rating', '4')).toBe('(cat OR dog) rating:4');
    expect(toggleTerm('(cat', 'rating', '4')).toBe('(cat) rating:4');
    expect(toggleTerm('-tag:a', 'tag', 'a')).toBe('-tag:a tag:a');
  });

  it('can be taken back for any value and any text', () => {
    const field = fc.constantFrom(
      ...facetFields.filter((name) => fieldKinds[name].value !== 'date'),
    );
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('a"b', 'a,b', 'a..b', '(', '-x', 'x*', 'OR', ' '),
    );
    fc.assert(
      fc.property(typed, field, value, (text, name, wish) => {
        const { choices, value: kind } = fieldKinds[name];
        const known = kind === 'name' || kind === 'exact';
        const good = known ? wish : (choices.at(wish.length % Math.max(1, choices.length)) ?? '5');
        fc.pre(kind !== 'size' && good.trim() !== '' && !hasTerm(text, name, good));
        const asked = toggleTerm(text, name, good);
        expect(hasTerm(asked, name, good)).toBe(true);
        expect(hasTerm(toggleTerm(asked, name, good), name, good)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('sets a range in place of the one before', () => {
    const range = setRange('cat steps>5', 'steps', '20', '30');
    expect(range).toBe('cat steps:20..30');
    expect(setRange(range, 'steps', null, '10')).toBe('cat steps<=10');
    expect(setRange(range, 'steps', null, null)).toBe('cat');
    expect(clearField('-tag:a cat tag:b,c', 'tag')).toBe('cat');
  });
});

describe('completion', () => {
  it('offers fields for a word and values for a field', () => {
    expect(completionAt('cat sch', 7)).toMatchObject({
      start: 4,
      end: 7,
      choices: [{ insert: 'schedule:' }],
    });
    expect(completionAt('label:gr', 8)).toMatchObject({
      start: 6,
      field: 'label',
      typed: 'gr',
      choices: [{ insert: 'green' }],
    });
    expect(completionAt('model:', 6)).toMatchObject({ start: 6, field: 'model', typed: '' });
    expect(completionAt('tag:a,"big ca', 13)).toMatchObject({ field: 'tag', typed: 'big ca' });
    expect(completionAt('cat ', 4)).toBeNull();
  });
});
