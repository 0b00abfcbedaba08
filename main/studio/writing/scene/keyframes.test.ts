import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { openJournalFile, type JournalFile } from './journal-file.ts';
import { openKeyframes } from './keyframes.ts';

let folder: string;
let journal: JournalFile;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-keyframes-'));
  journal = openJournalFile(
    path.join(folder, 'journal'),
    () => 'first',
    () => {},
  );
});
afterEach(() => {
  journal[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const file = () => path.join(folder, 'keyframes');
const docOf = (paragraphs: readonly string[]): DocumentNode =>
  documentSchema.node(
    'doc',
    null,
    paragraphs.map((words) =>
      documentSchema.node('paragraph', null, words === '' ? [] : [documentSchema.text(words)]),
    ),
  );

describe('keyframes', () => {
  it('give every text back, in one go and after they are opened again', () => {
    const words = fc.constantFrom('', 'same', 'other', 'third');
    fc.assert(
      fc.property(
        fc.array(fc.array(words, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 40 }),
        (texts) => {
          rmSync(file(), { force: true });
          const docs = texts.map(docOf);
          {
            using keyframes = openKeyframes(file(), journal);
            for (const [index, doc] of docs.entries()) {
              journal.append(`change ${index}`);
              keyframes.write(index, doc);
            }
            for (const [index, doc] of docs.entries())
              expect(keyframes.read(index)?.eq(doc)).toBe(true);
          }
          using again = openKeyframes(file(), journal);
          expect(again.nodes).toEqual(new Set(docs.keys()));
          for (const [index, doc] of docs.entries()) expect(again.read(index)?.eq(doc)).toBe(true);
          again.write(docs.length, docOf(['more']));
          expect(again.read(docs.length)?.textContent).toBe('more');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('take room for what changed, also where all paragraphs have the same words', () => {
    using keyframes = openKeyframes(file(), journal);
    const paragraphs = Array<string>(2_000).fill('The same words in every paragraph.');
    journal.append('a change');
    keyframes.write(0, docOf(paragraphs));
    const whole = statSync(file()).size;
    for (let index = 1; index <= 10; index += 1) {
      for (let i = 0; i < 50; i += 1) paragraphs[(index * 50 + i) * 3] = `Changed ${index} ${i}.`;
      keyframes.write(index, docOf(paragraphs));
    }
    expect(statSync(file()).size).toBeLessThan(1.6 * whole);
    expect(keyframes.read(7)?.childCount).toBe(2_000);
  });

  it('of texts that became others are gone, and the file with them', () => {
    using keyframes = openKeyframes(file(), journal);
    journal.append('a change');
    keyframes.write(1, docOf(['one']));
    keyframes.write(2, docOf(['one', 'two']));
    keyframes.forget([3]);
    expect(keyframes.nodes.size).toBe(2);
    keyframes.forget([2]);
    expect(keyframes.nodes.size).toBe(0);
    keyframes.write(2, docOf(['other']));
    expect(keyframes.read(2)?.textContent).toBe('other');
  });

  it('are begun anew where the file is damaged or of another journal, and never told wrong', () => {
    journal.append('a change');
    const write = () => {
      using keyframes = openKeyframes(file(), journal);
      keyframes.write(1, docOf(['one']));
      keyframes.write(2, docOf(['one', 'two']));
      return readFileSync(file(), 'utf8');
    };
    const good = write();
    writeFileSync(file(), good.replace('"two', '"too'));
    {
      using keyframes = openKeyframes(file(), journal);
      expect(keyframes.read(1)?.textContent).toBe('one');
      expect(keyframes.read(2)).toBe(null);
    }
    for (const bad of ['', 'not ours\n', good.replaceAll('"journalTail":"', '"journalTail":"0')]) {
      writeFileSync(file(), bad);
      using keyframes = openKeyframes(file(), journal);
      expect(keyframes.nodes.size).toBe(0);
    }
    expect(write()).toContain('two');
  });
});
