-- +goose Up
-- Links that are new together are stored as packs: up to 32 of them in a row, whose ids follow that of the first, a multiple of 32. A link of a pack that
-- changes gets a row of its own in links, under its id, which stands from then on. Where a row has an ident, that names what the link is found by, and the
-- columns for that are empty: it is found as its pack had it found.
CREATE TABLE link_packs (
    id     INTEGER PRIMARY KEY,
    map_id INTEGER NOT NULL,
    links  BLOB NOT NULL
);
CREATE INDEX link_packs_map ON link_packs (map_id);

-- By what the links of packs are found: sorted hashes of match keys and native ids, each with the link's id, in runs that are merged as they become many. The
-- parts of a run follow one another from its first: all of the keys, then of the left ids, then of the right ones.
CREATE TABLE link_runs (
    first   INTEGER PRIMARY KEY,
    map_id  INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    bits    INTEGER NOT NULL
);
CREATE INDEX link_runs_map ON link_runs (map_id, entries);
CREATE TABLE link_parts (
    id      INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
);

ALTER TABLE links ADD COLUMN ident BLOB;
DROP INDEX links_key;
CREATE INDEX links_key ON links (map_id, record_key) WHERE record_key <> '';

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
