/**
 * Everything that pictures are found by, apart from the long texts that are only shown; marks,
 * albums, what was seen in pictures, and which picture came from which.
 *
 * The rows of the first version are moved: with recipes between them, every look at all pictures
 * would read the whole file.
 */
export const catalogue = `
DROP TRIGGER images_inserted;
DROP TRIGGER images_deleted;
DROP TRIGGER images_updated;
DROP TABLE images_fts;
DROP TABLE image_counts;
DROP INDEX images_by_state;
DROP INDEX images_rated;
DROP INDEX images_by_hash;
DROP INDEX images_by_job;
ALTER TABLE images RENAME TO images_of_version_1;

-- seq is createdAt * 1000 + a counter for pictures of the same millisecond.
CREATE TABLE images (
  seq           INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  content_hash  TEXT NOT NULL CHECK (length(content_hash) = 64),
  path          TEXT NOT NULL UNIQUE,
  restore_path  TEXT,
  trashed       INTEGER NOT NULL DEFAULT 0 CHECK (trashed IN (0, 1)),
  missing       INTEGER NOT NULL DEFAULT 0 CHECK (missing IN (0, 1)),
  rating        INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
  flag          TEXT NOT NULL DEFAULT '',
  label         TEXT NOT NULL DEFAULT '',
  -- Tags, and names of LoRA, with a line each.
  tags          TEXT NOT NULL DEFAULT '',
  has_note      INTEGER NOT NULL DEFAULT 0 CHECK (has_note IN (0, 1)),
  -- Whether the background made its thumbnails and looked at it.
  is_seen       INTEGER NOT NULL DEFAULT 0 CHECK (is_seen IN (0, 1)),
  created_at    INTEGER NOT NULL,
  width         INTEGER NOT NULL,
  height        INTEGER NOT NULL,
  size_bytes    INTEGER NOT NULL,
  -- When the file was changed, milliseconds; null until that was looked at.
  modified_at   INTEGER,
  format        TEXT NOT NULL,
  source        TEXT NOT NULL,
  program       TEXT NOT NULL,
  is_sheet      INTEGER NOT NULL CHECK (is_sheet IN (0, 1)),
  has_recipe    INTEGER NOT NULL CHECK (has_recipe IN (0, 1)),
  model         TEXT NOT NULL,
  sampler       TEXT NOT NULL,
  schedule      TEXT NOT NULL,
  loras         TEXT NOT NULL,
  seed          INTEGER,
  steps         REAL,
  cfg           REAL,
  -- The file's name as names are put in order.
  name_key      TEXT NOT NULL,
  imported_from TEXT,
  job_id        TEXT,
  picture_index INTEGER
) STRICT;
CREATE INDEX images_by_hash ON images (content_hash);
CREATE INDEX images_by_name ON images (name_key);
CREATE INDEX images_unseen ON images (seq) WHERE is_seen = 0;
CREATE INDEX images_by_seed ON images (seed) WHERE seed IS NOT NULL;
CREATE UNIQUE INDEX images_by_job ON images (job_id, picture_index) WHERE job_id IS NOT NULL;

CREATE TABLE image_texts (
  seq             INTEGER PRIMARY KEY REFERENCES images ON DELETE CASCADE,
  prompt          TEXT NOT NULL,
  negative_prompt TEXT NOT NULL,
  note            TEXT NOT NULL DEFAULT '',
  recipe          TEXT,
  parameters      TEXT,
  -- JSON: see Understood, RawText and the sentences of problems in contract/images.ts.
  understood      TEXT,
  raw_texts       TEXT NOT NULL DEFAULT '[]',
  problems        TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- Where a picture came from: a content hash, or the id of a picture, and through what.
CREATE TABLE image_origins (
  seq     INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
  origin  TEXT NOT NULL,
  through TEXT NOT NULL,
  PRIMARY KEY (seq, origin, through)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_origins_by_origin ON image_origins (origin);

CREATE TABLE albums (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('album', 'smart')),
  query      TEXT,
  image_order TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE album_images (
  album_id     TEXT NOT NULL REFERENCES albums ON DELETE CASCADE,
  position     INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  PRIMARY KEY (album_id, position),
  UNIQUE (album_id, content_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_images_by_hash ON album_images (content_hash);

-- What was seen in a content: analysis/ says what the blob holds. Kept when a database is made anew.
CREATE TABLE image_analyses (
  content_hash TEXT PRIMARY KEY,
  -- Null for a picture that cannot be decoded.
  analysis     BLOB
) STRICT, WITHOUT ROWID;

-- Text as search-index.ts prepares it; two tables, so that a mark does not write a prompt again.
CREATE VIRTUAL TABLE picture_words USING fts5 (
  prompt, negative_prompt, model, loras, name,
  content = '', contentless_delete = 1, prefix = '1 2 3',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);
CREATE VIRTUAL TABLE mark_words USING fts5 (
  note, tags,
  content = '', contentless_delete = 1, prefix = '1 2 3',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);
CREATE TRIGGER images_deleted AFTER DELETE ON images BEGIN
  DELETE FROM picture_words WHERE rowid = old.seq;
  DELETE FROM mark_words WHERE rowid = old.seq;
END;

-- How much of the journal of marks these tables know, and how pictures were looked at.
CREATE TABLE library_state (
  only_row         INTEGER PRIMARY KEY CHECK (only_row = 1),
  marks_bytes      INTEGER NOT NULL,
  analysis_version INTEGER NOT NULL
) STRICT;
INSERT INTO library_state VALUES (1, -1, 0);

-- What readers hold in memory of all pictures, as of a revision; catalogue/packed-columns.ts says how.
CREATE TABLE packed_columns (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  revision INTEGER NOT NULL,
  columns  BLOB NOT NULL
) STRICT;

-- What changed since the columns were packed.
CREATE TABLE image_changes (
  revision INTEGER PRIMARY KEY AUTOINCREMENT,
  seq      INTEGER NOT NULL
) STRICT;
CREATE TRIGGER changed_by_insert AFTER INSERT ON images BEGIN
  INSERT INTO image_changes (seq) VALUES (new.seq);
END;
CREATE TRIGGER changed_by_delete AFTER DELETE ON images BEGIN
  INSERT INTO image_changes (seq) VALUES (old.seq);
END;
CREATE TRIGGER changed_by_update AFTER UPDATE OF seq, id, trashed, missing, rating, flag, label, tags,
  has_note, created_at, width, height, format, source, program, is_sheet, has_recipe, model, sampler, schedule,
  loras, seed, steps, cfg, name_key ON images BEGIN
  INSERT INTO image_changes (seq) VALUES (new.seq);
END;
`;
