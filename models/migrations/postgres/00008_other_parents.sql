-- +goose Up
-- A lookup that may refer to several entities waits for a record of any of them: others is a JSON array of those after the first, '' for none.
ALTER TABLE owed ADD COLUMN others TEXT NOT NULL DEFAULT '';
ALTER TABLE record_errors ADD COLUMN others TEXT NOT NULL DEFAULT '';
CREATE INDEX owed_others ON owed (connection_id) WHERE others <> '';
CREATE INDEX record_errors_others ON record_errors (parent_conn) WHERE state = 'open' AND others <> '';

-- The keys of many records that appear are looked for at once.
DROP INDEX owed_parent;
DROP INDEX record_errors_parent;
CREATE INDEX owed_parent ON owed (connection_id, parent, parent_key);
CREATE INDEX record_errors_parent ON record_errors (parent_conn, parent, parent_key) WHERE state = 'open' AND parent <> '';

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
