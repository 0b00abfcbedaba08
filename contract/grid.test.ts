import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Grid, type GridAxis, type GridField, gridFields } from './grid.ts';
import { labelsAt, parseGridField, planGrid } from './grid-cells.ts';
import { gridFieldFacts } from './grid-fields.ts';
import { splitValues } from './grid-values.ts';
import { ImageSettings } from './image-request.ts';

const base = ImageSettings.parse({
  modelId: 'tiny',
  prompt: 'a red apple, 3d',
  negativePrompt: 'blurry',
  width: 64,
  height: 64,
  steps: 4,
  guidanceScale: 5,
  scheduler: 'euler',
  sigmaSchedule: 'normal',
  seed: 7,
});

function axis(field: GridField, values: string, target: string | null = null): GridAxis {
  return { field, values, target };
}

function planned(axes: GridAxis[], settings = base) {
  const result = planGrid({ axes }, settings);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join(' '));
  return result.plan;
}

function problemOf(field: GridField, values: string, settings = base) {
  const result = planGrid({ axes: [axis(field, values)] }, settings);
  if (result.ok) throw new Error('There is no problem.');
  return result.problems[0];
}

const figures = (field: GridField, values: string) =>
  planned([axis(field, values)]).labels[0].map((label) => Number(label.split(': ')[1]));

describe('values of an axis', () => {
  it.each([
    ['steps', '4, 8,12', [4, 8, 12]],
    ['steps', '1-5', [1, 2, 3, 4, 5]],
    ['steps', '1-10 (+2)', [1, 3, 5, 7, 9]],
    ['steps', '1 - 10(3)', [1, 4, 7, 10]],
    ['steps', '10-1 (-3)', [10, 7, 4, 1]],
    ['steps', '3-1', [3, 2, 1]],
    ['steps', '1-10 [5]', [1, 3, 5, 7, 10]],
    ['steps', '4, 8-10, 20-40 [3]', [4, 8, 9, 10, 20, 30, 40]],
    ['guidance', '1-2 (0.25)', [1, 1.25, 1.5, 1.75, 2]],
    ['guidance', '1-2 (0.1)', [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2]],
    ['guidance', '1.5-7.5 [3]', [1.5, 4.5, 7.5]],
  ] as const)('%s "%s"', (field, values, expected) => {
    expect(figures(field, values)).toEqual(expected);
  });

  it('are quoted where they hold commas, with quotation marks doubled, and lines count as commas', () => {
    expect(splitValues('a, "b, c" ,"say ""so""", ""\nd').map(({ text }) => text)).toEqual([
      'a',
      'b, c',
      'say "so"',
      '',
      'd',
    ]);
  });

  it.each([
    ['steps', '4, x, 8', 'x', /"x" is not a whole number/],
    ['steps', '4.5', '4.5', /whole number/],
    ['steps', '1-9 (-2)', '1-9 (-2)', /never gets from 1 to 9/],
    ['steps', '4, 9000', '9000', /at most 500/],
    ['guidance', '0.5', '0.5', /at least 1/],
    ['scheduler', 'euler, magic', 'magic', /No sampler is called "magic"/],
    ['size', '64x64, 64x65', '64x65', /multiple of 8/],
    ['prompt-replace', 'pear, apple', 'pear', /does not hold "pear"/],
    ['prompt-replace', '"apple', '"apple', /not closed/],
    ['seed', '-1', '-1', /at least 0/],
    ['steps', '1-100000', '1-100000', /At most 1000/],
  ] as const)('of %s, "%s" is refused at "%s"', (field, values, at, message) => {
    const problem = problemOf(field, values);
    expect(problem?.message).toMatch(message);
    expect(values.slice(problem?.start, problem?.end)).toBe(at);
  });

  it('that are all missing, or change nothing, are refused', () => {
    expect(problemOf('steps', ' , ')?.message).toMatch(/at least one/);
    expect(problemOf('strength', '0.5')?.message).toMatch(/no picture to start from/);
    expect(problemOf('lora-weight', '1')?.message).toMatch(/no LoRA/);
    expect(problemOf('hires-strength', '0.5')?.message).toMatch(/no second pass/);
  });

  it('never throw, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...gridFields),
        fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9.,()[\] "x]{0,20}$/)),
        (field, values) => {
          planGrid({ axes: [axis(field, values)] }, base);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('what may vary', () => {
  it('has an example that can be read, where the picture has what it needs', () => {
    for (const field of gridFields) {
      const { lacks, example } = gridFieldFacts[field];
      if (lacks(base, null) !== null) continue;
      const values = field === 'negative-prompt-replace' ? 'blurry, dull' : example;
      expect(planned([axis(field, values)]).cells.length).toBeGreaterThan(1);
    }
  });

  it.each([
    ['sampler', 'scheduler'],
    ['CFG scale', 'guidance'],
    ['Prompt S/R', 'prompt-replace'],
    ['hires_factor', 'hires-scale'],
    ['Steps', 'steps'],
    ['colour', null],
  ] as const)('is found as %s', (name, field) => {
    expect(parseGridField(name)).toBe(field);
  });

  it('is one LoRA of several, in the options, in the prompt, or added', () => {
    const settings = {
      ...base,
      prompt: 'a cat <lora:ink:0.8>',
      loras: [{ id: 'oil', unetWeight: 1, textWeight: 1 }],
    };
    const [all] = planned([axis('lora-weight', '0.5')], settings).cells;
    expect(all?.settings).toMatchObject({
      prompt: 'a cat <lora:ink:0.5>',
      loras: [{ id: 'oil', unetWeight: 0.5, textWeight: 0.5 }],
    });
    const [oil] = planned([axis('lora-weight', '0.5', 'oil')], settings).cells;
    expect(oil?.settings.prompt).toBe(settings.prompt);
    const [added] = planned([axis('lora-weight', '0.5', 'pen')], settings).cells;
    expect(added?.settings.loras.map(({ id }) => id)).toEqual(['oil', 'pen']);
  });
});

describe('the cells of a grid', () => {
  it('lie row by row and block by block, and are drawn in that order', () => {
    const { cells, labels } = planned([
      axis('steps', '4, 8'),
      axis('guidance', '3, 5, 7'),
      axis('prompt-replace', 'apple, pear'),
    ]);
    expect(labels).toEqual([
      ['Steps: 4', 'Steps: 8'],
      ['Guidance: 3', 'Guidance: 5', 'Guidance: 7'],
      ['apple', 'pear'],
    ]);
    expect(labelsAt(labels, 9)).toEqual(['Steps: 8', 'Guidance: 5', 'pear']);
    expect(cells.map(({ place }) => place)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(cells[9]?.settings).toMatchObject({
      steps: 8,
      guidanceScale: 5,
      prompt: 'a red pear, 3d',
      seed: 7,
    });
  });

  it('change model and LoRA as rarely as can be, wherever those axes are', () => {
    const { cells } = planned([
      axis('model', 'a, b, c'),
      axis('steps', '1-3'),
      axis('lora-weight', '0, 1', 'ink'),
    ]);
    const changes = (of: (settings: ImageSettings) => unknown) =>
      cells.filter((cell, index) => {
        const before = cells[index - 1];
        return before && of(before.settings) !== of(cell.settings);
      }).length;
    expect(cells).toHaveLength(18);
    expect(changes(({ modelId }) => modelId)).toBe(2);
    expect(changes(({ modelId, loras }) => `${modelId} ${loras[0]?.unetWeight}`)).toBe(5);
    expect(new Set(cells.map(({ place }) => place)).size).toBe(18);
    expect(cells[1]).toMatchObject({ place: 3, settings: { modelId: 'a', steps: 2 } });
  });

  it('take a schedule that comes with a sampler, unless an axis says otherwise', () => {
    const [karras] = planned([axis('scheduler', 'DPM++ 2M Karras')]).cells;
    expect(karras?.settings).toMatchObject({ scheduler: 'dpmpp-2m', sigmaSchedule: 'karras' });
    const [own] = planned([axis('schedule', 'beta'), axis('scheduler', 'DPM++ 2M Karras')]).cells;
    expect(own?.settings).toMatchObject({ scheduler: 'dpmpp-2m', sigmaSchedule: 'beta' });
  });

  it('are refused where two axes say the same, or there are too many', () => {
    const twice = planGrid({ axes: [axis('steps', '1'), axis('steps', '2')] }, base);
    expect(twice).toMatchObject({ ok: false, problems: [{ axis: 1 }] });
    const many = planGrid({ axes: [axis('seed', '1-100'), axis('steps', '1-50')] }, base);
    expect(many).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining('5,000 pictures') }],
    });
  });

  it('depend on nothing but the grid and the settings', () => {
    const grid = Grid.parse({ axes: [axis('seed', '1-3'), axis('scheduler', 'euler, ddim')] });
    const again = planGrid(Grid.parse(structuredClone(grid)), structuredClone(base));
    expect(JSON.stringify(planGrid(grid, base))).toBe(JSON.stringify(again));
  });
});
