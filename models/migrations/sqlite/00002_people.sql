-- +goose Up
CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    -- The name in lower case: names that differ in case only are the same person, by the same rule on every database.
    folded        TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'administrator')),
    disabled      BOOLEAN NOT NULL DEFAULT FALSE,
    created_at    DATETIME NOT NULL
);

-- One row per signed-in browser. The browser holds the random id, this table only its SHA-256.
CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address    TEXT NOT NULL DEFAULT '',
    agent      TEXT NOT NULL DEFAULT '',
    notices    TEXT NOT NULL DEFAULT '[]',
    created_at DATETIME NOT NULL,
    seen_at    DATETIME NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- At most one link for the first start is valid at a time.
CREATE TABLE setup_tokens (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    hash       TEXT NOT NULL,
    expires_at DATETIME NOT NULL
);

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
