/**
 * What the text of a scene can hold, as plain data: both ends build their ProseMirror schema from it.
 *
 * The text of a scene is a document of these nodes as JSON. Chapters and scenes are not part of it: they
 * are the project's.
 */
import { z } from 'zod';
import { unpack } from './packed.ts';

/** Content expressions, groups and attributes as ProseMirror's `SchemaSpec` has them. */
export const documentNodes = {
  doc: { content: 'block+' },
  paragraph: { group: 'block', content: 'inline*' },
  heading: {
    group: 'block',
    content: 'inline*',
    attrs: { level: { default: 2, validate: 'number' } },
    defining: true,
  },
  blockquote: { group: 'block', content: 'block+', defining: true },
  bullet_list: { group: 'block', content: 'list_item+' },
  ordered_list: {
    group: 'block',
    content: 'list_item+',
    attrs: { order: { default: 1, validate: 'number' } },
  },
  list_item: { content: 'paragraph block*', defining: true },
  code_block: { group: 'block', content: 'text*', marks: 'origin', code: true, defining: true },
  /** A pause within a scene. */
  divider: { group: 'block' },
  /** A picture of the library, by the hash of its content. */
  picture: {
    group: 'block',
    attrs: {
      contentHash: { validate: 'string' },
      alt: { default: '', validate: 'string' },
      caption: { default: '', validate: 'string' },
    },
    atom: true,
    draggable: true,
  },
  text: { group: 'inline' },
  hard_break: { group: 'inline', inline: true, selectable: false },
} as const;

/** Order is the order in which marks nest. */
export const documentMarks = {
  /**
   * Where text came from; without it a person wrote it. `run` is a `Run`'s id; `edited` text was put by a
   * person into what that run wrote. What is typed behind a span is the person's own.
   */
  origin: {
    attrs: { run: { validate: 'string' }, edited: { default: false, validate: 'boolean' } },
    inclusive: false,
  },
  link: {
    attrs: { href: { validate: 'string' }, title: { default: null, validate: 'string|null' } },
    inclusive: false,
  },
  strong: {},
  em: {},
  strike: {},
  code: { code: true },
} as const;

/** A node as JSON. Whether it fits the schema is checked where the schema is built. */
export const DocumentJson = z.looseObject({
  type: z.string(),
  content: z.array(z.looseObject({ type: z.string() })).optional(),
});
export type DocumentJson = z.infer<typeof DocumentJson>;

/** A long one packed; bytes first, which would be looked at one by one as an object. */
export const PackedDocument = z.union([z.instanceof(Uint8Array), DocumentJson]);
export type PackedDocument = z.infer<typeof PackedDocument>;

export const unpackDocument = (doc: PackedDocument): DocumentJson =>
  doc instanceof Uint8Array ? DocumentJson.parse(unpack(doc)) : doc;

/** A step of prosemirror-transform as JSON. */
export const StepJson = z.looseObject({ stepType: z.string() });
export type StepJson = z.infer<typeof StepJson>;
