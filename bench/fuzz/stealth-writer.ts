/** PNG files with a text in the lowest bits of their pixels, right or nearly. */
import { deflateSync } from 'node:zlib';
import { putTogether } from './pieces.ts';
import type { Random } from './random.ts';

const signatures = [
  'stealth_pngcomp',
  'stealth_pnginfo',
  'stealth_rgbcomp',
  'stealth_rgbinfo',
] as const;
const start = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const largestSide = 2048;

export function hideText(random: Random, payload: Buffer): Buffer {
  const signature = random.pick(signatures);
  const isAlpha = signature.startsWith('stealth_png');
  const length = Buffer.alloc(4);
  const lies = [0, 7, 8 * payload.length + 1, 0xffffffff, 0x7ffffff8, random.below(100_000) * 8];
  length.writeUInt32BE((random.once(6) ? random.pick(lies) : 8 * payload.length) >>> 0);
  const hidden = Buffer.concat([Buffer.from(signature, 'latin1'), length, payload]);
  const places = Math.ceil((8 * hidden.length) / (isAlpha ? 1 : 3));
  const height = Math.min(largestSide, Math.max(1, random.pick([1, 8, 160, 200, 400])));
  const width = Math.min(largestSide, Math.ceil(places / height) + random.below(4));
  const channels = isAlpha || random.once(2) ? 4 : 3;
  const pixels = Buffer.alloc(height * (1 + width * channels), 0x40);
  for (let y = 0; y < height; y += 1) pixels[y * (1 + width * channels)] = 0;
  const bits = Math.min(8 * hidden.length, width * height * (isAlpha ? 1 : 3));
  for (let index = 0; index < bits; index += 1) {
    const bit = ((hidden[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
    const place = isAlpha ? index : Math.floor(index / 3);
    const at =
      (place % height) * (1 + width * channels) + 1 + Math.floor(place / height) * channels;
    const channel = isAlpha ? 3 : index % 3;
    pixels[at + channel] = ((pixels[at + channel] ?? 0) & 0xfe) | bit;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(random.once(20) ? 100_000 : width, 0);
  header.writeUInt32BE(random.once(20) ? 100_000 : height, 4);
  header[8] = 8;
  header[9] = channels === 4 ? 6 : 2;
  const packed = deflateSync(pixels, { level: 1 });
  const cut = random.once(20) ? packed.subarray(0, random.below(packed.length)) : packed;
  const pieces = [
    { type: 'IHDR', content: header },
    { type: 'IDAT', content: cut },
    { type: 'IEND', content: Buffer.alloc(0) },
  ];
  return putTogether({ format: 'png', start, pieces, end: Buffer.alloc(0) });
}
