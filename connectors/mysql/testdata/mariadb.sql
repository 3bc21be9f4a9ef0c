-- count
SELECT count(*) FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE 1 = 1 AND (CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`dataareaid` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY) IN (?, ?)) AND (((coalesce(CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(j1.`code` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY), '') = ?) IS NOT TRUE AND ((NULLIF(CAST(t.`seen` AS DATE), CAST('0000-00-00' AS DATE)) >= CAST(? AS DATE)) IS TRUE) IS NOT TRUE));

-- first page
SELECT CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE 1 = 1 AND (CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`dataareaid` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY) IN (?, ?)) AND (((coalesce(CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(j1.`code` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY), '') = ?) IS NOT TRUE AND ((NULLIF(CAST(t.`seen` AS DATE), CAST('0000-00-00' AS DATE)) >= CAST(? AS DATE)) IS TRUE) IS NOT TRUE)) ORDER BY t.`number`, t.`day` LIMIT 100;

-- next page
SELECT CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE 1 = 1 AND (CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`dataareaid` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY) IN (?, ?)) AND (((coalesce(CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(j1.`code` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY), '') = ?) IS NOT TRUE AND ((NULLIF(CAST(t.`seen` AS DATE), CAST('0000-00-00' AS DATE)) >= CAST(? AS DATE)) IS TRUE) IS NOT TRUE)) AND t.`number` >= CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin AND (t.`number` > CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin OR (t.`day` > CAST(? AS DATE))) ORDER BY t.`number`, t.`day` LIMIT 100;

-- by native ids
WITH dualwrite_k(n, v0, v1) AS (VALUES (?, ?, ?), (?, ?, ?)) SELECT STRAIGHT_JOIN k.n, CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM dualwrite_k AS k JOIN `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE t.`number` = CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND t.`day` = CAST(k.v1 AS DATE);

-- by one native id
WITH dualwrite_k(n, v0, v1) AS (SELECT ?, ?, ?) SELECT STRAIGHT_JOIN k.n, CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM dualwrite_k AS k JOIN `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE t.`number` = CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND t.`day` = CAST(k.v1 AS DATE);

-- by native ids of one column
WITH dualwrite_k(n, v0) AS (VALUES (?, ?), (?, ?)) SELECT STRAIGHT_JOIN k.n, CAST(t.`id` AS CHAR), 0, t.`id`, t.`dataareaid`, t.`code`, t.`region` FROM dualwrite_k AS k JOIN `parents` AS t WHERE t.`id` = CAST(k.v0 AS SIGNED);

-- by keys with nulls
WITH dualwrite_k(n, v0, v1) AS (VALUES (?, ?, ?), (?, ?, ?)) SELECT STRAIGHT_JOIN k.n, CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM dualwrite_k AS k JOIN `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE t.`dataareaid` <=> CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND t.`number` <=> CONVERT(k.v1 USING utf8mb4) COLLATE utf8mb4_bin;

-- by keys, as they are
WITH dualwrite_k(n, v0, v1) AS (VALUES (?, ?, ?), (?, ?, ?)) SELECT STRAIGHT_JOIN k.n, CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM dualwrite_k AS k JOIN `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE t.`dataareaid` = CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND t.`number` = CONVERT(k.v1 USING utf8mb4) COLLATE utf8mb4_bin;

-- by keys, letter case aside
SELECT CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE CONCAT_WS('|', coalesce(HEX(CAST(LOWER(CONVERT(CAST(CONVERT(t.`dataareaid` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY)), '-'), coalesce(HEX(CAST(LOWER(CONVERT(CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY)), '-')) IN (?, ?);

-- by keys, trailing spaces aside
SELECT CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE CONCAT_WS('|', coalesce(HEX(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`dataareaid` USING utf8mb4) AS BINARY))), '-'), coalesce(HEX(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY))), '-')) IN (?, ?);

-- by keys, letter case and trailing spaces aside
SELECT CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j1.`code` FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE CONCAT_WS('|', coalesce(HEX(CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`dataareaid` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY)), '-'), coalesce(HEX(CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY)), '-')) IN (?, ?);

-- by keys two lookups away
WITH dualwrite_k(n, v0, v1) AS (VALUES (?, ?, ?), (?, ?, ?)) SELECT STRAIGHT_JOIN k.n, CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), CASE WHEN EXISTS (SELECT 1 FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id IS NOT NULL) THEN (SELECT max(l.seq) FROM `dualwrite_log_the ``children'``_aff1800f72b0b628` AS l WHERE l.id = CAST(CONCAT(replace(replace(CONVERT(t.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(t.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) END, t.`number`, t.`day`, t.`dataareaid`, t.`parent`, t.`amount`, t.`seen`, j2.`code`, j1.`code` FROM dualwrite_k AS k JOIN `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` LEFT JOIN `regions` AS j2 ON j2.`id` = j1.`region` WHERE t.`number` = CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND j2.`code` = CONVERT(k.v1 USING utf8mb4) COLLATE utf8mb4_bin;

-- count of number eq 'It''s '
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((coalesce(CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY), '') = ?) IS TRUE);

-- count of number ne 'It''s '
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((coalesce(CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY), '') = ?) IS NOT TRUE);

-- count of number gt 'It''s '
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((CAST(LOWER(CONVERT(CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY) > ?) IS TRUE);

-- count of number ge 'It''s '
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((CAST(LOWER(CONVERT(CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY) >= ?) IS TRUE);

-- count of number lt 'It''s '
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((CAST(LOWER(CONVERT(CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY) < ?) IS TRUE);

-- count of number le 'It''s '
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((CAST(LOWER(CONVERT(CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY) <= ?) IS TRUE);

-- count of startswith(number,'50%_!''')
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND (coalesce(CAST(LOWER(CONVERT(CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY), '') LIKE ? ESCAPE '!');

-- count of endswith(number,'50%_!''')
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND (coalesce(CAST(LOWER(CONVERT(CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY), '') LIKE ? ESCAPE '!');

-- count of contains(number,'50%_!''')
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND (coalesce(CAST(LOWER(CONVERT(CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY), '') LIKE ? ESCAPE '!');

-- count of amount gt 1.50
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((t.`amount` > CAST(? AS DECIMAL(65,30))) IS TRUE);

-- count of day gt 2024-02-29
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((NULLIF(CAST(t.`day` AS DATE), CAST('0000-00-00' AS DATE)) > CAST(? AS DATE)) IS TRUE);

-- count of day gt 2024-02-29T12:30:00Z
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((NULLIF(CAST(t.`day` AS DATE), CAST('0000-00-00' AS DATE)) > CAST(? AS DATE)) IS TRUE);

-- count of seen gt 2024-02-29
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((NULLIF(CAST(t.`seen` AS DATE), CAST('0000-00-00' AS DATE)) > CAST(? AS DATE)) IS TRUE);

-- count of seen gt 2024-02-29T12:30:00.25Z
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND ((NULLIF(CAST(t.`seen` AS DATETIME(6)), CAST('0000-00-00' AS DATETIME(6))) > CAST(? AS DATETIME(6))) IS TRUE);

-- count of parent.region.code gt 'EU'
SELECT count(*) FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` LEFT JOIN `regions` AS j2 ON j2.`id` = j1.`region` WHERE 1 = 1 AND ((CAST(LOWER(CONVERT(CAST(CONVERT(j2.`code` USING utf8mb4) AS BINARY) USING tis620)) AS BINARY) > ?) IS TRUE);

-- count of day eq null
SELECT count(*) FROM `the ``children'``` AS t WHERE 1 = 1 AND (t.`day` IS NULL);

-- count of parent.code ne null
SELECT count(*) FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE 1 = 1 AND (j1.`code` IS NOT NULL);

-- count of day eq null and not (parent.code ne null or number eq 'It''s ')
SELECT count(*) FROM `the ``children'``` AS t LEFT JOIN `parents` AS j1 ON j1.`id` = t.`parent` WHERE 1 = 1 AND ((t.`day` IS NULL AND ((j1.`code` IS NOT NULL OR (coalesce(CAST(LOWER(CONVERT(TRIM(TRAILING ' ' FROM CAST(CONVERT(t.`number` USING utf8mb4) AS BINARY)) USING tis620)) AS BINARY), '') = ?) IS TRUE)) IS NOT TRUE));

-- locks
WITH dualwrite_k(n, v0, v1) AS (VALUES (?, ?, ?), (?, ?, ?)) SELECT STRAIGHT_JOIN k.n FROM dualwrite_k AS k JOIN `the ``children'``` AS t FORCE INDEX (`PRIMARY`) WHERE t.`number` = CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND t.`day` = CAST(k.v1 AS DATE) FOR UPDATE;

-- parents, in a company
WITH dualwrite_k(n, v0, v1) AS (VALUES (?, ?, ?), (?, ?, ?)) SELECT STRAIGHT_JOIN k.n, p.`id` FROM dualwrite_k AS k JOIN `parents` AS p WHERE p.`code` <=> CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND p.`dataareaid` <=> CONVERT(k.v1 USING utf8mb4) COLLATE utf8mb4_bin;

-- parents by what is two lookups away
WITH dualwrite_k(n, v0, v1, v2) AS (VALUES (?, ?, ?, ?), (?, ?, ?, ?)) SELECT STRAIGHT_JOIN k.n, p.`id` FROM dualwrite_k AS k JOIN `parents` AS p WHERE p.`region` IN (SELECT pp.`id` FROM `regions` AS pp WHERE pp.`code` <=> CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin) AND p.`code` <=> CONVERT(k.v1 USING utf8mb4) COLLATE utf8mb4_bin;

-- inserts
INSERT INTO `the ``children'``` (`number`, `day`, `dataareaid`, `parent`, `amount`) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?) RETURNING CONCAT(replace(replace(CONVERT(`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'));

-- updates
UPDATE (WITH dualwrite_k(n, v0, v1, v2, v3, v4) AS (VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?)) SELECT * FROM dualwrite_k) AS k STRAIGHT_JOIN `the ``children'``` AS t FORCE INDEX (`PRIMARY`) ON t.`number` = CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND t.`day` = CAST(k.v1 AS DATE) SET t.`parent` = k.v2, t.`amount` = k.v3, t.`seen` = k.v4;

-- updates one
UPDATE `the ``children'``` AS t FORCE INDEX (`PRIMARY`) SET t.`parent` = ?, t.`amount` = ?, t.`seen` = ? WHERE t.`number` = CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin AND t.`day` = CAST(? AS DATE);

-- deletes
DELETE t FROM (WITH dualwrite_k(n, v0, v1) AS (VALUES (?, ?, ?), (?, ?, ?)) SELECT * FROM dualwrite_k) AS k STRAIGHT_JOIN `the ``children'``` AS t FORCE INDEX (`PRIMARY`) ON t.`number` = CONVERT(k.v0 USING utf8mb4) COLLATE utf8mb4_bin AND t.`day` = CAST(k.v1 AS DATE);

-- capture
CREATE TABLE IF NOT EXISTS dualwrite_capture (entity VARCHAR(64) NOT NULL PRIMARY KEY, shape CHAR(16) NOT NULL, pruned BIGINT NOT NULL, kept LONGTEXT NOT NULL, checked BIGINT NOT NULL DEFAULT 0) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS `dualwrite_log_the ``children'``_aff1800f72b0b628` (seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, op VARCHAR(6) NOT NULL, old_id VARBINARY(322), id VARBINARY(322), `key` VARCHAR(250), origin VARCHAR(250) NOT NULL DEFAULT '', at DATETIME(3), n INT NOT NULL DEFAULT 1, ids LONGTEXT, INDEX by_id (id, seq)) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TRIGGER `dualwrite_create_the ``children'``_aff1800f72b0b628` AFTER INSERT ON `the ``children'``` FOR EACH ROW IF @`dualwrite_many_the ``children'``_aff1800f72b0b628` IS NULL THEN INSERT INTO `dualwrite_log_the ``children'``_aff1800f72b0b628` (op, old_id, id, `key`, origin, at) VALUES ('create', NULL, CAST(CONCAT(replace(replace(CONVERT(NEW.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(NEW.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY), LEFT(CONCAT(replace(replace(CONVERT(NEW.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(NEW.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), 250), LEFT(COALESCE(@`dualwrite_mark_the ``children'``_aff1800f72b0b628`, ''), 250), UTC_TIMESTAMP(3)); END IF;
CREATE TRIGGER `dualwrite_update_the ``children'``_aff1800f72b0b628` AFTER UPDATE ON `the ``children'``` FOR EACH ROW INSERT INTO `dualwrite_log_the ``children'``_aff1800f72b0b628` (op, old_id, id, `key`, origin, at) VALUES ('update', CASE WHEN NOT (CAST(CONCAT(replace(replace(CONVERT(OLD.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(OLD.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY) <=> CAST(CONCAT(replace(replace(CONVERT(NEW.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(NEW.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY)) THEN CAST(CONCAT(replace(replace(CONVERT(OLD.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(OLD.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY) END, CAST(CONCAT(replace(replace(CONVERT(NEW.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(NEW.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY), LEFT(CONCAT(replace(replace(CONVERT(NEW.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(NEW.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), 250), LEFT(COALESCE(@`dualwrite_mark_the ``children'``_aff1800f72b0b628`, ''), 250), UTC_TIMESTAMP(3));
CREATE TRIGGER `dualwrite_delete_the ``children'``_aff1800f72b0b628` AFTER DELETE ON `the ``children'``` FOR EACH ROW INSERT INTO `dualwrite_log_the ``children'``_aff1800f72b0b628` (op, old_id, id, `key`, origin, at) VALUES ('delete', NULL, CAST(CONCAT(replace(replace(CONVERT(OLD.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(OLD.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')) AS BINARY), LEFT(CONCAT(replace(replace(CONVERT(OLD.`number` USING utf8mb4), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c'), '|', replace(replace(CAST(OLD.`day` AS CHAR), _utf8mb4 x'5c', _utf8mb4 x'5c5c'), '|', _utf8mb4 x'5c7c')), 250), LEFT(COALESCE(@`dualwrite_mark_the ``children'``_aff1800f72b0b628`, ''), 250), UTC_TIMESTAMP(3));

-- image of a view
CREATE TABLE IF NOT EXISTS `dualwrite_image_the ``children'``_aff1800f72b0b628` (id VARBINARY(322) NOT NULL, version VARCHAR(64) NOT NULL, INDEX by_id (id)) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

