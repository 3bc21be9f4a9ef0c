-- +goose Up
CREATE TABLE connections (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    settings   TEXT NOT NULL DEFAULT '{}',
    created_at DATETIME NOT NULL
);

CREATE TABLE environments (
    id                  INTEGER PRIMARY KEY,
    name                TEXT NOT NULL UNIQUE,
    left_connection_id  INTEGER NOT NULL REFERENCES connections (id),
    right_connection_id INTEGER NOT NULL REFERENCES connections (id),
    companies           TEXT NOT NULL DEFAULT '[]',
    created_at          DATETIME NOT NULL
);

CREATE TABLE entity_maps (
    id             INTEGER PRIMARY KEY,
    environment_id INTEGER NOT NULL REFERENCES environments (id),
    name           TEXT NOT NULL,
    description    TEXT NOT NULL DEFAULT '',
    publisher      TEXT NOT NULL DEFAULT '',
    version        TEXT NOT NULL DEFAULT '',
    definition     TEXT NOT NULL,
    left_entity    TEXT NOT NULL,
    right_entity   TEXT NOT NULL,
    master         TEXT NOT NULL DEFAULT 'right' CHECK (master IN ('left', 'right')),
    status         TEXT NOT NULL DEFAULT 'not running'
                   CHECK (status IN ('not running', 'initializing', 'running', 'paused', 'resuming')),
    hold           TEXT NOT NULL DEFAULT '' CHECK (hold IN ('', 'outage', 'emptied side', 'mass delete', 'schema')),
    hold_reason    TEXT NOT NULL DEFAULT '',
    hold_since     DATETIME,
    allowance      INTEGER NOT NULL DEFAULT 0,
    resume_mark    INTEGER NOT NULL DEFAULT 0,
    last_issue     TEXT NOT NULL DEFAULT '',
    last_issue_at  DATETIME,
    last_change_at DATETIME,
    created_at     DATETIME NOT NULL,
    updated_at     DATETIME NOT NULL
);
CREATE INDEX entity_maps_environment ON entity_maps (environment_id, name);

-- Kept counters, one row per map, changed in the transaction that causes them.
CREATE TABLE tallies (
    map_id      INTEGER PRIMARY KEY REFERENCES entity_maps (id) ON DELETE CASCADE,
    captured    INTEGER NOT NULL DEFAULT 0,
    queued      INTEGER NOT NULL DEFAULT 0,
    written     INTEGER NOT NULL DEFAULT 0,
    equal       INTEGER NOT NULL DEFAULT 0,
    folded      INTEGER NOT NULL DEFAULT 0,
    lost        INTEGER NOT NULL DEFAULT 0,
    filtered    INTEGER NOT NULL DEFAULT 0,
    discarded   INTEGER NOT NULL DEFAULT 0,
    error       INTEGER NOT NULL DEFAULT 0,
    linked      INTEGER NOT NULL DEFAULT 0,
    open_errors INTEGER NOT NULL DEFAULT 0,
    conflicts   INTEGER NOT NULL DEFAULT 0,
    CHECK (captured = queued + written + equal + folded + lost + filtered + discarded + error)
);

CREATE TABLE plans (
    id             INTEGER PRIMARY KEY,
    environment_id INTEGER NOT NULL REFERENCES environments (id),
    started_by     TEXT NOT NULL,
    created_at     DATETIME NOT NULL
);

CREATE TABLE executions (
    id            INTEGER PRIMARY KEY,
    plan_id       INTEGER NOT NULL REFERENCES plans (id),
    position      INTEGER NOT NULL,
    map_id        INTEGER NOT NULL REFERENCES entity_maps (id) ON DELETE CASCADE,
    company       TEXT NOT NULL DEFAULT '',
    state         TEXT NOT NULL DEFAULT 'waiting'
                  CHECK (state IN ('waiting', 'reading', 'writing', 'succeeded', 'with errors', 'skipped', 'stopped')),
    partitions    INTEGER NOT NULL DEFAULT 0,
    "partition"   INTEGER NOT NULL DEFAULT 0,
    "offset"      INTEGER NOT NULL DEFAULT 0,
    left_total    INTEGER NOT NULL DEFAULT 0,
    right_total   INTEGER NOT NULL DEFAULT 0,
    left_read     INTEGER NOT NULL DEFAULT 0,
    right_read    INTEGER NOT NULL DEFAULT 0,
    left_created  INTEGER NOT NULL DEFAULT 0,
    right_created INTEGER NOT NULL DEFAULT 0,
    left_updated  INTEGER NOT NULL DEFAULT 0,
    right_updated INTEGER NOT NULL DEFAULT 0,
    equal         INTEGER NOT NULL DEFAULT 0,
    filtered      INTEGER NOT NULL DEFAULT 0,
    left_failed   INTEGER NOT NULL DEFAULT 0,
    right_failed  INTEGER NOT NULL DEFAULT 0,
    done          INTEGER NOT NULL DEFAULT 0,
    created_at    DATETIME NOT NULL,
    started_at    DATETIME,
    finished_at   DATETIME
);
CREATE INDEX executions_map ON executions (map_id, id);
CREATE INDEX executions_open ON executions (plan_id, position) WHERE state IN ('waiting', 'reading', 'writing');

CREATE TABLE feeds (
    id            INTEGER PRIMARY KEY,
    connection_id INTEGER NOT NULL REFERENCES connections (id),
    entity        TEXT NOT NULL,
    "cursor"      TEXT NOT NULL,
    expired       BOOLEAN NOT NULL DEFAULT FALSE,
    checked_at    DATETIME,
    UNIQUE (connection_id, entity)
);

-- The queue. A row without a fate of its own is 'queued'; every other fate is final but 'error', which a retry may better.
CREATE TABLE changes (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    map_id      INTEGER NOT NULL,
    side        TEXT NOT NULL CHECK (side IN ('left', 'right')),
    op          TEXT NOT NULL CHECK (op IN ('create', 'update', 'delete')),
    native_id   TEXT NOT NULL,
    old_id      TEXT NOT NULL DEFAULT '',
    record_key  TEXT NOT NULL DEFAULT '',
    origin      TEXT NOT NULL DEFAULT '',
    at          DATETIME NOT NULL,
    captured_at DATETIME NOT NULL,
    fate        TEXT NOT NULL DEFAULT 'queued'
                CHECK (fate IN ('queued', 'written', 'equal', 'folded', 'lost', 'filtered', 'discarded', 'error')),
    fate_at     DATETIME,
    error_id    INTEGER,
    fate_by     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX changes_queued ON changes (map_id, seq) WHERE fate = 'queued';
CREATE INDEX changes_renamed ON changes (map_id, old_id) WHERE fate = 'queued' AND old_id <> '';
CREATE INDEX changes_error ON changes (error_id) WHERE error_id IS NOT NULL;

CREATE TABLE links (
    id            INTEGER PRIMARY KEY,
    map_id        INTEGER NOT NULL,
    record_key    TEXT NOT NULL,
    left_id       TEXT NOT NULL DEFAULT '',
    right_id      TEXT NOT NULL DEFAULT '',
    left_version  TEXT NOT NULL DEFAULT '',
    right_version TEXT NOT NULL DEFAULT '',
    flags         INTEGER NOT NULL,
    revision      INTEGER NOT NULL,
    image         BLOB NOT NULL
);
CREATE INDEX links_key ON links (map_id, record_key);
CREATE UNIQUE INDEX links_left ON links (map_id, left_id) WHERE left_id <> '';
CREATE UNIQUE INDEX links_right ON links (map_id, right_id) WHERE right_id <> '';
-- What a batch is about to write, as one row: the links as they will be, each with its intents. It is gone once the outcome is stored; what is left by a
-- program that died becomes links before anything else is done with the map.
CREATE TABLE intents (
    map_id INTEGER PRIMARY KEY,
    links  BLOB NOT NULL
);

CREATE TABLE owed (
    link_id       INTEGER NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    map_id        INTEGER NOT NULL,
    side          TEXT NOT NULL CHECK (side IN ('left', 'right')),
    field         TEXT NOT NULL,
    connection_id INTEGER NOT NULL,
    parent        TEXT NOT NULL,
    parent_key    TEXT NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    due_at        DATETIME NOT NULL,
    PRIMARY KEY (link_id, side, field)
);
CREATE INDEX owed_parent ON owed (connection_id, parent);
CREATE INDEX owed_due ON owed (map_id, due_at);

CREATE TABLE record_errors (
    id           INTEGER PRIMARY KEY,
    map_id       INTEGER NOT NULL REFERENCES entity_maps (id) ON DELETE CASCADE,
    execution_id INTEGER,
    stage        TEXT NOT NULL CHECK (stage IN ('initial', 'live', 'catch-up')),
    side         TEXT NOT NULL CHECK (side IN ('left', 'right')),
    company      TEXT NOT NULL DEFAULT '',
    record_key   TEXT NOT NULL,
    left_id      TEXT NOT NULL DEFAULT '',
    right_id     TEXT NOT NULL DEFAULT '',
    field        TEXT NOT NULL DEFAULT '',
    kind         TEXT NOT NULL,
    message      TEXT NOT NULL,
    parent       TEXT NOT NULL DEFAULT '',
    parent_key   TEXT NOT NULL DEFAULT '',
    parent_conn  INTEGER NOT NULL DEFAULT 0,
    left_image   TEXT NOT NULL DEFAULT '',
    right_image  TEXT NOT NULL DEFAULT '',
    attempts     INTEGER NOT NULL DEFAULT 1,
    first_at     DATETIME NOT NULL,
    last_at      DATETIME NOT NULL,
    retry_at     DATETIME,
    state        TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved', 'discarded')),
    closed_at    DATETIME,
    closed_by    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX record_errors_open ON record_errors (map_id, id) WHERE state = 'open';
CREATE UNIQUE INDEX record_errors_left ON record_errors (map_id, left_id) WHERE state = 'open' AND left_id <> '';
CREATE UNIQUE INDEX record_errors_right ON record_errors (map_id, right_id) WHERE state = 'open' AND right_id <> '';
CREATE INDEX record_errors_due ON record_errors (map_id, retry_at) WHERE state = 'open' AND retry_at IS NOT NULL;
CREATE INDEX record_errors_parent ON record_errors (parent_conn, parent) WHERE state = 'open' AND parent <> '';

CREATE TABLE conflicts (
    id           INTEGER PRIMARY KEY,
    map_id       INTEGER NOT NULL REFERENCES entity_maps (id) ON DELETE CASCADE,
    execution_id INTEGER,
    kind         TEXT NOT NULL CHECK (kind IN ('initial_differs', 'both_created', 'both_edited', 'edit_vs_delete', 'delete_vs_edit',
                 'copied_back', 'unsure_owner', 'target_edited')),
    record_key   TEXT NOT NULL,
    left_id      TEXT NOT NULL DEFAULT '',
    right_id     TEXT NOT NULL DEFAULT '',
    fields       TEXT NOT NULL,
    winner       TEXT NOT NULL CHECK (winner IN ('left', 'right')),
    left_image   TEXT NOT NULL DEFAULT '',
    right_image  TEXT NOT NULL DEFAULT '',
    at           DATETIME NOT NULL,
    reviewed_at  DATETIME,
    reviewed_by  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX conflicts_map ON conflicts (map_id, id);

CREATE TABLE activities (
    id     INTEGER PRIMARY KEY,
    map_id INTEGER,
    at     DATETIME NOT NULL,
    actor  TEXT NOT NULL,
    verb   TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX activities_map ON activities (map_id, id);

-- Who may work on what (I10). A token is never reused; a verb of the store compares it in its own transaction.
CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    token      INTEGER NOT NULL,
    expires_at DATETIME
);

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
