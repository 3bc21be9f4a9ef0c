-- +goose Up
-- How many open errors of each cause each of a map's two lists holds. Triggers keep it, so that it moves in the transaction of the errors themselves,
-- whoever writes them.
CREATE TABLE error_causes (
    map_id INTEGER NOT NULL,
    work   TEXT NOT NULL CHECK (work IN ('initial', 'later')),
    kind   TEXT NOT NULL,
    field  TEXT NOT NULL,
    open   INTEGER NOT NULL CHECK (open >= 0),
    PRIMARY KEY (map_id, work, kind, field)
) WITHOUT ROWID;

INSERT INTO error_causes (map_id, work, kind, field, open)
SELECT map_id, CASE stage WHEN 'initial' THEN 'initial' ELSE 'later' END, kind, field, count(*) FROM record_errors WHERE state = 'open' GROUP BY 1, 2, 3, 4;

-- +goose StatementBegin
CREATE TRIGGER error_causes_opened AFTER INSERT ON record_errors WHEN NEW.state = 'open' BEGIN
    INSERT INTO error_causes (map_id, work, kind, field, open) VALUES (NEW.map_id, CASE NEW.stage WHEN 'initial' THEN 'initial' ELSE 'later' END, NEW.kind, NEW.field, 1)
    ON CONFLICT DO UPDATE SET open = open + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER error_causes_entered AFTER UPDATE OF state, stage, kind, field ON record_errors WHEN NEW.state = 'open' AND (OLD.state, OLD.stage, OLD.kind, OLD.field) <> (NEW.state, NEW.stage, NEW.kind, NEW.field) BEGIN
    INSERT INTO error_causes (map_id, work, kind, field, open) VALUES (NEW.map_id, CASE NEW.stage WHEN 'initial' THEN 'initial' ELSE 'later' END, NEW.kind, NEW.field, 1)
    ON CONFLICT DO UPDATE SET open = open + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER error_causes_left AFTER UPDATE OF state, stage, kind, field ON record_errors WHEN OLD.state = 'open' AND (OLD.state, OLD.stage, OLD.kind, OLD.field) <> (NEW.state, NEW.stage, NEW.kind, NEW.field) BEGIN
    UPDATE error_causes SET open = open - 1
    WHERE map_id = OLD.map_id AND work = CASE OLD.stage WHEN 'initial' THEN 'initial' ELSE 'later' END AND kind = OLD.kind AND field = OLD.field;
    DELETE FROM error_causes
    WHERE map_id = OLD.map_id AND work = CASE OLD.stage WHEN 'initial' THEN 'initial' ELSE 'later' END AND kind = OLD.kind AND field = OLD.field AND open = 0;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER error_causes_deleted AFTER DELETE ON record_errors WHEN OLD.state = 'open' BEGIN
    UPDATE error_causes SET open = open - 1
    WHERE map_id = OLD.map_id AND work = CASE OLD.stage WHEN 'initial' THEN 'initial' ELSE 'later' END AND kind = OLD.kind AND field = OLD.field;
    DELETE FROM error_causes
    WHERE map_id = OLD.map_id AND work = CASE OLD.stage WHEN 'initial' THEN 'initial' ELSE 'later' END AND kind = OLD.kind AND field = OLD.field AND open = 0;
END;
-- +goose StatementEnd

-- Every filter but the keyword is answered from one of these alone, in the order of the list.
DROP INDEX record_errors_initial;
DROP INDEX record_errors_later;
CREATE INDEX record_errors_initial ON record_errors (map_id, id, kind, field, side, company) WHERE state = 'open' AND stage = 'initial';
CREATE INDEX record_errors_later ON record_errors (map_id, id, kind, field, side, company) WHERE state = 'open' AND stage <> 'initial';
DROP INDEX record_errors_cause;

-- +goose Down
SELECT 'forward only: restore the copy made before the upgrade';
