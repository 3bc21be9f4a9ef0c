-- +goose Up
-- Secrets, sealed. What they belong to is named by its table and id, which are sealed in with the value: a row that is moved cannot be opened.
CREATE TABLE secrets (
    owner      TEXT NOT NULL,
    owner_id   INTEGER NOT NULL,
    field      TEXT NOT NULL,
    key_id     TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    changed_at DATETIME NOT NULL,
    PRIMARY KEY (owner, owner_id, field)
) WITHOUT ROWID;

-- Counts changes, so that of two people who change the same thing the second is told.
ALTER TABLE connections ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE environments ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- Since when the environment links no apps any more; its maps wait until it does again.
ALTER TABLE environments ADD COLUMN unlinked_at DATETIME;

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
