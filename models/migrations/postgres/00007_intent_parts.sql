-- +goose Up
-- A large batch is written in parts, each of which has its outcome stored while the next is under way.
CREATE TABLE intent_parts (
    map_id BIGINT NOT NULL,
    part   INTEGER NOT NULL,
    links  BYTEA NOT NULL,
    PRIMARY KEY (map_id, part)
);
INSERT INTO intent_parts (map_id, part, links) SELECT map_id, 0, links FROM intents;
DROP TABLE intents;
ALTER TABLE intent_parts RENAME TO intents;

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
