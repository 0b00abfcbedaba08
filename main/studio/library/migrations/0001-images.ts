/** Pictures, their full-text index, and how many there are of each kind. */
export const images = `
-- seq is createdAt * 1000 + a counter for pictures of the same millisecond: the primary key itself
-- is the order of the gallery, and the order in which the full-text index is walked.
CREATE TABLE images (
  seq             INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  content_hash    TEXT NOT NULL CHECK (length(content_hash) = 64),
  path            TEXT NOT NULL UNIQUE,
  restore_path    TEXT,
  trashed         INTEGER NOT NULL DEFAULT 0 CHECK (trashed IN (0, 1)),
  rating          INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
  created_at      INTEGER NOT NULL,
  width           INTEGER NOT NULL,
  height          INTEGER NOT NULL,
  size_bytes      INTEGER NOT NULL,
  prompt          TEXT NOT NULL,
  negative_prompt TEXT NOT NULL,
  model           TEXT NOT NULL,
  recipe          TEXT,
  parameters      TEXT,
  job_id          TEXT,
  picture_index   INTEGER
) STRICT;

-- Any index ends with the primary key, so each of these pages in order.
CREATE INDEX images_by_state ON images (trashed);
CREATE INDEX images_rated ON images (trashed, seq, rating) WHERE rating > 0;
CREATE INDEX images_by_hash ON images (content_hash);
CREATE UNIQUE INDEX images_by_job ON images (job_id, picture_index) WHERE job_id IS NOT NULL;

CREATE TABLE image_counts (
  trashed INTEGER NOT NULL,
  rating  INTEGER NOT NULL,
  images  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (trashed, rating)
) STRICT, WITHOUT ROWID;
INSERT INTO image_counts (trashed, rating)
  VALUES (0,0), (0,1), (0,2), (0,3), (0,4), (0,5), (1,0), (1,1), (1,2), (1,3), (1,4), (1,5);

-- "state" holds the words live or trash and r1 … r5 up to the rating, so that a filtered search is
-- counted inside the index without looking at any row.
CREATE VIRTUAL TABLE images_fts USING fts5 (
  prompt, negative_prompt, model, state,
  content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER images_inserted AFTER INSERT ON images BEGIN
  INSERT INTO images_fts (rowid, prompt, negative_prompt, model, state)
    VALUES (new.seq, new.prompt, new.negative_prompt, new.model,
      iif(new.trashed, 'trash', 'live') || substr(' r1 r2 r3 r4 r5', 1, 3 * new.rating));
  UPDATE image_counts SET images = images + 1 WHERE trashed = new.trashed AND rating = new.rating;
END;

CREATE TRIGGER images_deleted AFTER DELETE ON images BEGIN
  DELETE FROM images_fts WHERE rowid = old.seq;
  UPDATE image_counts SET images = images - 1 WHERE trashed = old.trashed AND rating = old.rating;
END;

CREATE TRIGGER images_updated AFTER UPDATE OF trashed, rating ON images BEGIN
  UPDATE images_fts
    SET prompt = new.prompt, negative_prompt = new.negative_prompt, model = new.model,
      state = iif(new.trashed, 'trash', 'live') || substr(' r1 r2 r3 r4 r5', 1, 3 * new.rating)
    WHERE rowid = new.seq;
  UPDATE image_counts SET images = images - 1 WHERE trashed = old.trashed AND rating = old.rating;
  UPDATE image_counts SET images = images + 1 WHERE trashed = new.trashed AND rating = new.rating;
END;
`;
