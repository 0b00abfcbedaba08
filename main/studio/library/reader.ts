/** The thread that answers questions while the other one writes. It cannot change anything. */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import type { ImageQuery } from '../../../contract/images.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import { storageError } from '../storage-error.ts';
import { createAnswers, type Answers } from './catalogue/answer.ts';
import { openCatalogue, type Catalogue } from './catalogue/catalogue.ts';
import { duplicateGroups } from './catalogue/duplicates.ts';
import { inCommon } from './catalogue/in-common.ts';
import { openLooks, type LooksReader } from './catalogue/looks.ts';
import { openReadable, type ReadableDatabase } from './database/connection.ts';
import { databaseFileName } from './database/database-file.ts';
import { detailOf, finishedPictures, placeRowOf, summariesOf } from './image-queries.ts';
import { PicturePath, systemPath } from './image-rows.ts';
import { lineageOf } from './lineage.ts';
import { promptHistory } from './prompt-history.ts';
import type { readerContract } from './worker-contract.ts';

interface OpenReader {
  readonly folder: string;
  readonly database: ReadableDatabase;
  readonly catalogue: Catalogue;
  readonly answers: Answers;
  readonly looks: LooksReader;
  readonly closing: AbortController;
  /** Of what was seen in pictures; null until somebody asks for it. */
  looksLoaded: Promise<void> | null;
}

/** Broader than the language: at worst a question waits for what it does not need. */
const asksForColour = /colou?r/iu;
const asksForAlbum = /album/iu;

const UnseenRow = z.object({ seq: z.number().int(), content_hash: z.string(), path: PicturePath });

export function createReader(): Handlers<typeof readerContract> {
  let opened: OpenReader | null = null;

  function library(): OpenReader {
    if (!opened) throw new StudioError('disconnected', 'The library is closed. Restart Atelier.');
    return opened;
  }

  /** Once what was seen in pictures is there, read between other questions. */
  async function withLooks(): Promise<OpenReader> {
    const open = library();
    const { looks, catalogue, closing } = open;
    // What could not be loaded is tried again by the question itself, which tells why.
    open.looksLoaded ??= looks.load(catalogue.state, closing.signal).catch(() => {
      open.looksLoaded = null;
    });
    await open.looksLoaded;
    return library();
  }

  /** With them where a question may be about colours or likeness. */
  async function readyFor({ text, like, album }: ImageQuery): Promise<OpenReader> {
    const { answers } = library();
    const asked = [
      text,
      ...(album === null && !asksForAlbum.test(text) ? [] : answers.smartQueries()),
    ];
    return like !== null || asked.some((each) => asksForColour.test(each))
      ? withLooks()
      : library();
  }

  return {
    open: async ({ folder }) => {
      try {
        const database = openReadable(path.join(folder, databaseFileName));
        const catalogue = openCatalogue(database);
        const looks = openLooks(database);
        opened = {
          folder,
          database,
          catalogue,
          looks,
          answers: createAnswers(database, catalogue, looks, Date.now),
          closing: new AbortController(),
          looksLoaded: null,
        };
      } catch (error) {
        throw storageError(error, folder);
      }
      return {};
    },
    index: async ({ query, limit }) => (await readyFor(query)).answers.index(query, limit),
    facets: async ({ query, fields }) => (await readyFor(query)).answers.facets(query, fields),
    albums: async () => {
      const isAsked = library()
        .answers.smartQueries()
        .some((each) => asksForColour.test(each));
      return { albums: (isAsked ? await withLooks() : library()).answers.albums() };
    },
    tags: async () => ({ tags: library().answers.tags() }),
    summaries: async ({ ids }) => ({ summaries: summariesOf(library().database, ids) }),
    inCommon: async ({ ids }) => inCommon(library().catalogue.state(), ids),
    duplicates: async () => {
      const { database, catalogue, looks } = await withLooks();
      return duplicateGroups(database, catalogue.state(), looks);
    },
    lineage: async ({ id, depth }) => {
      const { folder, database } = library();
      return lineageOf(database, id, depth, (hash) =>
        isFile(path.join(folder, 'inputs', `${hash}.png`)),
      );
    },
    get: async ({ id }) => {
      const { folder, database, looks } = library();
      const { picturePath, ...detail } = detailOf(database, id);
      const filePath = systemPath(folder, picturePath);
      return {
        ...detail,
        fileName: path.basename(filePath),
        path: filePath,
        missing: !isFile(filePath),
        colours: looks.coloursOf(detail.contentHash),
      };
    },
    finished: async ({ jobId }) => ({ pictures: finishedPictures(library().database, jobId) }),
    prompts: async ({ text, limit }) => ({
      prompts: promptHistory(library().database, text, limit),
    }),
    place: async ({ id }) => {
      const { folder, database } = library();
      const row = placeRowOf(database, id);
      const filePath = systemPath(folder, row.path);
      if (!isFile(filePath)) {
        throw new StudioError(
          'not-found',
          `The file "${row.path}" was moved or deleted outside Atelier. Restart Atelier to find it again.`,
          { id, path: row.path },
        );
      }
      return { path: filePath, contentHash: row.content_hash, format: row.format };
    },
    unseen: async ({ before, limit }) => {
      const { folder, database } = library();
      const rows = database.all(
        UnseenRow,
        `SELECT seq, content_hash, path FROM images WHERE is_seen = 0 AND missing = 0 AND seq < ?
         ORDER BY seq DESC LIMIT ?`,
        [before ?? Number.MAX_SAFE_INTEGER, limit],
      );
      return {
        pictures: rows.map((row) => ({
          contentHash: row.content_hash,
          path: systemPath(folder, row.path),
          position: row.seq,
        })),
      };
    },
    packed: async () => ({ packed: library().catalogue.packed() }),
    close: async () => {
      opened?.closing.abort();
      await opened?.looksLoaded;
      opened?.database[Symbol.dispose]();
      opened = null;
      return {};
    },
  };
}

/** A symbolic link is not a picture: it could lead anywhere. */
function isFile(filePath: string): boolean {
  return lstatSync(filePath, { throwIfNoEntry: false })?.isFile() ?? false;
}
