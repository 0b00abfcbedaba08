/** Changes to the texts that metadata consists of, each in the way that hurts readers of its kind. */
import type { Random } from './random.ts';

/** A few bytes become very many only in few inputs: they would take all the time. */
const rarely = 1000;

export function mutateText(random: Random, text: string): string {
  let changed = text;
  for (let times = 1 + random.below(3); times > 0; times -= 1) changed = once(random, changed);
  return changed;
}

function once(random: Random, text: string): string {
  const start = text.trimStart()[0];
  if (start === '{' && !random.once(4)) return mutateJson(random, text);
  if (start === '<' && !random.once(4)) return insert(random, text, random.pick(xmlPieces)(random));
  switch (random.below(5)) {
    case 0:
      return insert(random, text, random.pick(tokens));
    case 1: {
      const from = random.below(text.length + 1);
      return text.slice(0, from) + text.slice(from + random.below(20));
    }
    case 2: {
      const [from, length] = [random.below(text.length + 1), random.below(60)];
      return insert(random, text, text.slice(from, from + length));
    }
    case 3:
      return insert(random, text, repeated(random, random.pick(tokens)));
    default:
      return insert(random, text, String.fromCharCode(random.below(0x10000)));
  }
}

/** Mostly some, sometimes hundreds, rarely hundreds of thousands. */
function many(random: Random): number {
  if (random.once(rarely)) return random.below(300_000);
  return random.once(10) ? random.below(2000) : random.below(10);
}

/** Pictures with so many characters of text are larger than any that is meant. */
const mostCharacters = 3 * 2 ** 20;

function repeated(random: Random, piece: string): string {
  return piece.repeat(Math.min(many(random), Math.floor(mostCharacters / piece.length)));
}

function insert(random: Random, text: string, piece: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + piece + text.slice(at);
}

const tokens = [
  ':',
  ',',
  '"',
  '\\',
  '\\"',
  '\n',
  '\r\n',
  '\0',
  'Negative prompt:',
  'Steps: 9, Sampler: Euler, Seed: 1',
  ', Seed: ',
  'Size: 100000x100000',
  'ControlNet 0: "Module: canny, Model: x, Weight: (1, 2), ',
  '<lora:a:',
  '<lora:ink:0.5>',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '{{',
  '::',
  '1.5::',
  '(((((',
  '|',
  'AND',
  'BREAK',
  '猫',
  '🐈',
  '\ud83d',
  '\u2028',
  ' ',
  '\t',
  '_',
  'a',
  'é',
  'Hires upscale: 1e999',
  'Denoising strength: NaN',
  'constructor: 1',
  '__proto__: 1',
  '-',
  '+',
  '.',
  '0',
  '1e5',
  '[abcdef',
  '&',
  '"a" -s 5 -S 1 -A k_euler',
  'prompt:{',
  'workflow:{',
];

const xmlPieces: readonly ((random: Random) => string)[] = [
  () =>
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>',
  (random) => repeated(random, '&b;&c;'),
  (random) => repeated(random, '<a>'),
  (random) => repeated(random, '</rdf:li>'),
  (random) => repeated(random, '<rdf:li>x</rdf:li>'),
  (random) => repeated(random, '<!--'),
  (random) => `<![CDATA[${repeated(random, ']]')}`,
  (random) => `<a ${repeated(random, 'b="c" ')}`,
  (random) => `<a ${repeated(random, 'xmlns:b="c" ')}>`,
  (random) => repeated(random, '&#x10ffff;&#0;&#99999999;'),
  () => '<exif:UserComment>{"c":1}',
  () => '</exif:UserComment>',
  () => '"',
  () => '>',
  () => '<',
  () => '<?',
  () => '/>',
];

/** Without parsing: what is changed need not stay well-formed, and often does. */
function mutateJson(random: Random, text: string): string {
  switch (random.below(5)) {
    case 0: {
      const at = text.indexOf(':', random.below(text.length));
      return at < 0
        ? text
        : `${text.slice(0, at + 1)}${jsonValue(random)},"x":${text.slice(at + 1)}`;
    }
    case 1: {
      // A link that leads elsewhere, maybe in a circle.
      const links = [...text.matchAll(/\["\d+", ?\d+\]/g)];
      if (links.length === 0) return text;
      const link = random.pick(links);
      const to = `["${1 + random.below(16)}", ${random.below(3)}]`;
      return text.slice(0, link.index) + to + text.slice(link.index + link[0].length);
    }
    case 2: {
      const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
      if (numbers.length === 0) return text;
      const number = random.pick(numbers);
      return (
        text.slice(0, number.index) +
        jsonValue(random) +
        text.slice(number.index + number[0].length)
      );
    }
    case 3: {
      const strings = [...text.matchAll(/"[^"\\]*"/g)];
      if (strings.length < 2) return text;
      const [string, other] = [random.pick(strings), random.pick(strings)];
      return text.slice(0, string.index) + other[0] + text.slice(string.index + string[0].length);
    }
    default:
      return insert(
        random,
        text,
        random.pick([
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"',
          '\\',
          'NaN',
          '-Infinity',
          '99999999999999999999',
        ]),
      );
  }
}

function jsonValue(random: Random): string {
  switch (random.below(9)) {
    case 0:
      return repeated(random, '[');
    case 1:
      return `${'{"a":'.repeat(random.below(120))}1${'}'.repeat(random.below(120))}`;
    case 2:
      return JSON.stringify(repeated(random, random.pick(tokens)));
    case 3:
      return `[${repeated(random, '1,')}1]`;
    case 4:
      return `{${'"text":["5",0],'.repeat(random.below(20))}"inputs":{}}`;
    case 5:
      return random.pick([
        'null',
        'true',
        'false',
        '-1',
        '0',
        '1e308',
        '1e999',
        '18446744073709551615',
        '""',
        '[]',
        '{}',
      ]);
    case 6:
      return '"__proto__"';
    case 7:
      return `[["${random.below(16)}",0],["a",0]]`;
    default:
      return String(random.below(2 ** 31));
  }
}
