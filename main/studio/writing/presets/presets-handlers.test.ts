import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { SamplingSettings } from '../../../../contract/write.ts';
import { writingPresetsHandlers } from './presets-handlers.ts';

const { signal } = new AbortController();
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atelier-presets-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

it('reads a preset without keeping it, and keeps what is put, over a restart', () =>
  inFolder(async (folder) => {
    const presets = writingPresetsHandlers(folder);
    const { name, sampling, notes } = await presets['samplers.read'](
      {
        fileName: 'C:/presets/Story teller.json',
        bytes: bytesOf({ temp: 1.2, top_k: 55, tfs: 0.9 }),
      },
      { signal },
    );
    expect(name).toBe('Story teller');
    expect(notes).toEqual([expect.stringContaining('Tail-free')]);
    expect(await presets['samplers.list']({}, { signal })).toEqual([]);
    const parsed = SamplingSettings.parse(sampling);
    await presets['samplers.put']({ name, sampling: parsed }, { signal });
    const again = writingPresetsHandlers(folder);
    expect(await again['samplers.list']({}, { signal })).toEqual([{ name, sampling: parsed }]);
    expect(await again['samplers.remove']({ name }, { signal })).toEqual([]);
  }));

it('reads a card for a person, and refuses what is none', () =>
  inFolder(async (folder) => {
    const presets = writingPresetsHandlers(folder);
    const card = bytesOf({ name: 'Mira', description: '{{char}} knows {{user}}.' });
    const { memory } = await presets['cards.read']({ bytes: card, person: 'Sam' }, { signal });
    expect(memory).toBe('Mira knows Sam.');
    await expect(
      presets['cards.read']({ bytes: bytesOf({ a: 1 }), person: 'Sam' }, { signal }),
    ).rejects.toMatchObject({ code: 'bad-request' });
  }));
