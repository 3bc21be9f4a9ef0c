-- count
SELECT count(*) FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (lower(rtrim((t."dataareaid"::text COLLATE "C"), ' ')) IN ($1, $2)) AND (((coalesce(lower(rtrim((j1."code"::text COLLATE "C"), ' ')), '') = $3) IS NOT TRUE AND NOT (((t."seen" AT TIME ZONE 'UTC')::date >= ($4::text)::date) IS TRUE)));

-- first page
SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (lower(rtrim((t."dataareaid"::text COLLATE "C"), ' ')) IN ($1, $2)) AND (((coalesce(lower(rtrim((j1."code"::text COLLATE "C"), ' ')), '') = $3) IS NOT TRUE AND NOT (((t."seen" AT TIME ZONE 'UTC')::date >= ($4::text)::date) IS TRUE))) ORDER BY t."number", t."day" LIMIT 100;

-- next page
SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|'), t.xmin::text, t."dataareaid", t."number", j1."code", t."amount", t."seen", t."day" FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND (lower(rtrim((t."dataareaid"::text COLLATE "C"), ' ')) IN ($1, $2)) AND (((coalesce(lower(rtrim((j1."code"::text COLLATE "C"), ' ')), '') = $3) IS NOT TRUE AND NOT (((t."seen" AT TIME ZONE 'UTC')::date >= ($4::text)::date) IS TRUE))) AND (t."number", t."day") > (($5::text)::character varying, ($6::text)::date) ORDER BY t."number", t."day" LIMIT 100;

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
SELECT count(*) FROM "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE 1 = 1 AND ((t."day" IS NULL AND NOT ((j1."code" IS NOT NULL OR (coalesce(lower(rtrim((t."number"::text COLLATE "C"), ' ')), '') = $1) IS TRUE))));

-- create with a lookup
WITH c(n, h0, h1, v2, co, v0, v1, v3, v5) AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])), h AS (SELECT DISTINCT c.n FROM c CROSS JOIN "sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent" WHERE t."dataareaid" = (c.h0::text)::character varying AND t."number" = (c.h1::text)::character varying), r AS MATERIALIZED (SELECT c.*, h.n IS NOT NULL AS held, l1.id AS l1, l1.found AS f1 FROM c LEFT JOIN h ON h.n = c.n CROSS JOIN LATERAL (SELECT (array_agg(x.id))[1] AS id, count(*) AS found FROM (SELECT p."id" AS id FROM "public"."parents" AS p WHERE p."code" = (c.v2::text)::text AND p."dataareaid" = (c.co::text)::character varying LIMIT 2) AS x) AS l1), o AS (SELECT r.*, row_number() OVER (ORDER BY r.n::int) AS place FROM r WHERE NOT r.held AND r.f1 = 1), i AS (INSERT INTO "sales"."the ""children""" AS t ("parent", "dataareaid", "number", "amount", "day") SELECT o.l1::uuid, (o.v0::text)::character varying, (o.v1::text)::character varying, (o.v3::text)::numeric, (o.v5::text)::date FROM o ORDER BY o.place RETURNING replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id), z AS (SELECT i.*, row_number() OVER () AS place FROM i) SELECT r.n, r.held::text, concat_ws(' ', r.f1), z.id FROM r LEFT JOIN o ON o.n = r.n LEFT JOIN z ON z.place = o.place;

-- update of a lookup in the stored company
WITH c(n, k0, k1, ver, v2) AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])), r AS MATERIALIZED (SELECT c.*, l1.id AS l1, l1.found AS f1 FROM c LEFT JOIN ("sales"."the ""children""" AS t LEFT JOIN "public"."parents" AS j1 ON j1."id" = t."parent") ON t."number" = (c.k0::text)::character varying AND t."day" = (c.k1::text)::date CROSS JOIN LATERAL (SELECT (array_agg(x.id))[1] AS id, count(*) AS found FROM (SELECT p."id" AS id FROM "public"."parents" AS p WHERE p."code" = (c.v2::text)::text AND p."dataareaid" = (t."dataareaid"::text)::character varying LIMIT 2) AS x) AS l1), u AS (UPDATE "sales"."the ""children""" AS t SET "parent" = r.l1::uuid FROM r WHERE t."number" = (r.k0::text)::character varying AND t."day" = (r.k1::text)::date AND (r.ver = '' OR t.xmin::text = r.ver) AND r.f1 = 1 RETURNING r.n, replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id) SELECT r.n, 'false', concat_ws(' ', r.f1), u.id FROM r LEFT JOIN u ON u.n = r.n;

-- update of plain fields
WITH c(n, k0, k1, ver, v3, v5) AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])), r AS MATERIALIZED (SELECT c.* FROM c), u AS (UPDATE "sales"."the ""children""" AS t SET "amount" = (r.v3::text)::numeric, "day" = (r.v5::text)::date FROM r WHERE t."number" = (r.k0::text)::character varying AND t."day" = (r.k1::text)::date AND (r.ver = '' OR t.xmin::text = r.ver) RETURNING r.n, replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id) SELECT r.n, 'false', '', u.id FROM r LEFT JOIN u ON u.n = r.n;

-- delete
WITH c(n, k0, k1, ver) AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])), d AS (DELETE FROM "sales"."the ""children""" AS t USING c WHERE t."number" = (c.k0::text)::character varying AND t."day" = (c.k1::text)::date AND (c.ver = '' OR t.xmin::text = c.ver) RETURNING c.n, replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id) SELECT c.n, 'false', '', d.id FROM c LEFT JOIN d ON d.n = c.n;

-- capture
DROP FUNCTION IF EXISTS dualwrite.note_4711() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.truncated_4711() CASCADE;
DROP TABLE IF EXISTS dualwrite.log_4711, dualwrite.image_4711;
CREATE TABLE dualwrite.log_4711 (seq bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME dualwrite.seq_4711) PRIMARY KEY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), op "char" NOT NULL, id text, old_id text, origin text, at timestamptz NOT NULL DEFAULT clock_timestamp(), n int NOT NULL DEFAULT 1, ids text[]);
CREATE INDEX ON dualwrite.log_4711 (tx, seq);
CREATE FUNCTION dualwrite.note_4711() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS E'
DECLARE
	mark text;
	op "char";
BEGIN
	IF pg_trigger_depth() = 1 THEN
		mark := current_setting(''dualwrite.mark'', true);
		mark := CASE WHEN starts_with(mark, ''4711:'') THEN substr(mark, length(''4711:'') + 1) END;
	END IF;
	IF TG_LEVEL = ''STATEMENT'' THEN
		IF TG_OP = ''UPDATE'' AND current_setting(''dualwrite.renamed'', true) = ''4711'' THEN
			PERFORM set_config(''dualwrite.renamed'', '''', true);
			INSERT INTO dualwrite.log_4711 (op, id, origin) SELECT ''u'', replace(replace(r."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(r."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''), mark FROM dualwrite_rows AS r
				WHERE NOT EXISTS (SELECT 1 FROM dualwrite.log_4711 AS l WHERE l.tx = pg_current_xact_id() AND l.old_id IS NOT NULL AND l.id = replace(replace(r."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(r."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''));
			RETURN NULL;
		END IF;
		op := CASE TG_OP WHEN ''INSERT'' THEN ''c'' WHEN ''UPDATE'' THEN ''u'' ELSE ''d'' END;
		IF mark IS NULL THEN
			INSERT INTO dualwrite.log_4711 (op, id, origin) SELECT op, replace(replace(r."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(r."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''), mark FROM dualwrite_rows AS r;
		ELSE
			INSERT INTO dualwrite.log_4711 (op, ids, n, origin) SELECT op, array_agg(replace(replace(r."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(r."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')), count(*), mark FROM dualwrite_rows AS r HAVING count(*) > 0;
		END IF;
		IF NOT FOUND THEN
			RETURN NULL;
		END IF;
	ELSE
		PERFORM set_config(''dualwrite.renamed'', ''4711'', true);
		INSERT INTO dualwrite.log_4711 (op, id, old_id, origin) VALUES (''u'', replace(replace(NEW."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(NEW."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''), replace(replace(OLD."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(OLD."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''), mark);
	END IF;
	IF NOT pg_try_advisory_xact_lock_shared(25719, 4711) THEN
		PERFORM pg_notify(''dualwrite'', ''4711'');
	END IF;
	RETURN NULL;
END';
CREATE FUNCTION dualwrite.truncated_4711() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS '
BEGIN
	INSERT INTO dualwrite.log_4711 (op) VALUES (''t'');
	PERFORM pg_notify(''dualwrite'', ''4711'');
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.note_4711(), dualwrite.truncated_4711() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_insert" AFTER INSERT ON "sales"."the ""children""" REFERENCING NEW TABLE AS dualwrite_rows FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.note_4711();
CREATE TRIGGER "!dualwrite_update" AFTER UPDATE ON "sales"."the ""children""" REFERENCING NEW TABLE AS dualwrite_rows FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.note_4711();
CREATE TRIGGER "!dualwrite_delete" AFTER DELETE ON "sales"."the ""children""" REFERENCING OLD TABLE AS dualwrite_rows FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.note_4711();
CREATE TRIGGER "!dualwrite_rename" AFTER UPDATE ON "sales"."the ""children""" FOR EACH ROW WHEN (replace(replace(OLD."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(OLD."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') <> replace(replace(NEW."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(NEW."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|')) EXECUTE FUNCTION dualwrite.note_4711();
CREATE TRIGGER "!dualwrite_truncate" AFTER TRUNCATE ON "sales"."the ""children""" FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.truncated_4711();

-- capture of a partitioned table
DROP FUNCTION IF EXISTS dualwrite.note_4713() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.truncated_4713() CASCADE;
DROP TABLE IF EXISTS dualwrite.log_4713, dualwrite.image_4713;
CREATE TABLE dualwrite.log_4713 (seq bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME dualwrite.seq_4713) PRIMARY KEY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), op "char" NOT NULL, id text, old_id text, origin text, at timestamptz NOT NULL DEFAULT clock_timestamp(), n int NOT NULL DEFAULT 1, ids text[]);
CREATE INDEX ON dualwrite.log_4713 (tx, seq);
CREATE FUNCTION dualwrite.note_4713() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS E'
DECLARE
	mark text;
	op "char";
BEGIN
	IF pg_trigger_depth() = 1 THEN
		mark := current_setting(''dualwrite.mark'', true);
		mark := CASE WHEN starts_with(mark, ''4713:'') THEN substr(mark, length(''4713:'') + 1) END;
	END IF;
	IF TG_OP = ''INSERT'' THEN
		INSERT INTO dualwrite.log_4713 (op, id, origin) VALUES (''c'', replace(replace(NEW."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(NEW."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''), mark);
	ELSIF TG_OP = ''UPDATE'' THEN
		INSERT INTO dualwrite.log_4713 (op, id, old_id, origin) VALUES (''u'', replace(replace(NEW."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(NEW."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''), nullif(replace(replace(OLD."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(OLD."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''), replace(replace(NEW."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(NEW."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'')), mark);
	ELSE
		INSERT INTO dualwrite.log_4713 (op, id, origin) VALUES (''d'', replace(replace(OLD."number"::text, E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|'') || ''|'' || replace(replace((to_json(OLD."day") #>> ''{}''), E''\\\\'', E''\\\\\\\\''), ''|'', E''\\\\|''), mark);
	END IF;
	IF NOT pg_try_advisory_xact_lock_shared(25719, 4713) THEN
		PERFORM pg_notify(''dualwrite'', ''4713'');
	END IF;
	RETURN NULL;
END';
CREATE FUNCTION dualwrite.truncated_4713() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS '
BEGIN
	INSERT INTO dualwrite.log_4713 (op) VALUES (''t'');
	PERFORM pg_notify(''dualwrite'', ''4713'');
	RETURN NULL;
END';
REVOKE ALL ON FUNCTION dualwrite.note_4713(), dualwrite.truncated_4713() FROM PUBLIC;
CREATE TRIGGER "!dualwrite_row" AFTER INSERT OR UPDATE OR DELETE ON "sales"."the ""children""" FOR EACH ROW EXECUTE FUNCTION dualwrite.note_4713();
CREATE TRIGGER "!dualwrite_truncate" AFTER TRUNCATE ON "sales"."the ""children""" FOR EACH STATEMENT EXECUTE FUNCTION dualwrite.truncated_4713();

-- capture of a view
DROP FUNCTION IF EXISTS dualwrite.note_4712() CASCADE;
DROP FUNCTION IF EXISTS dualwrite.truncated_4712() CASCADE;
DROP TABLE IF EXISTS dualwrite.log_4712, dualwrite.image_4712;
CREATE TABLE dualwrite.log_4712 (seq bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME dualwrite.seq_4712) PRIMARY KEY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), op "char" NOT NULL, id text, old_id text, origin text, at timestamptz NOT NULL DEFAULT clock_timestamp(), n int NOT NULL DEFAULT 1, ids text[]);
CREATE INDEX ON dualwrite.log_4712 (tx, seq);
CREATE TABLE dualwrite.image_4712 (id text PRIMARY KEY, version text NOT NULL);
INSERT INTO dualwrite.image_4712 SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id, md5(ROW(t.*)::text) AS version FROM "sales"."the ""children""" AS t;

-- comparison of a view
WITH now AS MATERIALIZED (SELECT replace(replace(t."number"::text, E'\\', E'\\\\'), '|', E'\\|') || '|' || replace(replace((to_json(t."day") #>> '{}'), E'\\', E'\\\\'), '|', E'\\|') AS id, md5(ROW(t.*)::text) AS version FROM "sales"."the ""children""" AS t), gone AS (DELETE FROM dualwrite.image_4712 AS i WHERE NOT EXISTS (SELECT 1 FROM now WHERE now.id = i.id) RETURNING i.id), here AS (INSERT INTO dualwrite.image_4712 AS i SELECT now.id, now.version FROM now ON CONFLICT (id) DO UPDATE SET version = excluded.version WHERE i.version <> excluded.version RETURNING i.id, i.xmax = 0 AS created) INSERT INTO dualwrite.log_4712 (op, id) SELECT 'd', gone.id FROM gone UNION ALL SELECT CASE WHEN here.created THEN 'c' ELSE 'u' END::"char", here.id FROM here;

