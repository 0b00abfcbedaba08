import { describe, expect, it } from 'vitest';
import type { ImageModel } from '../../../contract/models.ts';
import { checkRequest, CreateDraft, emptyCreateDraft } from './create-draft.ts';
import { reuseSettings } from './reuse-draft.ts';
import {
  addAxis,
  emptyGridDraft,
  generateLabel,
  offeredFields,
  suggestedValues,
} from './grid-draft.ts';
import { gridFields } from '../../../contract/grid.ts';

const starter: ImageModel = {
  kind: 'image',
  id: 'starter',
  name: 'Starter',
  folder: '/models/starter',
  bundled: true,
  licence: 'MIT',
  description: '',
  sizeBytes: 1,
  hash: null,
  problem: null,
  examplePrompts: [],
  defaults: {
    width: 256,
    height: 256,
    steps: 20,
    guidanceScale: 5,
    scheduler: 'dpmpp-2m',
    sigmaSchedule: 'karras',
  },
  styles: [],
  spatialFactor: 16,
  family: 'sd1',
  hasTinyDecoder: false,
};
const drawn: CreateDraft = { ...emptyCreateDraft, grid: { ...emptyGridDraft, on: true } };

describe('the grid of a draft', () => {
  it('is part of the request only while it is on', () => {
    const off = checkRequest(emptyCreateDraft, starter);
    expect(off).toMatchObject({ ok: true, request: { grid: null }, plan: null });
    const on = checkRequest(drawn, starter);
    expect(on).toMatchObject({ ok: true, request: { grid: { axes: emptyGridDraft.axes } } });
    expect(generateLabel(on, 0)).toBe('Generate grid · 9 pictures');
    expect(generateLabel(off, 2)).toBe('Generate · 2 waiting');
  });

  it('keeps the draft from being sent while an axis cannot be read, or a size cannot be drawn', () => {
    const of = (values: string, field: 'steps' | 'size') =>
      checkRequest(
        { ...drawn, grid: { on: true, axes: [{ field, target: null, values }] } },
        starter,
      );
    expect(of('8, x', 'steps')).toMatchObject({
      ok: false,
      errors: { grid: expect.stringContaining('"x"') },
    });
    expect(of('64x72', 'size')).toMatchObject({
      ok: false,
      errors: { grid: expect.stringContaining('16') },
    });
    expect(of('64x80', 'size').ok).toBe(true);
  });

  it('survives being stored, and drafts from before there were grids stay readable', () => {
    expect(CreateDraft.parse(JSON.parse(JSON.stringify(drawn)))).toEqual(drawn);
    const { grid: _grid, ...older } = emptyCreateDraft;
    expect(CreateDraft.parse(older)).toEqual(emptyCreateDraft);
  });

  it('gets axes that vary something else, three at most', () => {
    const third = addAxis(emptyGridDraft, [starter]);
    expect(third.axes.map(({ field }) => field)).toEqual(['steps', 'guidance', 'seed']);
    expect(addAxis(third, [starter])).toEqual(third);
  });

  it('comes back with the recipe of a sheet, and is off with that of a picture', () => {
    const checked = checkRequest(drawn, starter);
    if (!checked.ok) throw new Error('The draft is no request.');
    const { count: _count, grid, ...settings } = checked.request;
    const sheet = { grid: grid ?? { axes: [] }, cells: [] };
    const recipe = { ...settings, seed: 4 };
    expect(reuseSettings(emptyCreateDraft, recipe, 'all', starter, sheet).grid.on).toBe(true);
    expect(reuseSettings(drawn, recipe, 'all', starter).grid).toEqual(emptyGridDraft);
  });

  it('can vary whatever a grid can, and suggests the models that are installed', () => {
    expect(offeredFields.toSorted()).toEqual([...gridFields].toSorted());
    expect(suggestedValues('model', [starter, { ...starter, id: 'a, b' }])).toBe('starter, "a, b"');
  });
});
