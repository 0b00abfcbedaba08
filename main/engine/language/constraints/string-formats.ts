/** Formats of strings that JSON schemas name, for texts without escapes. */
import type { Expression } from './grammar.ts';
import { parseRegex } from './regex.ts';

const date = String.raw`(\d{4}-(((0[13578]|1[02])-(0[1-9]|[12]\d|3[01]))|((0[469]|11)-(0[1-9]|[12]\d|30))|(02-(0[1-9]|1\d|2[0-8]))))`;
const time = String.raw`(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+\-]([01]\d|2[0-3]):[0-5]\d))`;

/** Every text is of its format, though not the other way round: 29 February is left out. Source: RFC 3339, RFC 9562 */
export const stringFormats: Readonly<Record<string, Expression>> = Object.fromEntries(
  Object.entries({
    date,
    time,
    'date-time': `${date}T${time}`,
    uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  }).map(([name, pattern]) => [name, parseRegex(pattern).expression]),
);
