import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameKey, safeName } from './safe-name.ts';
import { parseTemplate } from './template.ts';
import type { NameFacts } from './tokens.ts';
import { createUniqueNames } from './unique-names.ts';

const facts: NameFacts = {
  id: '01234567-89ab-8cde-8f01-23456789abcd',
  contentHash: '0123456789abcdef'.repeat(4),
  createdAt: new Date(2026, 10, 24, 3, 5, 9, 7).getTime(),
  exportedAt: new Date(2027, 0, 1).getTime(),
  model: 'starter',
  seed: 42,
  number: 7,
  prompt: 'a red apple,\n  on a table',
  width: 512,
  height: 768,
  rating: 4,
  sampler: 'DPM++ 2M',
  steps: 20,
  album: 'Fruit: red/green',
  tag: 'still life',
  fileName: '20261124-030509-a-red-apple-42',
  format: 'webp',
};
const named = (template: string, given: Partial<NameFacts> = {}) =>
  parseTemplate(template).render({ ...facts, ...given });

describe('a name template', () => {
  it.each([
    ['{date:yyyy-MM-dd}_{model}_{seed}_{n:04}', '2026-11-24_starter_42_0007'],
    ['{exported:yyyyMMdd-HHmmss}', '20270101-000000'],
    ['{date:yyyy/MM}/{name}', '2026/11/20261124-030509-a-red-apple-42'],
    ['{date:HH:mm}', '03-05'],
    ['{prompt:11} {width}x{height}', 'a red apple 512x768'],
    ['{prompt} ({rating} stars)', 'a red apple, on a table (4 stars)'],
    ['{sampler}-{steps}-{hash:8}.{format}', 'DPM++ 2M-20-01234567.webp'],
    ['{album}/{tag}/{n}', 'Fruit- red-green/still life/7'],
    ['{{{n}}}', '{7}'],
    ['{id}', '01234567-89ab-8cde-8f01-23456789abcd'],
    ['_{n}', '_7'],
  ])('%s stands for %s', (template, name) => {
    expect(parseTemplate(template).problems.filter(({ severity }) => severity === 'error')).toEqual(
      [],
    );
    expect(named(template)).toBe(name);
  });

  it('leaves out what is not known, with the sign that kept it apart', () => {
    const unknown = { model: '', seed: null, sampler: '', tag: '' };
    expect(named('{date:yyyy}_{model}_{seed}_{n:04}', unknown)).toBe('2026_0007');
    expect(named('{seed}_{n}', unknown)).toBe('7');
    expect(named('{tag}/{model}-{n}', unknown)).toBe('7');
    expect(named('{model}', unknown)).toBe('picture');
  });

  it.each([
    ['{n', 0, 1],
    ['a}', 1, 2],
    ['{Model}', 0, 7],
    ['x{what}', 1, 7],
    ['{n:4a}', 0, 6],
    ['{date:yyyy-QQ}', 0, 14],
    ['{prompt:0}', 0, 10],
    ['{id:3}', 0, 6],
    ['../{n}', 0, 2],
    ['a/../{n}', 2, 4],
    ['', 0, 0],
    ['{n}/', 3, 4],
  ])('%j is an error at %i to %i, with a remedy', (template, start, end) => {
    const [problem] = parseTemplate(template).problems;
    expect(problem).toMatchObject({ severity: 'error', field: 'name', start, end });
    expect(problem?.remedy).not.toBe('');
  });

  it('gives notice of signs that some system refuses', () => {
    expect(parseTemplate('a:b?{n}').problems).toMatchObject([
      { severity: 'notice', start: 1, end: 2 },
      { severity: 'notice', start: 3, end: 4 },
    ]);
    expect(named('a:b?{n}')).toBe('a-b-7');
  });

  it('stays below the target whatever it says and whatever a picture is called', () => {
    for (const value of [
      '../../etc/passwd',
      '..',
      '.',
      '/',
      '\0',
      '....',
      'C:\\x',
      '\u202egnp.exe',
    ]) {
      for (const template of ['{prompt}', '{model}/{prompt}/{n}', `${value}/{n}`, value]) {
        const name = named(template, { prompt: value, model: value });
        expect(name.split('/').some((one) => one === '..' || one === '.' || one === '')).toBe(
          false,
        );
        expect(name.startsWith('/')).toBe(false);
        expect(name).not.toMatch(/[\0\\:\u202e]/);
      }
    }
  });

  it('renders any template to safe names, and tells problems within its text', () => {
    const value = fc.string({ unit: 'binary', maxLength: 400 });
    const template = fc.oneof(
      value,
      fc
        .array(
          fc.oneof(
            fc.constantFrom(
              '{date:yyyy/MM}',
              '{n:04}',
              '{prompt:200}',
              '{model}',
              '/',
              '..',
              '{',
              '}',
            ),
            value,
          ),
          { maxLength: 12 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(template, value, value, (text, prompt, model) => {
        const parsed = parseTemplate(text);
        for (const { start, end } of parsed.problems) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(text.length);
        }
        const path = parsed.render({ ...facts, prompt, model });
        for (const name of path.split('/')) expect(problemOf(name)).toBeNull();
      }),
      { numRuns: 3000 },
    );
  });
});

/** The rules of three systems, told in other words than the program's. */
function problemOf(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return 'empty';
  if (/[<>:"/\\|?*]/.test(name)) return 'sign';
  for (const character of name) if ((character.codePointAt(0) ?? 0) < 32) return 'control';
  if (/[. ]$/.test(name) || /^[. ]/.test(name)) return 'end';
  const device = name.split('.')[0]?.trimEnd().toUpperCase() ?? '';
  if (/^(?:CON|PRN|AUX|NUL|COM\d|LPT\d)$/.test(device)) return 'device';
  if (Buffer.byteLength(`${name} (999999).json`) > 255 || name.length > 255) return 'long';
  return name.isWellFormed() ? null : 'surrogate';
}

describe('a safe name', () => {
  it('is no device of Windows, in any case and with any ending', () => {
    for (const name of ['con', 'NUL.txt', 'Com1', 'lpt9.tar.gz', 'aux .x', 'COM¹', 'conin$'])
      expect(safeName(name)).toBe(`_${name}`);
    for (const name of ['console', 'nulls', 'com10', 'auxiliary.txt'])
      expect(safeName(name)).toBe(name);
  });

  it('is cut between letters, 255 bytes at most', () => {
    const name = safeName('e\u0301👩‍👩‍👧'.repeat(100));
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(safeName('猫'.repeat(300)))).toBe(255);
    expect(safeName('x'.repeat(300), 10)).toHaveLength(245);
  });

  it('stays as it is when it is made safe again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const once = safeName(text);
        expect(safeName(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('names of one export', () => {
  const free = () => false;

  it('are kept apart where case or composition is all that differs', async () => {
    const names = createUniqueNames();
    const given = [];
    for (const wish of ['Käse', 'KÄSE', 'Ka\u0308se', 'käse (2)', 'straße', 'STRASSE', 'x'])
      given.push(await names.give(wish, free));
    expect(given).toEqual([
      'Käse',
      'KÄSE (2)',
      'Ka\u0308se (3)',
      'käse (2) (2)',
      'straße',
      'STRASSE (2)',
      'x',
    ]);
    expect(names.has('STRASSE')).toBe(true);
  });

  it('step over what others have', async () => {
    const names = createUniqueNames();
    names.keep('a (2)');
    expect(await names.give('a', (name) => name === 'a' || name === 'a (3)')).toBe('a (4)');
  });

  it('are never given twice', async () => {
    const wishes = fc.array(fc.constantFrom('a', 'A', 'a (2)', 'A (2)', 'a (3)', 'ä', 'a\u0308'), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(wishes, async (list) => {
        const names = createUniqueNames();
        const given: string[] = [];
        for (const wish of list) given.push(await names.give(wish, free));
        expect(new Set(given.map(nameKey)).size).toBe(list.length);
      }),
    );
  });

  it('are found at once for ten thousand equal wishes', async () => {
    const names = createUniqueNames();
    let questions = 0;
    for (let count = 0; count < 10_000; count += 1)
      await names.give('same', () => {
        questions += 1;
        return false;
      });
    expect(questions).toBe(10_000);
  });
});
