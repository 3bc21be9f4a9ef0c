-- +goose Up
-- What the pages ask of long lists: errors by the work they came up in, by cause, and conflicts that nobody has looked at.
CREATE INDEX record_errors_initial ON record_errors (map_id, id) WHERE state = 'open' AND stage = 'initial';
CREATE INDEX record_errors_later ON record_errors (map_id, id) WHERE state = 'open' AND stage <> 'initial';
CREATE INDEX record_errors_cause ON record_errors (map_id, stage, kind, field, side, company) WHERE state = 'open';
CREATE INDEX conflicts_unseen ON conflicts (map_id, kind, id) WHERE reviewed_at IS NULL;

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
