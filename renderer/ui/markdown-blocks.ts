/**
 * The part of Markdown that model cards use, as data: nothing in it is ever put into the page as HTML.
 * Pure. Source of the syntax: CommonMark 0.31, a subset.
 */
export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong' | 'emphasis'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly address: string };

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly inlines: readonly Inline[] }
  | { readonly kind: 'paragraph' | 'quote'; readonly inlines: readonly Inline[] }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly items: readonly (readonly Inline[])[];
    }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  | { readonly kind: 'rule' };

const listItem = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function markdownBlocks(markdown: string): Block[] {
  const lines = withoutFrontMatter(markdown.replaceAll('\r\n', '\n')).split('\n');
  const blocks: Block[] = [];
  let at = 0;
  const take = (belongs: (line: string) => boolean): string[] => {
    const taken: string[] = [];
    while (at < lines.length && belongs(lines[at] ?? '')) taken.push(lines[at++] ?? '');
    return taken;
  };

  while (at < lines.length) {
    const line = lines[at] ?? '';
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (line.trim() === '') at += 1;
    else if (heading) {
      blocks.push({
        kind: 'heading',
        level: heading[1]?.length ?? 1,
        inlines: markdownInlines(heading[2] ?? ''),
      });
      at += 1;
    } else if (/^\s*(```|~~~)/.test(line)) {
      const fence = line.trim().slice(0, 3);
      at += 1;
      blocks.push({
        kind: 'code',
        text: take((next) => !next.trim().startsWith(fence)).join('\n'),
      });
      at += 1;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      blocks.push({ kind: 'rule' });
      at += 1;
    } else if (line.includes('|') && tableRule.test(lines[at + 1] ?? '')) {
      const [head = '', , ...rows] = take((next) => next.includes('|'));
      blocks.push({ kind: 'table', head: tableCells(head), rows: rows.map(tableCells) });
    } else if (line.startsWith('>')) {
      const text = take((next) => next.startsWith('>')).map((next) => next.replace(/^>\s?/, ''));
      blocks.push({ kind: 'quote', inlines: markdownInlines(text.join(' ')) });
    } else if (listItem.test(line)) {
      const items: string[] = [];
      // A line that goes on without a marker belongs to the item before it.
      for (const next of take(
        (candidate) => candidate.trim() !== '' && !/^#{1,6}\s/.test(candidate),
      )) {
        const item = listItem.exec(next);
        if (item) items.push(item[2] ?? '');
        else items[items.length - 1] += ` ${next.trim()}`;
      }
      blocks.push({
        kind: 'list',
        ordered: /^\s*\d/.test(line),
        items: items.map(markdownInlines),
      });
    } else {
      const text = take(
        (next) =>
          next.trim() !== '' && !/^(#{1,6}\s|\s*(```|~~~)|>)/.test(next) && !listItem.test(next),
      );
      // Whatever looked special and is not is plain text; without this the loop would not move on.
      if (text.length === 0) text.push(lines[at++] ?? '');
      blocks.push({
        kind: 'paragraph',
        inlines: markdownInlines(text.map((part) => part.trim()).join(' ')),
      });
    }
  }
  return blocks;
}

const inlinePattern =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^()\s]+(?:\([^()]*\))?)\)|<(https?:[^>\s]+)>/g;

export function markdownInlines(text: string): Inline[] {
  const inlines: Inline[] = [];
  let from = 0;
  const pushText = (part: string) => {
    if (part !== '') inlines.push({ kind: 'text', text: part });
  };
  for (const match of text.matchAll(inlinePattern)) {
    pushText(text.slice(from, match.index));
    from = match.index + match[0].length;
    const [, code, strong, strongToo, emphasis, linkText, address, bare] = match;
    if (code !== undefined) inlines.push({ kind: 'code', text: code });
    else if (strong !== undefined || strongToo !== undefined)
      inlines.push({ kind: 'strong', text: strong ?? strongToo ?? '' });
    else if (emphasis !== undefined) inlines.push({ kind: 'emphasis', text: emphasis });
    else
      inlines.push({ kind: 'link', text: linkText ?? bare ?? '', address: address ?? bare ?? '' });
  }
  pushText(text.slice(from));
  return inlines;
}

function tableCells(line: string): Inline[][] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => markdownInlines(cell.trim()));
}

/** Model cards begin with YAML between two lines of dashes. */
function withoutFrontMatter(markdown: string): string {
  return markdown.replace(/^\uFEFF?---\n[\s\S]*?\n---(\n|$)/, '');
}
