-- count
SELECT count(*) FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (rtrim(t."dataareaid", ' ') COLLATE NOCASE IN (?, ?)) AND (((coalesce(rtrim(j1."code", ' '), '') COLLATE NOCASE = ?) IS NOT TRUE AND ((date(CASE WHEN typeof(t."seen") = 'text' THEN t."seen" END) >= ?) IS TRUE) IS NOT TRUE));

-- first page
SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (rtrim(t."dataareaid", ' ') COLLATE NOCASE IN (?, ?)) AND (((coalesce(rtrim(j1."code", ' '), '') COLLATE NOCASE = ?) IS NOT TRUE AND ((date(CASE WHEN typeof(t."seen") = 'text' THEN t."seen" END) >= ?) IS TRUE) IS NOT TRUE)) ORDER BY t."number", t."day" LIMIT 100;

-- next page
SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (rtrim(t."dataareaid", ' ') COLLATE NOCASE IN (?, ?)) AND (((coalesce(rtrim(j1."code", ' '), '') COLLATE NOCASE = ?) IS NOT TRUE AND ((date(CASE WHEN typeof(t."seen") = 'text' THEN t."seen" END) >= ?) IS TRUE) IS NOT TRUE)) AND (t."number", t."day") > (?, ?) ORDER BY t."number", t."day" LIMIT 100;

-- by native ids
WITH k(v0, v1) AS (VALUES (?, ?), (?, ?)) SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM k CROSS JOIN main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE t."number" = k.v0 AND t."day" = k.v1;

-- by native ids of one column
WITH k(v0) AS (VALUES (?), (?)) SELECT 0, CAST(t."id" AS TEXT), +t."id", +t."dataareaid", +t."code", +t."region" FROM k CROSS JOIN main."parents" AS t WHERE t."id" = k.v0;

-- by keys, as they are
WITH k(v0, v1) AS (VALUES (?, ?), (?, ?)) SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM k CROSS JOIN main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE t."dataareaid" IS k.v0 AND t."number" IS k.v1;

-- by keys, letter case aside
SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE (coalesce(t."dataareaid", x'') COLLATE NOCASE, coalesce(t."number", x'') COLLATE NOCASE) IN (VALUES (?, ?), (?, ?));

-- by keys, trailing spaces aside
SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE (coalesce(rtrim(t."dataareaid", ' '), x'') COLLATE BINARY, coalesce(rtrim(t."number", ' '), x'') COLLATE BINARY) IN (VALUES (?, ?), (?, ?));

-- by keys, letter case and trailing spaces aside
SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j1."code" FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE (coalesce(rtrim(t."dataareaid", ' '), x'') COLLATE NOCASE, coalesce(rtrim(t."number", ' '), x'') COLLATE NOCASE) IN (VALUES (?, ?), (?, ?));

-- by keys two lookups away
WITH k(v0, v1) AS (VALUES (?, ?), (?, ?)) SELECT 0, replace(replace(CAST(t."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(t."day" AS TEXT), '\', '\\'), '|', '\|'), +t."number", +t."day", +t."dataareaid", +t."parent", +t."amount", +t."seen", +j2."code", +j1."code" FROM k CROSS JOIN main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" LEFT JOIN main."regions" AS j2 ON j2."id" = j1."region" WHERE t."number" IS k.v0 AND t."parent" IN (SELECT tp."id" FROM main."parents" AS tp WHERE tp."region" IN (SELECT tpp."id" FROM main."regions" AS tpp WHERE tpp."code" IS k.v1));

-- parent two lookups away, in a company
p."region" IN (SELECT pp."id" FROM main."regions" AS pp WHERE pp."code" IS ?) AND p."dataareaid" IS ?;

-- count of number eq 'It''s '
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((coalesce(rtrim(t."number", ' '), '') COLLATE NOCASE = ?) IS TRUE);

-- count of number ne 'It''s '
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((coalesce(rtrim(t."number", ' '), '') COLLATE NOCASE = ?) IS NOT TRUE);

-- count of number gt 'It''s '
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((t."number" COLLATE NOCASE > ?) IS TRUE);

-- count of number ge 'It''s '
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((t."number" COLLATE NOCASE >= ?) IS TRUE);

-- count of number lt 'It''s '
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((t."number" COLLATE NOCASE < ?) IS TRUE);

-- count of number le 'It''s '
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((t."number" COLLATE NOCASE <= ?) IS TRUE);

-- count of startswith(number,'50%_!''')
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND (coalesce(t."number", '') LIKE ? ESCAPE '!');

-- count of endswith(number,'50%_!''')
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND (coalesce(t."number", '') LIKE ? ESCAPE '!');

-- count of contains(number,'50%_!''')
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND (coalesce(t."number", '') LIKE ? ESCAPE '!');

-- count of amount gt 1.50
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((CASE WHEN typeof(t."amount") IN ('integer', 'real') THEN t."amount" END > ?) IS TRUE);

-- count of day gt 2024-02-29
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((date(CASE WHEN strftime('%H:%M:%f', CASE WHEN typeof(t."day") = 'text' THEN t."day" END) = '00:00:00.000' THEN CASE WHEN typeof(t."day") = 'text' THEN t."day" END END) > ?) IS TRUE);

-- count of day gt 2024-02-29T12:30:00Z
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((date(CASE WHEN strftime('%H:%M:%f', CASE WHEN typeof(t."day") = 'text' THEN t."day" END) = '00:00:00.000' THEN CASE WHEN typeof(t."day") = 'text' THEN t."day" END END) > ?) IS TRUE);

-- count of seen gt 2024-02-29
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((date(CASE WHEN typeof(t."seen") = 'text' THEN t."seen" END) > ?) IS TRUE);

-- count of seen gt 2024-02-29T12:30:00.25Z
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND ((strftime('%Y-%m-%dT%H:%M:%f', CASE WHEN typeof(t."seen") = 'text' THEN t."seen" END) > ?) IS TRUE);

-- count of parent.region.code gt 'EU'
SELECT count(*) FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" LEFT JOIN main."regions" AS j2 ON j2."id" = j1."region" WHERE 1 = 1 AND ((j2."code" COLLATE NOCASE > ?) IS TRUE);

-- count of day eq null
SELECT count(*) FROM main."the ""children""" AS t WHERE 1 = 1 AND (t."day" IS NULL);

-- count of parent.code ne null
SELECT count(*) FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (j1."code" IS NOT NULL);

-- count of day eq null and not (parent.code ne null or number eq 'It''s ')
SELECT count(*) FROM main."the ""children""" AS t LEFT JOIN main."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND ((t."day" IS NULL AND ((j1."code" IS NOT NULL OR (coalesce(rtrim(t."number", ' '), '') COLLATE NOCASE = ?) IS TRUE)) IS NOT TRUE));

-- log
CREATE TABLE "dualwrite_log_the ""children""" (seq INTEGER PRIMARY KEY, op TEXT NOT NULL, old_id TEXT, id TEXT, key TEXT, origin TEXT NOT NULL DEFAULT '', at INTEGER);
CREATE INDEX "dualwrite_index_the ""children""" ON "dualwrite_log_the ""children""" (id);

-- image of a view
DROP TABLE IF EXISTS "dualwrite_image_the ""children""";
CREATE TABLE "dualwrite_image_the ""children""" (id TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID;

-- trigger
CREATE TRIGGER "dualwrite_create_the ""children""" AFTER INSERT ON "the ""children""" BEGIN INSERT INTO "dualwrite_log_the ""children""" (op, old_id, id, key, at) VALUES ('create', NULL, replace(replace(CAST(NEW."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(NEW."day" AS TEXT), '\', '\\'), '|', '\|'), coalesce(CAST(NEW."number" AS TEXT), '') || ' ' || coalesce(CAST(NEW."day" AS TEXT), ''), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)); END;

-- trigger
CREATE TRIGGER "dualwrite_update_the ""children""" AFTER UPDATE ON "the ""children""" BEGIN INSERT INTO "dualwrite_log_the ""children""" (op, old_id, id, key, at) VALUES ('update', CASE WHEN replace(replace(CAST(OLD."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(OLD."day" AS TEXT), '\', '\\'), '|', '\|') IS NOT replace(replace(CAST(NEW."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(NEW."day" AS TEXT), '\', '\\'), '|', '\|') THEN replace(replace(CAST(OLD."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(OLD."day" AS TEXT), '\', '\\'), '|', '\|') END, replace(replace(CAST(NEW."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(NEW."day" AS TEXT), '\', '\\'), '|', '\|'), coalesce(CAST(NEW."number" AS TEXT), '') || ' ' || coalesce(CAST(NEW."day" AS TEXT), ''), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)); END;

-- trigger
CREATE TRIGGER "dualwrite_delete_the ""children""" AFTER DELETE ON "the ""children""" BEGIN INSERT INTO "dualwrite_log_the ""children""" (op, old_id, id, key, at) VALUES ('delete', NULL, replace(replace(CAST(OLD."number" AS TEXT), '\', '\\'), '|', '\|') || '|' || replace(replace(CAST(OLD."day" AS TEXT), '\', '\\'), '|', '\|'), coalesce(CAST(OLD."number" AS TEXT), '') || ' ' || coalesce(CAST(OLD."day" AS TEXT), ''), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)); END;

