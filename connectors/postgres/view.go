package postgres

import (
	"context"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors/sqlcore"

	"github.com/jackc/pgx/v5/pgconn"
)

// A view that the server itself can write through shows the rows of one table.
// It is offered when it shows the table's key under its own name. No trigger
// sees its changes, so its feed compares: beside the log there is an image of
// what the view held, and whoever asks for changes first notes in the log what
// is different by then. A condition on a view is a hash over its row, so a value
// that is changed and changed back in between goes unnoticed.

// compareEvery is how often who waits for changes of a view compares.
const compareEvery = 10 * time.Second

// viewKeysQuery lists the unique keys of the one table that a view reads and
// that can be written through it.
const viewKeysQuery = `WITH base AS (
		SELECT v.oid, min(d.refobjid) AS relation FROM pg_catalog.pg_class v
		JOIN pg_catalog.pg_rewrite w ON w.ev_class = v.oid
		JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> v.oid
		WHERE v.relkind = 'v' AND pg_relation_is_updatable(v.oid, false) & 28 = 28
		GROUP BY v.oid HAVING count(DISTINCT d.refobjid) = 1)
	SELECT b.oid::text, x.relname::text, i.indisprimary::text,
		(SELECT string_agg(a.attname, E'\n' ORDER BY u.o) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(k, o)
			JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.k WHERE u.o <= i.indnkeyatts)
	FROM base b JOIN pg_catalog.pg_index i ON i.indrelid = b.relation JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
	WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
	ORDER BY b.oid, i.indisprimary DESC, x.relname`

func (r *catalogReader) viewKey(v row) error {
	rel := r.byOID[v.text(0)]
	if rel == nil {
		return nil
	}
	var columns []int
	for _, name := range lines(v.text(3)) {
		c, shown := rel.table.Column(name)
		if !shown {
			return nil
		}
		columns = append(columns, c.Pos)
	}
	if v.text(2) == "true" {
		rel.table.Key = columns
	}
	rel.table.Uniques = append(rel.table.Uniques, sqlcore.Unique{Name: v.text(1), Columns: columns})
	return nil
}

func imageOf(oid string) string { return "dualwrite.image_" + oid }

// installCompare is the part of the capture that stands in for triggers.
func (c capture) installCompare() []string {
	return []string{
		"CREATE TABLE " + imageOf(c.oid) + " (id text PRIMARY KEY, version text NOT NULL)",
		"INSERT INTO " + imageOf(c.oid) + " " + c.image(),
	}
}

func (c capture) image() string {
	return "SELECT " + c.table.IDSQL(dialect{}, "t.") + " AS id, " + version(c.table, "t") + " AS version FROM " + dialect{}.From(c.table) + " AS t"
}

// compare notes in the log what has become different since the last time.
func (c capture) compare() string {
	return "WITH now AS MATERIALIZED (" + c.image() + ")," +
		" gone AS (DELETE FROM " + imageOf(c.oid) + " AS i WHERE NOT EXISTS (SELECT 1 FROM now WHERE now.id = i.id) RETURNING i.id)," +
		" here AS (INSERT INTO " + imageOf(c.oid) + " AS i SELECT now.id, now.version FROM now ON CONFLICT (id) DO UPDATE SET version = excluded.version" +
		" WHERE i.version <> excluded.version RETURNING i.id, i.xmax = 0 AS created)" +
		" INSERT INTO " + logOf(c.oid) + " (op, id) SELECT 'd', gone.id FROM gone UNION ALL SELECT CASE WHEN here.created THEN 'c' ELSE 'u' END::\"char\", here.id FROM here"
}

// refresh compares a view before its log is read at the present end.
func (f *feed) refresh(ctx context.Context, conn *pgconn.PgConn, at cursor) error {
	cat, err := f.c.catalogAt(ctx, conn, false)
	if err != nil {
		return err
	}
	rel := cat.relations[f.entity]
	if rel == nil || !rel.table.View || at.to != nil || at.oid != rel.oid {
		return nil
	}
	err = f.inTransaction(ctx, conn, func() error { return script(ctx, conn, rel.capture().compare()) })
	if slices.Contains([]string{undefinedTable, undefinedSchema}, code(err)) {
		return expired("capture was stopped")
	}
	return err
}

// isView reports whether the entity's feed compares.
func (f *feed) isView() bool {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	return f.c.cat != nil && f.c.cat.relations[f.entity] != nil && f.c.cat.relations[f.entity].table.View
}

// rightsNeeded are the rights on a table or a view.
func rightsNeeded(t *sqlcore.Table) string {
	needed := []string{"SELECT", "INSERT", "UPDATE", "DELETE"}
	if !t.View {
		needed = append(needed, "TRIGGER")
	}
	return strings.Join(needed, " ")
}
