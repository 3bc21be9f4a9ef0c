-- +goose Up
-- How many open errors of each cause each of a map's two lists holds, counted from record_errors_cause alone. It is not kept: writers of one map would
-- wait for each other's counts in the middle of their transactions.
CREATE VIEW error_causes AS
SELECT map_id, CASE stage WHEN 'initial' THEN 'initial' ELSE 'later' END AS work, kind, field, count(*) AS open
FROM record_errors WHERE state = 'open' GROUP BY 1, 2, 3, 4;

-- Every filter but the keyword is answered from one of these alone, in the order of the list.
DROP INDEX record_errors_initial;
DROP INDEX record_errors_later;
CREATE INDEX record_errors_initial ON record_errors (map_id, id, kind, field, side, company) WHERE state = 'open' AND stage = 'initial';
CREATE INDEX record_errors_later ON record_errors (map_id, id, kind, field, side, company) WHERE state = 'open' AND stage <> 'initial';

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
