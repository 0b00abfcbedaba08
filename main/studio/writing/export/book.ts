/** A project as one work, ready to be written in any format. */
import type { originProfiles } from '../../../../contract/document-files.ts';
import type { Run } from '../../../../contract/scenes.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';

export interface BookPicture {
  readonly bytes: Uint8Array;
  readonly mimeType: 'image/png' | 'image/jpeg';
  readonly width: number;
  readonly height: number;
}

export interface BookChapter {
  /** Empty for a chapter without a heading. */
  readonly title: string;
  /** Scene by scene. */
  readonly scenes: readonly DocumentNode[];
}

export interface Book {
  readonly id: string;
  readonly title: string;
  readonly author: string;
  /** BCP 47. */
  readonly language: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  readonly chapters: readonly BookChapter[];
  /** What the `origin` marks speak of, by id. */
  readonly runs: ReadonlyMap<string, Run>;
}

/** What a writer of one format needs besides the book. */
export interface ExportContext {
  readonly signal: AbortSignal;
  /** How much of a book is told about what a model wrote. */
  readonly origins: OriginProfile;
  /** @returns null for a picture that is not in the library any more */
  readonly picture: (contentHash: string) => Promise<BookPicture | null>;
  /** A part of the work is done. */
  readonly onProgress: (done: number, total: number) => void;
  /** Something that the file does not hold as the page shows it; for the report. */
  readonly warn: (message: string) => void;
}

export type OriginProfile = (typeof originProfiles)[number];

export interface Authorship {
  /** UTF-16 units of text by people, by models, and by people within what a model wrote. */
  readonly person: number;
  readonly model: number;
  readonly edited: number;
  /** Those whose words are in the book, most first. */
  readonly models: readonly {
    readonly name: string;
    readonly hash: string;
    readonly characters: number;
  }[];
}

export function authorshipOf({ chapters, runs }: Book): Authorship {
  const counts = { person: 0, model: 0, edited: 0 };
  const models = new Map<string, { name: string; hash: string; characters: number }>();
  for (const { scenes } of chapters) {
    for (const scene of scenes) {
      scene.descendants((node) => {
        if (!node.isText) return;
        const length = node.text?.length ?? 0;
        const origin = originOf(node);
        if (origin === null) {
          counts.person += length;
          return;
        }
        counts[origin.edited ? 'edited' : 'model'] += length;
        const run = runs.get(origin.run);
        const key = run?.modelHash ?? '';
        const known = models.get(key) ?? {
          name: run?.modelName ?? 'a model that is not known any more',
          hash: key,
          characters: 0,
        };
        models.set(key, { ...known, characters: known.characters + length });
      });
    }
  }
  return {
    ...counts,
    models: [...models.values()].toSorted((a, b) => b.characters - a.characters),
  };
}

/** In a sentence for the end of a book; null where no model took part. */
export function colophonOf(book: Book): string | null {
  const { person, model, edited, models } = authorshipOf(book);
  if (model + edited === 0) return null;
  const share = Math.max(1, Math.round((100 * (model + edited)) / (person + model + edited)));
  const names = models.map(({ name, hash }) =>
    hash === '' ? name : `${name} (${hash.slice(0, 12)})`,
  );
  return `About ${share} % of this text was written with a language model: ${names.join(', ')}.`;
}

export function originOf(
  node: DocumentNode,
): { readonly run: string; readonly edited: boolean } | null {
  const mark = documentSchema.marks.origin.isInSet(node.marks);
  return mark ? { run: String(mark.attrs['run']), edited: mark.attrs['edited'] === true } : null;
}

/** The same text without a word about where it came from; neighbours that then look alike become one. */
export function withoutOrigins(node: DocumentNode): DocumentNode {
  if (node.isText) return node.mark(documentSchema.marks.origin.removeFromSet(node.marks));
  const children: DocumentNode[] = [];
  node.forEach((child) => children.push(withoutOrigins(child)));
  return node.type.create(node.attrs, children, node.marks);
}

/** Whether a scene holds nothing that would be printed. */
export function isBlank(scene: DocumentNode): boolean {
  let blank = scene.textContent.trim() === '';
  scene.descendants((node) => {
    if (node.type === documentSchema.nodes.picture) blank = false;
  });
  return blank;
}
