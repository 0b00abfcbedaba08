/**
 * JSON schemas as grammars: texts of the grammar are JSON that is valid under the schema. Properties
 * come in the schema's order, and ones that it does not name only where it says so.
 *
 * Whatever restricts values in a way that is not known here is refused, never passed over.
 * Source: https://json-schema.org/draft/2020-12
 */
import { z } from 'zod';
import { badGrammar } from './automaton.ts';
import {
  charactersBut,
  choice,
  type Expression,
  type Grammar,
  literal,
  optional,
  repeat,
  rule,
  sequence,
} from './grammar.ts';
import {
  anyValueRules,
  jsonBoolean,
  jsonInteger,
  jsonList,
  jsonNull,
  jsonNumber,
  jsonString,
  jsonStringBut,
  jsonStringOf,
  space,
} from './json-grammar.ts';
import { integersBetween, numbersBetween } from './number-range.ts';
import { parseRegex } from './regex.ts';
import { stringFormats } from './string-formats.ts';

const typeNames = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
type TypeName = (typeof typeNames)[number];

interface Schema {
  readonly [keyword: string]: unknown;
}
const Schema = z.union([z.boolean(), z.record(z.string(), z.unknown())]);
const Count = z.number().int().nonnegative();

/** Say nothing about which values are valid. */
const annotations = new Set([
  '$schema',
  '$id',
  '$anchor',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

const keywordsOf: Readonly<Record<TypeName, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  null: [],
};

/** @throws {StudioError} `bad-request`, naming the place in the schema and what is not known or wrong there */
export function jsonSchemaGrammar(document: Schema | boolean): Grammar {
  const rules = new Map<string, Expression>(Object.entries(anyValueRules));
  const building = new Map<string, string>();

  /** A subschema as a rule of its own, so that it may refer to itself. */
  function ruleFor(schema: unknown, place: string): Expression {
    const name = building.get(place) ?? `schema ${place}`;
    if (!building.has(place)) {
      building.set(place, name);
      rules.set(name, expressionFor(schema, place));
    }
    return rule(name);
  }

  function expressionFor(input: unknown, place: string): Expression {
    const parsed = Schema.safeParse(input);
    if (!parsed.success) refuse(place, 'a schema is expected');
    const schema = parsed.data;
    if (schema === true) return rule('value');
    if (schema === false) refuse(place, 'false allows no value at all');
    const keywords = Object.keys(schema).filter((keyword) => !annotations.has(keyword));

    if (schema['$ref'] !== undefined) {
      allowOnly(keywords, ['$ref'], place, 'beside $ref');
      return refer(schema['$ref'], place);
    }
    for (const combination of ['anyOf', 'oneOf', 'allOf'] as const) {
      if (schema[combination] === undefined) continue;
      allowOnly(keywords, [combination], place, `beside ${combination}`);
      return combine(combination, schema[combination], place);
    }
    if ('const' in schema || 'enum' in schema) {
      allowOnly(keywords, ['const', 'enum', 'type'], place, 'beside enum and const');
      return oneOfValues(schema, place);
    }
    return ofTypes(schema, keywords, place);
  }

  function refer(reference: unknown, place: string): Expression {
    if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference))
      refuse(place, `$ref: only places in this schema, such as "#/$defs/name", can be referred to`);
    let target: unknown = document;
    for (const part of reference.split('/').slice(1)) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      target = isObject(target) || Array.isArray(target) ? Reflect.get(target, key) : undefined;
      if (target === undefined) refuse(place, `$ref: there is nothing at "${reference}"`);
    }
    return ruleFor(target, reference);
  }

  function combine(
    keyword: 'anyOf' | 'oneOf' | 'allOf',
    input: unknown,
    place: string,
  ): Expression {
    const parts = z.array(Schema).min(1).safeParse(input);
    if (!parts.success) refuse(place, `${keyword}: a list of schemas is expected`);
    if (keyword === 'allOf' && parts.data.length > 1)
      refuse(place, 'allOf of several schemas is not known here; write them as one');
    if (keyword === 'oneOf' && !areDisjoint(parts.data)) {
      refuse(
        place,
        'oneOf is known only where no value can fit two of its schemas by their types or values; anyOf may be what is meant',
      );
    }
    return choice(
      ...parts.data.map((part, index) => ruleFor(part, `${place}/${keyword}/${index}`)),
    );
  }

  function ofTypes(schema: Schema, keywords: readonly string[], place: string): Expression {
    const types = typesOf(schema, place);
    const known = new Set((types ?? typeNames).flatMap((type) => keywordsOf[type]));
    const unknown = keywords.filter((keyword) => keyword !== 'type' && !known.has(keyword));
    if (unknown.length > 0) {
      refuse(
        place,
        `${unknown.join(', ')} ${types ? `is not known here for ${types.join(', ')}` : 'is not known here'}`,
      );
    }
    const restricting = keywords.filter((keyword) => keyword !== 'type');
    if (types === null && restricting.length === 0) return rule('value');
    // Keywords of one type say nothing about values of another, which then are all allowed.
    const chosen = types ?? typeNames.filter((type) => type !== 'integer');
    return choice(...chosen.map((type) => ofType(type, schema, place)));
  }

  function ofType(type: TypeName, schema: Schema, place: string): Expression {
    switch (type) {
      case 'object':
        return objectOf(schema, place);
      case 'array':
        return arrayOf(schema, place);
      case 'string':
        return stringOf(schema, place);
      case 'integer':
      case 'number':
        return numberOf(type, schema, place);
      case 'boolean':
        return jsonBoolean;
      case 'null':
        return jsonNull;
      default:
        return type satisfies never;
    }
  }

  function objectOf(schema: Schema, place: string): Expression {
    const properties = keyword(schema, 'properties', z.record(z.string(), Schema), place) ?? {};
    const required = keyword(schema, 'required', z.array(z.string()), place) ?? [];
    const names = Object.keys(properties);
    const given = keyword(schema, 'additionalProperties', Schema, place);
    const others = given ?? (names.length === 0 && required.length === 0);
    for (const name of required) {
      if (names.includes(name)) continue;
      if (others === false || given === undefined)
        refuse(place, `required: the property "${name}" is not among the properties`);
      // Any value that further properties may have.
      properties[name] = others;
      names.push(name);
    }
    const member = (name: string) =>
      sequence(
        literal(JSON.stringify(name)),
        space,
        literal(':'),
        space,
        ruleFor(properties[name], `${place}/properties/${pointerPart(name)}`),
      );
    const further = () => {
      const one = sequence(
        names.length === 0 ? jsonString(0, null) : jsonStringBut(names),
        space,
        literal(':'),
        space,
        ruleFor(others, `${place}/additionalProperties`),
      );
      return sequence(one, repeat(sequence(space, literal(','), space, one), 0, null));
    };

    /** What may follow from property `index` on; `isFirst` while no property is there yet. */
    function from(index: number, isFirst: boolean): Expression {
      const comma = isFirst ? sequence() : sequence(space, literal(','), space);
      const name = names[index];
      if (name === undefined) {
        const more = sequence(comma, others === false ? sequence() : further());
        return others === false ? sequence() : optional(more);
      }
      const rest = (first: boolean) => {
        const key = `members ${place} ${index + 1} ${first}`;
        if (!rules.has(key)) {
          rules.set(key, sequence());
          rules.set(key, from(index + 1, first));
        }
        return rule(key);
      };
      const taken = sequence(comma, member(name), rest(false));
      return required.includes(name) ? taken : choice(taken, rest(isFirst));
    }
    return sequence(literal('{'), space, from(0, true), space, literal('}'));
  }

  function arrayOf(schema: Schema, place: string): Expression {
    if (schema['uniqueItems'] === true) refuse(place, 'uniqueItems is not known here');
    const min = keyword(schema, 'minItems', Count, place) ?? 0;
    const max = keyword(schema, 'maxItems', Count, place) ?? null;
    if (max !== null && max < min) refuse(place, 'minItems is above maxItems');
    const first = keyword(schema, 'prefixItems', z.array(Schema), place);
    const items = keyword(schema, 'items', Schema, place);
    if (first !== undefined) {
      if (items !== false || min !== first.length || (max !== null && max !== min)) {
        refuse(
          place,
          'prefixItems is known only with "items": false and as many minItems as there are prefixItems',
        );
      }
      const parts = first.flatMap((item, index) => [
        ...(index === 0 ? [] : [literal(','), space]),
        ruleFor(item, `${place}/prefixItems/${index}`),
        space,
      ]);
      return sequence(literal('['), space, ...parts, literal(']'));
    }
    if (items === false && min > 0) refuse(place, 'items: false allows none');
    const item = ruleFor(items === false ? true : (items ?? true), `${place}/items`);
    return jsonList(item, min, items === false ? 0 : max);
  }

  rules.set('root', ruleFor(document, '#'));
  return { root: 'root', rules };
}

function stringOf(schema: Schema, place: string): Expression {
  const min = keyword(schema, 'minLength', Count, place);
  const max = keyword(schema, 'maxLength', Count, place);
  const pattern = keyword(schema, 'pattern', z.string(), place);
  const format = keyword(schema, 'format', z.string(), place);
  const named = [
    min !== undefined || max !== undefined ? 'minLength and maxLength' : null,
    pattern === undefined ? null : 'pattern',
    format === undefined ? null : 'format',
  ].filter((name) => name !== null);
  if (named.length > 1) refuse(place, `${named.join(' together with ')} is not known here`);
  if (format !== undefined) {
    const expression = stringFormats[format];
    if (!expression) {
      refuse(
        place,
        `the format "${format}" is not known here; known are ${Object.keys(stringFormats).join(', ')}`,
      );
    }
    return jsonStringOf(expression);
  }
  if (pattern !== undefined) {
    const { expression, isHeldAtStart, isHeldAtEnd } = parseRegex(pattern);
    const anything = repeat(charactersBut([]), 0, null);
    return jsonStringOf(
      sequence(
        isHeldAtStart ? sequence() : anything,
        expression,
        isHeldAtEnd ? sequence() : anything,
      ),
    );
  }
  if (max !== undefined && max < (min ?? 0)) refuse(place, 'minLength is above maxLength');
  return jsonString(min ?? 0, max ?? null);
}

function numberOf(type: 'integer' | 'number', schema: Schema, place: string): Expression {
  const multiple = keyword(schema, 'multipleOf', z.number(), place);
  if (multiple !== undefined && !(multiple === 1 && type === 'integer'))
    refuse(place, 'multipleOf is not known here');
  const bound = (name: string) => keyword(schema, name, z.number(), place);
  const [minimum, above] = [bound('minimum'), bound('exclusiveMinimum')];
  const [maximum, below] = [bound('maximum'), bound('exclusiveMaximum')];
  if (type === 'number') {
    if (above !== undefined || below !== undefined)
      refuse(place, 'exclusiveMinimum and exclusiveMaximum are known for whole numbers only');
    for (const value of [minimum, maximum])
      if (value !== undefined && !Number.isInteger(value))
        refuse(place, 'bounds of numbers are known only where they are whole');
  }
  const lows = [
    ...(minimum === undefined ? [] : [Math.ceil(minimum)]),
    ...(above === undefined ? [] : [Math.floor(above) + 1]),
  ];
  const highs = [
    ...(maximum === undefined ? [] : [Math.floor(maximum)]),
    ...(below === undefined ? [] : [Math.ceil(below) - 1]),
  ];
  if (![...lows, ...highs].every(Number.isSafeInteger)) refuse(place, 'a bound is too large');
  const low = lows.length > 0 ? BigInt(Math.max(...lows)) : null;
  const high = highs.length > 0 ? BigInt(Math.min(...highs)) : null;
  if (low !== null && high !== null && low > high) refuse(place, 'no number is within its bounds');
  if (low === null && high === null) return type === 'integer' ? jsonInteger : jsonNumber;
  return type === 'integer' ? integersBetween(low, high) : numbersBetween(low, high);
}

function oneOfValues(schema: Schema, place: string): Expression {
  const listed = keyword(schema, 'enum', z.array(z.json()).min(1), place);
  const fixed = 'const' in schema ? [z.json().parse(schema['const'])] : null;
  const types = typesOf(schema, place);
  const texts = (fixed ?? listed ?? [])
    .filter((value) => types === null || types.some((type) => isOfType(value, type)))
    .map((value) => JSON.stringify(value))
    .filter((text) => !(fixed && listed) || listed.some((value) => JSON.stringify(value) === text));
  if (texts.length === 0) refuse(place, 'none of the values is allowed');
  return choice(...[...new Set(texts)].map(literal));
}

function typesOf(schema: Schema, place: string): readonly TypeName[] | null {
  const name = z.enum(typeNames);
  const given = keyword(schema, 'type', z.union([name, z.array(name).min(1)]), place);
  if (given === undefined) return null;
  return typeof given === 'string' ? [given] : given;
}

function isOfType(value: unknown, type: TypeName): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

/** Whether no value can be valid under two of the schemas, as far as their types and values tell. */
function areDisjoint(schemas: readonly (Schema | boolean)[]): boolean {
  return schemas.every((one, index) =>
    schemas.slice(index + 1).every((other) => areApart(one, other)),
  );
}

function areApart(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return false;
  const [values, otherValues] = [valuesOf(one), valuesOf(other)];
  if (values && otherValues) return !values.some((value) => otherValues.includes(value));
  const [types, otherTypes] = [one['type'], other['type']].map((type) =>
    typeof type === 'string' ? [type] : Array.isArray(type) ? type : null,
  );
  if (types && otherTypes) {
    const isNumeric = (type: unknown) => type === 'number' || type === 'integer';
    const overlap = types.some((type) =>
      otherTypes.some((each) => each === type || (isNumeric(each) && isNumeric(type))),
    );
    if (!overlap) return true;
  }
  // Objects that are told apart by the value of a property that both must have.
  const [properties, otherProperties] = [one['properties'], other['properties']];
  const [required, otherRequired] = [one['required'], other['required']];
  if (!isObject(properties) || !isObject(otherProperties)) return false;
  if (!Array.isArray(required) || !Array.isArray(otherRequired)) return false;
  return required.some((name: unknown) => {
    if (typeof name !== 'string' || !otherRequired.includes(name)) return false;
    const [mine, theirs] = [properties[name], otherProperties[name]];
    return areApart(mine, theirs);
  });
}

/** The values that `const` or `enum` name, as JSON. */
function valuesOf(schema: Schema): readonly string[] | null {
  if ('const' in schema) return [JSON.stringify(schema['const'])];
  return Array.isArray(schema['enum'])
    ? schema['enum'].map((value) => JSON.stringify(value))
    : null;
}

function keyword<T extends z.ZodType>(
  schema: Schema,
  name: string,
  type: T,
  place: string,
): z.output<T> | undefined {
  if (schema[name] === undefined) return undefined;
  const parsed = type.safeParse(schema[name]);
  return parsed.success
    ? parsed.data
    : refuse(place, `${name}: ${parsed.error.issues[0]?.message ?? 'it has another shape'}`);
}

/** Source: RFC 6901 */
function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function allowOnly(
  keywords: readonly string[],
  allowed: readonly string[],
  place: string,
  where: string,
): void {
  const others = keywords.filter((name) => !allowed.includes(name));
  if (others.length > 0) refuse(place, `${others.join(', ')} ${where} is not known here`);
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(place: string, what: string): never {
  throw badGrammar(`The JSON schema cannot be followed at ${place}: ${what}.`);
}
