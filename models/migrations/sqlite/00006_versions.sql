-- +goose Up
-- What a map was saved as. Originals are as they were shipped or imported and are never changed.
CREATE TABLE map_versions (
    id          INTEGER PRIMARY KEY,
    map_id      INTEGER NOT NULL REFERENCES entity_maps (id) ON DELETE CASCADE,
    publisher   TEXT NOT NULL,
    version     TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    definition  TEXT NOT NULL,
    original    BOOLEAN NOT NULL DEFAULT FALSE,
    created_by  TEXT NOT NULL,
    created_at  DATETIME NOT NULL,
    UNIQUE (map_id, publisher, version)
);

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
