/**
 * ControlNet units of the `parameters` text, in the three ways that the extension has written them:
 * `ControlNet 0: "Module: canny, Model: x [hash], Weight: 1, … Guidance Start: 0, Guidance End: 1"`, before
 * that `ControlNet 0: "preprocessor: canny, model: x [hash], weight: 1, starting/ending: (0, 1)"`, and at
 * first a pair for each number, `ControlNet Model: x` or `ControlNet-0 Model: x`.
 */
import { ControlUse } from '../../../../contract/image-options.ts';
import type { ReusableSettings } from '../../../../contract/reuse.ts';
import { installedAs, withoutHash, type Installed } from './installed.ts';
import type { PairReader } from './pair-reader.ts';
import { moduleWords, nameOf } from './web-ui-names.ts';

const ControlNumbers = ControlUse.omit({ picture: true });

/** @param left is told of units that cannot be taken over, and of preprocessors that are not here */
export function takeControls(
  pairs: ReadonlyMap<string, string>,
  read: PairReader,
  installed: Installed,
  left: string[],
): ReusableSettings['controls'] {
  return unitsOf(pairs, read).flatMap((unit) => {
    const model = withoutHash(unit.get('model') ?? '');
    if (model === '' || /^none$/i.test(model)) return [];
    const id = installedAs(installed, 'controlnet', model);
    if (id === null) {
      left.push(`The ControlNet “${model}” is not installed; the picture is drawn without it.`);
      return [];
    }
    const word = unit.get('module') ?? unit.get('preprocessor') ?? 'none';
    const preprocessor = nameOf(moduleWords, word);
    if (preprocessor === null)
      left.push(
        `ControlNet “${model}” read its picture by “${word}”, which is not here: give it a finished map.`,
      );
    const [, from, to] = /\(([\d.]+),\s*([\d.]+)\)/.exec(unit.get('starting/ending') ?? '') ?? [];
    const parsed = ControlNumbers.safeParse({
      id,
      preprocessor: preprocessor ?? 'none',
      weight: figure(unit.get('weight')),
      start: figure(unit.get('guidance start') ?? from),
      end: figure(unit.get('guidance end') ?? to),
    });
    if (!parsed.success) left.push(`The numbers of ControlNet “${model}” are not possible here.`);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The parts of each unit, by their names in small letters. */
function unitsOf(pairs: ReadonlyMap<string, string>, read: PairReader): Map<string, string>[] {
  const units = new Map<string, Map<string, string>>();
  for (const name of pairs.keys()) {
    const [, whole] = /^ControlNet (\d+)$/i.exec(name) ?? [];
    const [, number = '0', part] = /^ControlNet(?:-(\d+))? ([a-z ]+)$/i.exec(name) ?? [];
    if (whole === undefined && part === undefined) continue;
    const text = read.take(name) ?? '';
    if (whole !== undefined) units.set(whole, partsOf(text));
    else if (part !== undefined) {
      const unit = units.get(number) ?? new Map<string, string>();
      units.set(number, unit.set(part.toLowerCase(), text));
    }
  }
  return [...units.values()].filter((unit) => unit.get('enabled')?.toLowerCase() !== 'false');
}

/** Commas within brackets belong to their part. */
function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (let from = 0; from < text.length;) {
    const end = endOfPart(text, from);
    const colon = text.indexOf(':', from);
    if (colon < 0) break;
    if (colon < end)
      parts.set(text.slice(from, colon).trim().toLowerCase(), text.slice(colon + 1, end).trim());
    from = end + 1;
  }
  return parts;
}

function endOfPart(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (text[at] === ',' && depth <= 0) return at;
  }
  return text.length;
}

function figure(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text);
}
