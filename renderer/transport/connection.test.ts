import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { StudioError } from '../../contract/errors.ts';
import type { Handlers } from '../../contract/rpc.ts';
import { settingsContract } from '../../contract/settings.ts';
import { createLocalTransportPair } from '../../contract/wire/local-transport.ts';
import { serve } from '../../contract/wire/server.ts';
import type { Transport } from '../../contract/wire/transport.ts';
import { createDraftStore } from '../app/draft-store.ts';
import { createConnection } from './connection.ts';
import { retryDelayMs } from './retry-delay.ts';
import { subscribe } from './subscribe.ts';

const draftContract = {
  'drafts.get': settingsContract['drafts.get'],
  'drafts.set': settingsContract['drafts.set'],
  'settings.watch': settingsContract['settings.watch'],
};

/** A studio that keeps drafts, behind a line that can be cut. */
function studioWithDrafts() {
  const drafts = new Map<string, string>();
  let line: Transport | null = null;
  let refuses = false;
  let opened = 0;
  const handlers: Handlers<typeof draftContract> = {
    'drafts.get': async ({ key }) => ({ text: drafts.get(key) ?? null }),
    'drafts.set': async ({ key, text }) => {
      drafts.set(key, text);
      return {};
    },
    async *'settings.watch'(_input, { signal }) {
      opened += 1;
      yield {
        theme: 'dark',
        provider: 'auto',
        memoryBudgetBytes: 2 ** 30,
        threads: opened,
        livePreview: true,
        embedRecipe: true,
        reduceMotion: false,
      };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
  return {
    drafts,
    async connect(): Promise<Transport> {
      if (refuses) throw new StudioError('disconnected', 'The studio does not answer.');
      const [near, far] = createLocalTransportPair();
      serve(draftContract, handlers, far);
      line = near;
      return near;
    },
    cut: (andRefuse = false) => {
      refuses = andRefuse;
      line?.close('The line was cut.');
    },
    accept: () => (refuses = false),
  };
}

describe('the connection', () => {
  it('rejects calls at once while there is none, and comes back by itself', async () => {
    const studio = studioWithDrafts();
    const connection = createConnection(studio.connect);
    await vi.waitFor(() =>
      expect(connection.state.get()).toMatchObject({ phase: 'connected', epoch: 1 }),
    );
    studio.cut(true);
    await vi.waitFor(() => expect(connection.state.get().phase).toBe('waiting'));
    await expect(connection.client['drafts.get']({ key: 'a' })).rejects.toMatchObject({
      code: 'disconnected',
    });
    await expect(Array.fromAsync(connection.client['settings.watch']({}))).rejects.toMatchObject({
      code: 'disconnected',
    });
    studio.accept();
    connection.retryNow();
    await vi.waitFor(() =>
      expect(connection.state.get()).toMatchObject({ phase: 'connected', epoch: 2 }),
    );
    await expect(connection.client['drafts.get']({ key: 'a' })).resolves.toEqual({ text: null });
  });

  it('opens subscriptions again after every reconnect', async () => {
    const studio = studioWithDrafts();
    const connection = createConnection(studio.connect);
    const openings: number[] = [];
    const stop = subscribe(
      connection,
      (client, options) => client['settings.watch']({}, options),
      ({ threads }) => openings.push(threads),
    );
    await vi.waitFor(() => expect(openings).toEqual([1]));
    studio.cut();
    await vi.waitFor(() => expect(openings).toEqual([1, 2]));
    stop();
    studio.cut();
    await vi.waitFor(() => expect(connection.state.get().epoch).toBe(3));
    await sleep(20);
    expect(openings).toEqual([1, 2]);
  });

  it('waits longer after each failure, up to five seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map(retryDelayMs)).toEqual([
      250, 500, 1000, 2000, 4000, 5000, 5000,
    ]);
  });
});

describe('a draft', () => {
  const Note = z.object({ text: z.string() });

  it('is there again in the next window', async () => {
    const studio = studioWithDrafts();
    const first = createDraftStore(createConnection(studio.connect), 'note', Note, { text: '' });
    await first.loaded;
    first.set({ text: 'a red apple 猫' });
    first.flush();
    await vi.waitFor(() => expect(studio.drafts.size).toBe(1));
    const second = createDraftStore(createConnection(studio.connect), 'note', Note, { text: '' });
    await second.loaded;
    expect(second.get()).toEqual({ text: 'a red apple 猫' });
  });

  it('that was typed while the line was cut is saved once it is back', async () => {
    const studio = studioWithDrafts();
    const connection = createConnection(studio.connect);
    const draft = createDraftStore(connection, 'note', Note, { text: '' });
    await draft.loaded;
    studio.cut(true);
    await vi.waitFor(() => expect(connection.state.get().phase).toBe('waiting'));
    draft.set({ text: 'kept' });
    draft.flush();
    expect(studio.drafts.size).toBe(0);
    studio.accept();
    connection.retryNow();
    await vi.waitFor(() => expect(studio.drafts.get('note')).toBe('{"text":"kept"}'));
  });

  it('that cannot be read is left out', async () => {
    const studio = studioWithDrafts();
    studio.drafts.set('note', '{"text":7}');
    const draft = createDraftStore(createConnection(studio.connect), 'note', Note, {
      text: 'fresh',
    });
    await draft.loaded;
    expect(draft.get()).toEqual({ text: 'fresh' });
  });

  it('typed before the stored one arrived wins', async () => {
    const studio = studioWithDrafts();
    studio.drafts.set('note', '{"text":"old"}');
    const draft = createDraftStore(createConnection(studio.connect), 'note', Note, { text: '' });
    draft.set({ text: 'new' });
    await draft.loaded;
    expect(draft.get()).toEqual({ text: 'new' });
  });
});
