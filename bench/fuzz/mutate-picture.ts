/** One input: a picture of the corpus, changed in its structure, with checksums and lengths that fit mostly. */
import { deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { mutateText } from './mutate-text.ts';
import { putTogether, takeApart, type Piece, type Pieces } from './pieces.ts';
import type { Random } from './random.ts';
import { hideText } from './stealth-writer.ts';

export interface Corpus {
  readonly files: readonly Buffer[];
  /** Texts of all forms: each is tried in places that are another's. */
  readonly texts: readonly string[];
}

export function mutatePicture(random: Random, corpus: Corpus): Buffer {
  if (random.once(12)) return hideText(random, stealthPayload(random, corpus));
  let bytes = random.pick(corpus.files);
  if (!random.once(8)) bytes = putTogether(mutatePieces(random, takeApart(bytes), corpus));
  if (random.once(4)) bytes = mutateBytes(random, bytes, 1 + random.below(6));
  if (random.once(20)) bytes = bytes.subarray(0, random.below(bytes.length + 1));
  return bytes;
}

function mutatePieces(random: Random, all: Pieces, corpus: Corpus): Pieces {
  const pieces = [...all.pieces];
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    const index = random.below(pieces.length);
    const piece = pieces[index];
    if (!piece) break;
    switch (random.below(8)) {
      case 0:
        pieces.splice(index, 1);
        break;
      case 1:
        pieces.splice(random.below(pieces.length + 1), 0, piece);
        break;
      case 2:
        pieces.splice(1 + random.below(pieces.length), 0, newPiece(random, all, corpus));
        break;
      default: {
        const texts = pieces.filter(isTelling);
        const chosen = texts.length > 0 ? random.pick(texts) : piece;
        pieces[pieces.indexOf(chosen)] = mutatePiece(random, chosen, corpus);
      }
    }
  }
  return { ...all, pieces };
}

const telling = /^(?:[tzi][TE][Xx][tT]|tEXt|eXIf|EXIF|XMP |comment|plain|65505|65534|IHDR)$/;
const isTelling = ({ type }: Piece) => telling.test(type) || /^.TXt$/.test(type);

function mutatePiece(random: Random, piece: Piece, corpus: Corpus): Piece {
  const { type, content } = piece;
  switch (type) {
    case 'tEXt':
    case 'zTXt':
    case 'iTXt':
      return mutateTextChunk(random, piece, corpus);
    case 'eXIf':
    case 'EXIF':
      return { type, content: mutateExif(random, content) };
    case '65505': {
      const isExif = content.toString('latin1', 0, 4) === 'Exif';
      if (!isExif) return { type, content: mutateUtf8(random, content) };
      return {
        type,
        content: Buffer.concat([content.subarray(0, 6), mutateExif(random, content.subarray(6))]),
      };
    }
    case 'XMP ':
    case 'comment':
    case '65534':
      return { type, content: mutateUtf8(random, content) };
    case 'IHDR': {
      const header = Buffer.from(content);
      if (header.length >= 8) {
        header.writeUInt32BE(random.pick([0, 1, 24, 100_000, 0x7fffffff, 0xffffffff]), 0);
        header.writeUInt32BE(random.pick([0, 1, 40, 100_000, 0x7fffffff, 0xffffffff]), 4);
      }
      return { type, content: header };
    }
    default:
      return { type, content: mutateBytes(random, content, 1 + random.below(8)) };
  }
}

function mutateUtf8(random: Random, content: Buffer): Buffer {
  return Buffer.from(mutateText(random, content.toString('utf8')), 'utf8');
}

/** The text changes within its packing, or the packing does. */
function mutateTextChunk(random: Random, { type, content }: Piece, corpus: Corpus): Piece {
  if (random.once(5)) return { type, content: mutateBytes(random, content, 1 + random.below(4)) };
  const end = content.indexOf(0);
  const keyword = random.once(6) ? random.pick(keywords) : content.toString('latin1', 0, end);
  const own = random.once(6) ? random.pick(corpus.texts) : textOf(type, content);
  return textPiece(random, keyword, mutateText(random, own));
}

const keywords = [
  'parameters',
  'prompt',
  'workflow',
  'Comment',
  'Description',
  'invokeai_metadata',
  'sd-metadata',
  'Dream',
  'atelier',
  'XML:com.adobe.xmp',
  'Source',
  '__proto__',
  'x'.repeat(79),
  'x'.repeat(80),
];

function textOf(type: string, content: Buffer): string {
  const end = content.indexOf(0);
  try {
    if (type === 'tEXt') return content.toString('latin1', end + 1);
    if (type === 'zTXt')
      return inflateSync(content.subarray(end + 2), { maxOutputLength: 2 ** 20 }).toString(
        'latin1',
      );
    const rest = content.subarray(content.indexOf(0, content.indexOf(0, end + 3) + 1) + 1);
    return (
      content[end + 1] === 1 ? inflateSync(rest, { maxOutputLength: 2 ** 20 }) : rest
    ).toString('utf8');
  } catch {
    return content.toString('latin1');
  }
}

function textPiece(random: Random, keyword: string, text: string): Piece {
  const name = Buffer.from(`${keyword}\0`, 'latin1');
  switch (random.below(4)) {
    case 0:
      return { type: 'tEXt', content: Buffer.concat([name, Buffer.from(text, 'latin1')]) };
    case 1:
      return {
        type: 'zTXt',
        content: Buffer.concat([name, Buffer.of(0), deflateSync(text, { level: 1 })]),
      };
    case 2:
      return {
        type: 'iTXt',
        content: Buffer.concat([name, Buffer.of(0, 0, 0, 0), Buffer.from(text)]),
      };
    default:
      return {
        type: 'iTXt',
        content: Buffer.concat([name, Buffer.of(1, 0, 0, 0), deflateSync(text, { level: 1 })]),
      };
  }
}

/** Packed zeros of so many megabytes; made once, since making them takes longer than reading should. */
const bombs = [1, 7, 9, 64].map((megabytes) => deflateSync(Buffer.alloc(megabytes * 2 ** 20)));
const gzipBombs = [1, 5, 64].map((megabytes) => gzipSync(Buffer.alloc(megabytes * 2 ** 20)));
const bombTimes = 200;

function newPiece(random: Random, { format }: Pieces, corpus: Corpus): Piece {
  const text = mutateText(random, random.pick(corpus.texts));
  switch (format) {
    case 'png': {
      if (!random.once(bombTimes)) return textPiece(random, random.pick(keywords), text);
      const name = Buffer.from(`${random.pick(keywords)}\0\0`, 'latin1');
      return { type: 'zTXt', content: Buffer.concat([name, random.pick(bombs)]) };
    }
    case 'jpeg':
      return { type: '65534', content: Buffer.from(text) };
    case 'webp':
      return { type: random.pick(['XMP ', 'EXIF']), content: Buffer.from(text) };
    default:
      return { type: 'comment', content: Buffer.from(text) };
  }
}

function stealthPayload(random: Random, corpus: Corpus): Buffer {
  if (random.once(bombTimes)) return random.pick(gzipBombs);
  const packed = gzipSync(mutateText(random, random.pick(corpus.texts)), { level: 1 });
  return random.once(4) ? mutateBytes(random, packed, 3) : packed;
}

/** Fields of directories at offsets where they stand mostly: tags, types, counts, places. */
function mutateExif(random: Random, exif: Buffer): Buffer {
  const bytes = Buffer.from(exif);
  const isLittle = bytes[0] === 0x49;
  for (let times = 1 + random.below(4); times > 0; times -= 1) {
    if (random.once(3)) {
      const text = mutateText(random, bytes.toString('latin1', 44));
      const longer = Buffer.concat([bytes.subarray(0, 44), Buffer.from(text, 'latin1')]);
      return mutateBytes(random, longer, random.below(3));
    }
    const at = 8 + 2 * random.below(Math.min(30, Math.max(1, (bytes.length - 12) >> 1)));
    const value = random.pick([
      0,
      1,
      2,
      8,
      10,
      26,
      44,
      0xffff,
      0x7fffffff,
      0xffffffff,
      0x8769,
      0x9286,
      bytes.length,
      random.below(200),
    ]);
    if (at + 4 > bytes.length) continue;
    if (random.once(2)) {
      if (isLittle) bytes.writeUInt16LE(value & 0xffff, at);
      else bytes.writeUInt16BE(value & 0xffff, at);
    } else if (isLittle) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt32BE(value, at);
  }
  return bytes;
}

export function mutateBytes(random: Random, bytes: Buffer, times: number): Buffer {
  if (bytes.length === 0) return bytes;
  const changed = Buffer.from(bytes);
  for (let left = times; left > 0; left -= 1) {
    const at = random.below(changed.length);
    if (random.once(3) && at + 4 <= changed.length)
      changed.writeUInt32BE(
        random.pick([0, 1, 0xff, 0xffff, 0x7fffffff, 0xffffffff, random.below(1000)]),
        at,
      );
    else
      changed[at] = random.once(2)
        ? random.below(256)
        : (changed[at] ?? 0) ^ (1 << random.below(8));
  }
  return changed;
}
