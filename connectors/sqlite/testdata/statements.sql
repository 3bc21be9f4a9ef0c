-- count
SELECT count(*) FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (rtrim(t."dataareaid", ' ') COLLATE NOCASE IN (?, ?)) AND (((coalesce(rtrim(j1."code", ' '), '') COLLATE NOCASE = ?) IS NOT TRUE AND NOT ((date(CASE WHEN typeof(t."seen") = 'text' THEN t."seen" END) >= ?) IS TRUE)));

-- first page
SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (rtrim(t."dataareaid", ' ') COLLATE NOCASE IN (?, ?)) AND (((coalesce(rtrim(j1."code", ' '), '') COLLATE NOCASE = ?) IS NOT TRUE AND NOT ((date(CASE WHEN typeof(t."seen") = 'text' THEN t."seen" END) >= ?) IS TRUE))) ORDER BY t."number", t."day" LIMIT 100;

-- next page
SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (rtrim(t."dataareaid", ' ') COLLATE NOCASE IN (?, ?)) AND (((coalesce(rtrim(j1."code", ' '), '') COLLATE NOCASE = ?) IS NOT TRUE AND NOT ((date(CASE WHEN typeof(t."seen") = 'text' THEN t."seen" END) >= ?) IS TRUE))) AND (t."number", t."day") > (?, ?) ORDER BY t."number", t."day" LIMIT 100;

-- by native ids
WITH k(v0, v1) AS (VALUES (?, ?), (?, ?)) SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM k CROSS JOIN main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE t."number" = k.v0 AND t."day" = k.v1;

-- by keys
WITH k(v0, v1) AS (VALUES (?, ?), (?, ?)) SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM k CROSS JOIN main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE t."dataareaid" IS k.v0 AND t."number" IS k.v1;

-- by keys, folded
SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE (coalesce(rtrim(t."dataareaid", ' '), x'') COLLATE NOCASE, coalesce(rtrim(t."number", ' '), x'') COLLATE NOCASE) IN (VALUES (?, ?), (?, ?));

-- trigger
CREATE TRIGGER "dualwrite_create_the ""children""" AFTER INSERT ON "the ""children""" BEGIN INSERT INTO "dualwrite_log_the ""children""" (op, old_id, id, key, at) VALUES ('create', NULL, replace(replace(CAST(NEW."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(NEW."day" AS TEXT), '\', '\\'), '|', '\|'), coalesce(CAST(NEW."number" AS TEXT), '') || ' ' || coalesce(CAST(NEW."day" AS TEXT), ''), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)); END;

-- trigger
CREATE TRIGGER "dualwrite_update_the ""children""" AFTER UPDATE ON "the ""children""" BEGIN INSERT INTO "dualwrite_log_the ""children""" (op, old_id, id, key, at) VALUES ('update', CASE WHEN replace(replace(CAST(OLD."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(OLD."day" AS TEXT), '\', '\\'), '|', '\|') IS NOT replace(replace(CAST(NEW."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(NEW."day" AS TEXT), '\', '\\'), '|', '\|') THEN replace(replace(CAST(OLD."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(OLD."day" AS TEXT), '\', '\\'), '|', '\|') END, replace(replace(CAST(NEW."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(NEW."day" AS TEXT), '\', '\\'), '|', '\|'), coalesce(CAST(NEW."number" AS TEXT), '') || ' ' || coalesce(CAST(NEW."day" AS TEXT), ''), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)); END;

-- trigger
CREATE TRIGGER "dualwrite_delete_the ""children""" AFTER DELETE ON "the ""children""" BEGIN INSERT INTO "dualwrite_log_the ""children""" (op, old_id, id, key, at) VALUES ('delete', NULL, replace(replace(CAST(OLD."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(OLD."day" AS TEXT), '\', '\\'), '|', '\|'), coalesce(CAST(OLD."number" AS TEXT), '') || ' ' || coalesce(CAST(OLD."day" AS TEXT), ''), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)); END;

