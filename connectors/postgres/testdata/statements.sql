-- count
SELECT count(*) FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (lower(rtrim((t."dataareaid"::text COLLATE "C"), ' ')) IN ($1, $2)) AND (((coalesce(lower(rtrim((j1."code"::text COLLATE "C"), ' ')), '') = $3) IS NOT TRUE AND (((t."seen" AT TIME ZONE 'UTC')::date >= ($4::text)::date) IS TRUE) IS NOT TRUE));

-- first page
SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (lower(rtrim((t."dataareaid"::text COLLATE "C"), ' ')) IN ($1, $2)) AND (((coalesce(lower(rtrim((j1."code"::text COLLATE "C"), ' ')), '') = $3) IS NOT TRUE AND (((t."seen" AT TIME ZONE 'UTC')::date >= ($4::text)::date) IS TRUE) IS NOT TRUE)) ORDER BY t."number", t."day" LIMIT 100;

-- next page
SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (lower(rtrim((t."dataareaid"::text COLLATE "C"), ' ')) IN ($1, $2)) AND (((coalesce(lower(rtrim((j1."code"::text COLLATE "C"), ' ')), '') = $3) IS NOT TRUE AND (((t."seen" AT TIME ZONE 'UTC')::date >= ($4::text)::date) IS TRUE) IS NOT TRUE)) AND (t."number", t."day") > (($5::text)::character varying, ($6::text)::date) ORDER BY t."number", t."day" LIMIT 100;

-- by native ids
WITH k(v0, v1) AS (SELECT * FROM unnest($1::text[], $2::text[])) SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM k CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE t."number" = (k.v0::text)::character varying AND t."day" = (k.v1::text)::date;

-- by native ids of one column
WITH k(v0) AS (SELECT * FROM unnest($1::text[])) SELECT t."id"::text, t.xmin::text, t."code" FROM k CROSS JOIN "public"."parents" AS t WHERE t."id" = (k.v0::text)::uuid;

-- by keys with nulls
WITH k(v0, v1) AS (SELECT * FROM unnest($1::text[], $2::text[])) SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM k CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE t."dataareaid" IS NOT DISTINCT FROM (k.v0::text)::character varying AND t."number" IS NOT DISTINCT FROM (k.v1::text)::character varying;

-- by keys, as they are
WITH k(v0, v1) AS (SELECT * FROM unnest($1::text[], $2::text[])) SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM k CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE t."dataareaid" = (k.v0::text)::character varying AND t."number" = (k.v1::text)::character varying;

-- by keys, letter case aside
WITH k(v0, v1) AS (SELECT * FROM unnest($1::text[], $2::text[])) SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM k CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE lower((t."dataareaid"::text COLLATE "C")) = k.v0 AND lower((t."number"::text COLLATE "C")) = k.v1;

-- by keys, trailing spaces aside
WITH k(v0, v1) AS (SELECT * FROM unnest($1::text[], $2::text[])) SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM k CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE rtrim((t."dataareaid"::text COLLATE "C"), ' ') = k.v0 AND rtrim((t."number"::text COLLATE "C"), ' ') = k.v1;

-- by keys, letter case and trailing spaces aside
WITH k(v0, v1) AS (SELECT * FROM unnest($1::text[], $2::text[])) SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM k CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE lower(rtrim((t."dataareaid"::text COLLATE "C"), ' ')) = k.v0 AND lower(rtrim((t."number"::text COLLATE "C"), ' ')) = k.v1;

-- by keys two lookups away
WITH k(v0, v1) AS (SELECT * FROM unnest($1::text[], $2::text[])) SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."number", j2."code", j1."code" FROM k CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" LEFT JOIN "public"."""regions""" AS j2 ON j2."id" = j1."region" WHERE t."number" = (k.v0::text)::character varying AND j2."code" = (k.v1::text)::text;

-- update of a lookup by what is two lookups away
WITH c(n, k0, k1, ver, v1, v2) AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])), r AS MATERIALIZED (SELECT c.*, l1.id AS l1, l1.found AS f1 FROM c CROSS JOIN LATERAL (SELECT (array_agg(x.id))[1] AS id, count(*) AS found FROM (SELECT p."id" AS id FROM "public"."parents" AS p WHERE p."region" IN (SELECT pp."id" FROM "public"."""regions""" AS pp WHERE pp."code" = (c.v1::text)::text) AND p."code" = (c.v2::text)::text LIMIT 2) AS x) AS l1), u AS (UPDATE "sales"."the ""children""" AS t SET "parent" = r.l1::uuid FROM r WHERE t."number" = (r.k0::text)::character varying AND t."day" = (r.k1::text)::date AND (r.ver = '' OR t.xmin::text = r.ver) AND r.f1 = 1 RETURNING r.n, replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id) SELECT r.n, 'false', concat_ws(' ', r.f1), u.id FROM r LEFT JOIN u ON u.n = r.n;

-- count of number eq 'It''s '
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((coalesce(lower(rtrim((t."number"::text COLLATE "C"), ' ')), '') = $1) IS TRUE);

-- count of number ne 'It''s '
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((coalesce(lower(rtrim((t."number"::text COLLATE "C"), ' ')), '') = $1) IS NOT TRUE);

-- count of number gt 'It''s '
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((lower((t."number"::text COLLATE "C")) > $1) IS TRUE);

-- count of number ge 'It''s '
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((lower((t."number"::text COLLATE "C")) >= $1) IS TRUE);

-- count of number lt 'It''s '
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((lower((t."number"::text COLLATE "C")) < $1) IS TRUE);

-- count of number le 'It''s '
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((lower((t."number"::text COLLATE "C")) <= $1) IS TRUE);

-- count of startswith(number,'50%_!''')
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND (coalesce(lower((t."number"::text COLLATE "C")), '') LIKE $1 ESCAPE '!');

-- count of endswith(number,'50%_!''')
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND (coalesce(lower((t."number"::text COLLATE "C")), '') LIKE $1 ESCAPE '!');

-- count of contains(number,'50%_!''')
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND (coalesce(lower((t."number"::text COLLATE "C")), '') LIKE $1 ESCAPE '!');

-- count of amount gt 1.50
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((nullif(nullif(nullif(t."amount"::numeric, 'NaN'), 'Infinity'), '-Infinity') > ($1::text)::numeric) IS TRUE);

-- count of day gt 2024-02-29
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((t."day"::date > ($1::text)::date) IS TRUE);

-- count of day gt 2024-02-29T12:30:00Z
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND ((t."day"::date > ($1::text)::date) IS TRUE);

-- count of seen gt 2024-02-29
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND (((t."seen" AT TIME ZONE 'UTC')::date > ($1::text)::date) IS TRUE);

-- count of seen gt 2024-02-29T12:30:00.25Z
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND (((t."seen" AT TIME ZONE 'UTC') > ($1::text)::timestamp) IS TRUE);

-- count of parent.region.code gt 'EU'
SELECT count(*) FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" LEFT JOIN "public"."""regions""" AS j2 ON j2."id" = j1."region" WHERE 1 = 1 AND ((lower((j2."code"::text COLLATE "C")) > $1) IS TRUE);

-- count of day eq null
SELECT count(*) FROM "sales"."the ""children""" AS t WHERE 1 = 1 AND (t."day" IS NULL);

-- count of parent.code ne null
SELECT count(*) FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (j1."code" IS NOT NULL);

-- count of day eq null and not (parent.code ne null or number eq 'It''s ')
SELECT count(*) FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND ((t."day" IS NULL AND ((j1."code" IS NOT NULL OR (coalesce(lower(rtrim((t."number"::text COLLATE "C"), ' ')), '') = $1) IS TRUE)) IS NOT TRUE));

-- create with a lookup
WITH c(n, h0, h1, v2, co, v0, v1, v3, v5) AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])), h AS (SELECT DISTINCT c.n FROM c CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE t."dataareaid" = (c.h0::text)::character varying AND t."number" = (c.h1::text)::character varying), r AS MATERIALIZED (SELECT c.*, h.n IS NOT NULL AS held, l1.id AS l1, l1.found AS f1 FROM c LEFT JOIN h ON h.n = c.n CROSS JOIN LATERAL (SELECT (array_agg(x.id))[1] AS id, count(*) AS found FROM (SELECT p."id" AS id FROM "public"."parents" AS p WHERE p."code" = (c.v2::text)::text AND p."dataareaid" = (c.co::text)::character varying LIMIT 2) AS x) AS l1), o AS (SELECT r.*, row_number() OVER (ORDER BY r.n::int) AS place FROM r WHERE NOT r.held AND r.f1 = 1), i AS (INSERT INTO "sales"."the ""children""" AS t ("parent", "dataareaid", "number", "amount", "day") SELECT o.l1::uuid, (o.v0::text)::character varying, (o.v1::text)::character varying, (o.v3::text)::numeric, (o.v5::text)::date FROM o ORDER BY o.place RETURNING replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id), z AS (SELECT i.*, row_number() OVER () AS place FROM i) SELECT r.n, r.held::text, concat_ws(' ', r.f1), z.id FROM r LEFT JOIN o ON o.n = r.n LEFT JOIN z ON z.place = o.place;

-- update of a lookup in the stored company
WITH c(n, k0, k1, ver, v2) AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])), r AS MATERIALIZED (SELECT c.*, l1.id AS l1, l1.found AS f1 FROM c LEFT JOIN ("sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent") ON t."number" = (c.k0::text)::character varying AND t."day" = (c.k1::text)::date CROSS JOIN LATERAL (SELECT (array_agg(x.id))[1] AS id, count(*) AS found FROM (SELECT p."id" AS id FROM "public"."parents" AS p WHERE p."code" = (c.v2::text)::text AND p."dataareaid" = (t."dataareaid"::text)::character varying LIMIT 2) AS x) AS l1), u AS (UPDATE "sales"."the ""children""" AS t SET "parent" = r.l1::uuid FROM r WHERE t."number" = (r.k0::text)::character varying AND t."day" = (r.k1::text)::date AND (r.ver = '' OR t.xmin::text = r.ver) AND r.f1 = 1 RETURNING r.n, replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id) SELECT r.n, 'false', concat_ws(' ', r.f1), u.id FROM r LEFT JOIN u ON u.n = r.n;

-- update of plain fields
UPDATE "sales"."the ""children""" AS t SET "amount" = (r.v3::text)::numeric, "day" = (r.v5::text)::date FROM (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])) AS r(n, k0, k1, ver, v3, v5) WHERE t."number" = (r.k0::text)::character varying AND t."day" = (r.k1::text)::date AND (r.ver = '' OR t.xmin::text = r.ver) RETURNING r.n, 'false', '', replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|');

-- delete
DELETE FROM "sales"."the ""children""" AS t USING (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])) AS c(n, k0, k1, ver) WHERE t."number" = (c.k0::text)::character varying AND t."day" = (c.k1::text)::date AND (c.ver = '' OR t.xmin::text = c.ver) RETURNING c.n, 'false', '', replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|');

-- capture
DROP FUNCTION IF EXISTS dualwrite.note_4711() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.insert_4711() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.update_4711() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.delete_4711() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.rename_4711() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.row_4711() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.truncate_4711() CASCADE;
DROP TABLE IF EXISTS dualwrite.log_4711, dualwrite.image_4711;
CREATE TABLE dualwrite.log_4711 (seq bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME dualwrite.seq_4711) PRIMARY KEY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), op "char" NOT NULL, id text, old_id text, origin text, at timestamptz NOT NULL DEFAULT clock_timestamp(), n int NOT NULL DEFAULT 1, ids text[]);
ALTER TABLE dualwrite.log_4711 ALTER ids SET STORAGE EXTERNAL;
CREATE FUNCTION dualwrite.insert_4711() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS E'
BEGIN
	IF pg_catalog.starts_with(pg_catalog.current_setting(''dualwrite.mark'', true), ''4711:'') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN
		INSERT INTO dualwrite.log_4711 (op, ids, n, origin) SELECT ''c'', pg_catalog.array_agg((pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''))), pg_catalog.count(*), pg_catalog.substr(pg_catalog.current_setting(''dualwrite.mark'', true), 6) FROM dualwrite_rows AS r HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0;
	ELSE
		INSERT INTO dualwrite.log_4711 (op, id) SELECT ''c'', (pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')) FROM dualwrite_rows AS r;
	END IF;
	IF FOUND AND NOT pg_catalog.pg_try_advisory_xact_lock_shared(25719, 4711) THEN
		PERFORM pg_catalog.pg_notify(''dualwrite'', ''4711'');
	END IF;
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.insert_4711() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_insert" AFTER INSERT ON "sales"."the ""children""" REFERENCING NEW TABLE AS dualwrite_rows FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.insert_4711();
CREATE FUNCTION dualwrite.update_4711() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS E'
BEGIN
	IF pg_catalog.current_setting(''dualwrite.mark'', true) OPERATOR(pg_catalog.<>) '''' OR pg_catalog.current_setting(''dualwrite.renamed_4711'', true) OPERATOR(pg_catalog.<>) '''' THEN
		IF pg_catalog.current_setting(''dualwrite.renamed_4711'', true) OPERATOR(pg_catalog.<>) '''' THEN
			INSERT INTO dualwrite.log_4711 (op, id, origin) SELECT ''u'', (pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')), CASE WHEN pg_catalog.starts_with(pg_catalog.current_setting(''dualwrite.mark'', true), ''4711:'') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN pg_catalog.substr(pg_catalog.current_setting(''dualwrite.mark'', true), 6) END FROM dualwrite_rows AS r
				WHERE NOT EXISTS (SELECT 1 FROM dualwrite.log_4711 AS l WHERE l.seq OPERATOR(pg_catalog.>=) pg_catalog.current_setting(''dualwrite.renamed_4711'', true)::pg_catalog.int8
					AND l.tx OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id() AND l.old_id IS NOT NULL AND l.id OPERATOR(pg_catalog.=) (pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')));
			PERFORM pg_catalog.set_config(''dualwrite.renamed_4711'', '''', true);
			RETURN NULL;
		ELSIF pg_catalog.starts_with(pg_catalog.current_setting(''dualwrite.mark'', true), ''4711:'') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN
			INSERT INTO dualwrite.log_4711 (op, ids, n, origin) SELECT ''u'', pg_catalog.array_agg((pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''))), pg_catalog.count(*), pg_catalog.substr(pg_catalog.current_setting(''dualwrite.mark'', true), 6) FROM dualwrite_rows AS r HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0;
		ELSE
			INSERT INTO dualwrite.log_4711 (op, id) SELECT ''u'', (pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')) FROM dualwrite_rows AS r;
		END IF;
	ELSE
		INSERT INTO dualwrite.log_4711 (op, id) SELECT ''u'', (pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')) FROM dualwrite_rows AS r;
	END IF;
	IF FOUND AND NOT pg_catalog.pg_try_advisory_xact_lock_shared(25719, 4711) THEN
		PERFORM pg_catalog.pg_notify(''dualwrite'', ''4711'');
	END IF;
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.update_4711() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_update" AFTER UPDATE ON "sales"."the ""children""" REFERENCING NEW TABLE AS dualwrite_rows FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.update_4711();
CREATE FUNCTION dualwrite.delete_4711() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS E'
BEGIN
	IF pg_catalog.starts_with(pg_catalog.current_setting(''dualwrite.mark'', true), ''4711:'') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN
		INSERT INTO dualwrite.log_4711 (op, ids, n, origin) SELECT ''d'', pg_catalog.array_agg((pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''))), pg_catalog.count(*), pg_catalog.substr(pg_catalog.current_setting(''dualwrite.mark'', true), 6) FROM dualwrite_rows AS r HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0;
	ELSE
		INSERT INTO dualwrite.log_4711 (op, id) SELECT ''d'', (pg_catalog.replace(pg_catalog.replace(r."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(r."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')) FROM dualwrite_rows AS r;
	END IF;
	IF FOUND AND NOT pg_catalog.pg_try_advisory_xact_lock_shared(25719, 4711) THEN
		PERFORM pg_catalog.pg_notify(''dualwrite'', ''4711'');
	END IF;
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.delete_4711() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_delete" AFTER DELETE ON "sales"."the ""children""" REFERENCING OLD TABLE AS dualwrite_rows FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.delete_4711();
CREATE FUNCTION dualwrite.rename_4711() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS E'
DECLARE
	first pg_catalog.int8;
BEGIN
	INSERT INTO dualwrite.log_4711 (op, id, old_id, origin) VALUES (''u'', (pg_catalog.replace(pg_catalog.replace(NEW."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(NEW."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')), (pg_catalog.replace(pg_catalog.replace(OLD."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(OLD."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')), CASE WHEN pg_catalog.starts_with(pg_catalog.current_setting(''dualwrite.mark'', true), ''4711:'') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN pg_catalog.substr(pg_catalog.current_setting(''dualwrite.mark'', true), 6) END) RETURNING seq INTO first;
	IF coalesce(pg_catalog.current_setting(''dualwrite.renamed_4711'', true), '''') OPERATOR(pg_catalog.=) '''' THEN
		PERFORM pg_catalog.set_config(''dualwrite.renamed_4711'', first::pg_catalog.text, true);
	END IF;
	IF FOUND AND NOT pg_catalog.pg_try_advisory_xact_lock_shared(25719, 4711) THEN
		PERFORM pg_catalog.pg_notify(''dualwrite'', ''4711'');
	END IF;
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.rename_4711() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_rename" AFTER UPDATE OF "number", "day" ON "sales"."the ""children""" FOR EACH ROW WHEN ((pg_catalog.replace(pg_catalog.replace(OLD."number"::pg_catalog.text, E'\\', E'\\\\'), '|', E'\\|') OPERATOR(pg_catalog.||) '|' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(OLD."day") OPERATOR(pg_catalog.#>>) '{}'), E'\\', E'\\\\'), '|', E'\\|')) OPERATOR(pg_catalog.<>) (pg_catalog.replace(pg_catalog.replace(NEW."number"::pg_catalog.text, E'\\', E'\\\\'), '|', E'\\|') OPERATOR(pg_catalog.||) '|' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(NEW."day") OPERATOR(pg_catalog.#>>) '{}'), E'\\', E'\\\\'), '|', E'\\|'))) EXECUTE FUNCTION dualwrite.rename_4711();
CREATE FUNCTION dualwrite.truncate_4711() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS '
BEGIN
	INSERT INTO dualwrite.log_4711 (op) VALUES (''t'');
	PERFORM pg_catalog.pg_notify(''dualwrite'', ''4711'');
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.truncate_4711() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_truncate" AFTER TRUNCATE ON "sales"."the ""children""" FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.truncate_4711();

-- capture of a partitioned table
DROP FUNCTION IF EXISTS dualwrite.note_4713() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.insert_4713() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.update_4713() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.delete_4713() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.rename_4713() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.row_4713() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.truncate_4713() CASCADE;
DROP TABLE IF EXISTS dualwrite.log_4713, dualwrite.image_4713;
CREATE TABLE dualwrite.log_4713 (seq bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME dualwrite.seq_4713) PRIMARY KEY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), op "char" NOT NULL, id text, old_id text, origin text, at timestamptz NOT NULL DEFAULT clock_timestamp(), n int NOT NULL DEFAULT 1, ids text[]);
ALTER TABLE dualwrite.log_4713 ALTER ids SET STORAGE EXTERNAL;
CREATE FUNCTION dualwrite.row_4713() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS E'
BEGIN
	IF TG_OP OPERATOR(pg_catalog.=) ''INSERT'' THEN
		INSERT INTO dualwrite.log_4713 (op, id, origin) VALUES (''c'', (pg_catalog.replace(pg_catalog.replace(NEW."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(NEW."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')), CASE WHEN pg_catalog.starts_with(pg_catalog.current_setting(''dualwrite.mark'', true), ''4713:'') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN pg_catalog.substr(pg_catalog.current_setting(''dualwrite.mark'', true), 6) END);
	ELSIF TG_OP OPERATOR(pg_catalog.=) ''UPDATE'' THEN
		INSERT INTO dualwrite.log_4713 (op, id, old_id, origin) VALUES (''u'', (pg_catalog.replace(pg_catalog.replace(NEW."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(NEW."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')), CASE WHEN (pg_catalog.replace(pg_catalog.replace(OLD."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(OLD."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')) OPERATOR(pg_catalog.<>) (pg_catalog.replace(pg_catalog.replace(NEW."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(NEW."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')) THEN (pg_catalog.replace(pg_catalog.replace(OLD."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(OLD."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')) END, CASE WHEN pg_catalog.starts_with(pg_catalog.current_setting(''dualwrite.mark'', true), ''4713:'') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN pg_catalog.substr(pg_catalog.current_setting(''dualwrite.mark'', true), 6) END);
	ELSE
		INSERT INTO dualwrite.log_4713 (op, id, origin) VALUES (''d'', (pg_catalog.replace(pg_catalog.replace(OLD."number"::pg_catalog.text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') OPERATOR(pg_catalog.||) ''|'' OPERATOR(pg_catalog.||) pg_catalog.replace(pg_catalog.replace((pg_catalog.to_json(OLD."day") OPERATOR(pg_catalog.#>>) ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')), CASE WHEN pg_catalog.starts_with(pg_catalog.current_setting(''dualwrite.mark'', true), ''4713:'') AND pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN pg_catalog.substr(pg_catalog.current_setting(''dualwrite.mark'', true), 6) END);
	END IF;
	IF FOUND AND NOT pg_catalog.pg_try_advisory_xact_lock_shared(25719, 4713) THEN
		PERFORM pg_catalog.pg_notify(''dualwrite'', ''4713'');
	END IF;
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.row_4713() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_row" AFTER INSERT OR UPDATE OR DELETE ON "sales"."the ""children""" FOR EACH ROW EXECUTE FUNCTION dualwrite.row_4713();
CREATE FUNCTION dualwrite.truncate_4713() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS '
BEGIN
	INSERT INTO dualwrite.log_4713 (op) VALUES (''t'');
	PERFORM pg_catalog.pg_notify(''dualwrite'', ''4713'');
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.truncate_4713() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_truncate" AFTER TRUNCATE ON "sales"."the ""children""" FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.truncate_4713();

-- capture of a view
DROP FUNCTION IF EXISTS dualwrite.note_4712() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.insert_4712() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.update_4712() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.delete_4712() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.rename_4712() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.row_4712() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.truncate_4712() CASCADE;
DROP TABLE IF EXISTS dualwrite.log_4712, dualwrite.image_4712;
CREATE TABLE dualwrite.log_4712 (seq bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME dualwrite.seq_4712) PRIMARY KEY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), op "char" NOT NULL, id text, old_id text, origin text, at timestamptz NOT NULL DEFAULT clock_timestamp(), n int NOT NULL DEFAULT 1, ids text[]);
ALTER TABLE dualwrite.log_4712 ALTER ids SET STORAGE EXTERNAL;
CREATE TABLE dualwrite.image_4712 (id text PRIMARY KEY, version text NOT NULL);
INSERT INTO dualwrite.image_4712 SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id, md5(ROW(t.*)::text) AS version FROM "sales"."the ""children""" AS t;

-- comparison of a view
WITH now AS MATERIALIZED (SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id, md5(ROW(t.*)::text) AS version FROM "sales"."the ""children""" AS t), gone AS (DELETE FROM dualwrite.image_4712 AS i WHERE NOT EXISTS (SELECT 1 FROM now WHERE now.id = i.id) RETURNING i.id), here AS (INSERT INTO dualwrite.image_4712 AS i SELECT now.id, now.version FROM now ON CONFLICT (id) DO UPDATE SET version = excluded.version WHERE i.version <> excluded.version RETURNING i.id, i.xmax = 0 AS created) INSERT INTO dualwrite.log_4712 (op, id) SELECT 'd', gone.id FROM gone UNION ALL SELECT CASE WHEN here.created THEN 'c' ELSE 'u' END::"char", here.id FROM here;

