/** A text in one piece as title and chapters, by its headings. */
import { documentSchema, type DocumentNode } from '../document-schema.ts';

export interface SplitText {
  /** Null if no heading stands for the whole. */
  readonly title: string | null;
  readonly chapters: readonly { readonly title: string; readonly text: DocumentNode }[];
}

/**
 * A lone heading of the highest level at the start, with deeper ones below it, is the title; the highest level
 * among the others begins a chapter, and what is deeper moves up accordingly. Without headings all is one chapter.
 */
export function splitChapters(doc: DocumentNode): SplitText {
  const levels: number[] = [];
  doc.forEach((node) => {
    if (isHeading(node)) levels.push(levelOf(node));
  });
  const highest = Math.min(...levels);
  const first = doc.firstChild;
  const hasTitle =
    first !== null &&
    isHeading(first) &&
    levelOf(first) === highest &&
    levels.filter((level) => level === highest).length === 1 &&
    levels.length > 1;
  const chapterLevel = hasTitle
    ? Math.min(...levels.filter((level) => level !== highest))
    : highest;
  const chapters: { title: string; blocks: DocumentNode[] }[] = [];
  doc.forEach((node, _offset, index) => {
    if (hasTitle && index === 0) return;
    if (isHeading(node) && levelOf(node) === chapterLevel) {
      chapters.push({ title: node.textContent, blocks: [] });
      return;
    }
    if (chapters.length === 0) chapters.push({ title: '', blocks: [] });
    chapters.at(-1)?.blocks.push(isHeading(node) ? raised(node, chapterLevel) : node);
  });
  if (chapters.length === 0) chapters.push({ title: '', blocks: [] });
  return {
    title: hasTitle ? first.textContent : null,
    chapters: chapters.map(({ title, blocks }) => ({
      title,
      text: documentSchema.node('doc', null, blocks.length > 0 ? blocks : [paragraph()]),
    })),
  };
}

function paragraph(): DocumentNode {
  return documentSchema.node('paragraph');
}

function isHeading({ type }: DocumentNode): boolean {
  return type === documentSchema.nodes.heading;
}

function levelOf({ attrs }: DocumentNode): number {
  return Number(attrs['level']);
}

/** The first level within a chapter is 1. */
function raised(heading: DocumentNode, chapterLevel: number): DocumentNode {
  const level = Math.max(1, levelOf(heading) - chapterLevel);
  return documentSchema.node('heading', { level }, heading.content, heading.marks);
}
