/** Formats of strings that JSON schemas name, for texts without escapes. */
import type { Expression } from './grammar.ts';
import { parseRegex } from './regex.ts';

const date = String.raw`(\d{4}-(((0[13578]|1[02])-(0[1-9]|[12]\d|3[01]))|((0[469]|11)-(0[1-9]|[12]\d|30))|(02-(0[1-9]|1\d|2[0-8]))))`;
const time = String.raw`(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+\-]([01]\d|2[0-3]):[0-5]\d))`;

const byte = String.raw`(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])`;
const host = '[a-z0-9]{1,20}([.-][a-z0-9]{1,20}){0,3}[.][a-z]{2,8}';

/**
 * Every text is of its format, though not the other way round: 29 February and odd addresses are
 * left out.
 * Source: RFC 3339, RFC 9562, RFC 5321, RFC 3986
 */
export const stringFormats: Readonly<Record<string, Expression>> = Object.fromEntries(
  Object.entries({
    date,
    time,
    'date-time': `${date}T${time}`,
    uuid: '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
    email: `[a-z0-9]{1,20}([._-][a-z0-9]{1,20}){0,3}@${host}`,
    uri: `https?://${host}(/[A-Za-z0-9._~-]{1,40}){0,8}/?`,
    ipv4: `${byte}([.]${byte}){3}`,
  }).map(([name, pattern]) => [name, parseRegex(pattern).expression]),
);
