import { describe, expect, it } from 'vitest';
import { samplerStageTitles, samplingFields, samplingPresets } from './sampling-fields.ts';
import { samplerStages, SamplingSettings } from './write.ts';

const off = SamplingSettings.parse({});

describe('fields of sampling', () => {
  it('name every number of the settings once', () => {
    const numbers = Object.entries(off).filter(([, value]) => typeof value === 'number');
    expect(samplingFields.map(({ key }) => key).toSorted()).toEqual(
      numbers.map(([key]) => key).toSorted(),
    );
    expect(Object.keys(samplerStageTitles)).toEqual([...samplerStages]);
  });

  it.each(samplingFields)('$title has the bounds that the contract has', (field) => {
    const accepts = (value: number) => SamplingSettings.safeParse({ [field.key]: value }).success;
    expect(accepts(field.min) && accepts(field.max) && accepts(field.sliderMax)).toBe(true);
    expect(accepts(field.min - field.step) || accepts(field.max + field.step)).toBe(false);
    expect(field.sliderMax).toBeLessThanOrEqual(field.max);
    if (field.off !== null) expect(off[field.key]).toBe(field.off);
  });

  it('are said in one sentence each', () => {
    for (const { tip } of [...samplingFields, ...samplingPresets]) {
      expect(tip).toMatch(/^[A-Z].*[^.]\.$/);
      expect(tip).not.toMatch(/\. /);
    }
  });

  it('are named only where they exist when one needs another', () => {
    for (const { needs } of samplingFields)
      if (needs !== null)
        expect(samplingFields.find(({ key }) => key === needs)?.off).not.toBeNull();
  });
});

describe('sampling settings', () => {
  it('of earlier versions are valid and mean the same', () => {
    const before = { temperature: 0.8, topK: 0, topP: 0.95, minP: 0.05, repetitionPenalty: 1.1 };
    expect(SamplingSettings.parse(before)).toEqual({ ...off, ...before });
  });

  it('refuse a stage twice and one that does not exist', () => {
    expect(SamplingSettings.safeParse({ order: ['dry', 'dry'] }).success).toBe(false);
    expect(SamplingSettings.safeParse({ order: ['top-a'] }).success).toBe(false);
    expect(SamplingSettings.safeParse({ order: [] }).success).toBe(true);
  });

  it.each(samplingPresets)('$title is a preset that can be used', ({ settings }) => {
    expect(SamplingSettings.safeParse(settings).success).toBe(true);
  });
});
