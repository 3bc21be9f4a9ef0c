package postgres

import (
	"context"
	"slices"

	"dualwrite/connectors"
	"dualwrite/connectors/sqlcore"

	"github.com/jackc/pgx/v5/pgconn"
)

// catalog is the schema of the app's database as our account sees it.
type catalog struct {
	sqlcore.Catalog
	relations map[string]*relation // by the name of the table
}

// relation is what PostgreSQL alone knows of a table.
type relation struct {
	oid         string
	table       *sqlcore.Table
	kind        string           // pg_class.relkind
	rowSecurity bool             // a policy may refuse single records
	inherited   bool             // other tables inherit from it
	child       bool             // it inherits from another table
	rewritten   bool             // a trigger of the app's may change a row before it is updated
	makeID      bool             // the app gives new records no native id
	constraints map[string][]int // columns of constraints and unique indexes, by name
	form        string           // of the columns: it changes with their types, limits and defaults
}

// catalogAt gives the catalog, reading it where none is known or fresh is asked
// for.
func (c *connector) catalogAt(ctx context.Context, conn *pgconn.PgConn, fresh bool) (*catalog, error) {
	c.mu.Lock()
	cat := c.cat
	c.mu.Unlock()
	if cat != nil && !fresh {
		return cat, nil
	}
	cat, err := readCatalog(ctx, conn, c.schemas)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.cat = cat
	c.mu.Unlock()
	return cat, nil
}

func readCatalog(ctx context.Context, conn *pgconn.PgConn, schemas []string) (*catalog, error) {
	r := &catalogReader{catalog: &catalog{relations: map[string]*relation{}}, byOID: map[string]*relation{}}
	filter := texts{}
	for i := range schemas {
		filter = append(filter, &schemas[i])
	}
	var p pipeline
	p.add("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", nil, nil)
	p.add(columnsQuery, []any{filter}, r.column)
	p.add(indexesQuery, nil, r.index)
	p.add(viewKeysQuery, nil, r.viewKey)
	p.add(constraintsQuery, nil, r.constraint)
	p.add(formQuery+" GROUP BY attrelid", nil, func(v row) error {
		if rel := r.byOID[v.text(0)]; rel != nil {
			rel.form = v.text(1)
		}
		return nil
	})
	p.add("COMMIT", nil, nil)
	if err := p.run(ctx, conn); err != nil {
		return nil, err
	}
	r.finish()
	return r.catalog, nil
}

const (
	formQuery  = "SELECT attrelid::text, " + columnForm
	formOf     = "SELECT " + columnForm
	columnForm = `md5(string_agg(concat_ws(' ', attname, atttypid, atttypmod, attnotnull, atthasdef, attgenerated, attidentity), ',' ORDER BY attnum))
	FROM pg_catalog.pg_attribute WHERE attnum > 0`
)

// reformed reports whether the columns are not those any more that the catalog
// was read with.
func (r *relation) reformed(ctx context.Context, conn *pgconn.PgConn) (yes bool, err error) {
	err = query(ctx, conn, formQuery+" AND attrelid = $1::text::oid GROUP BY attrelid", []any{r.oid}, func(v row) error {
		yes = v.text(1) != r.form
		return nil
	})
	return yes, err
}

// catalogReader takes the rows of the catalog's queries.
type catalogReader struct {
	*catalog
	byOID   map[string]*relation
	numbers map[string]map[string]int // position of a column by relation and attribute number
	parents []parent
}

type parent struct {
	from, to             *relation
	column, parentColumn string // attribute numbers
}

// columnsQuery lists the columns of every table and view that we may read.
// Domains count as their base type, of any depth.
const columnsQuery = `WITH RECURSIVE domain(oid, base, modifier, required) AS (
		SELECT oid, typbasetype, typtypmod, typnotnull FROM pg_catalog.pg_type WHERE typtype = 'd'
		UNION ALL
		SELECT d.oid, t.typbasetype, CASE WHEN d.modifier >= 0 THEN d.modifier ELSE t.typtypmod END, d.required OR t.typnotnull
		FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.base WHERE t.typtype = 'd')
	SELECT c.oid::text, n.nspname::text, c.relname::text, c.relkind::text, (n.nspname = current_schema())::text, c.relrowsecurity::text,
		a.attnum::text, a.attname::text, b.typname::text, (bn.nspname = 'pg_catalog')::text, (b.typtype = 'e')::text,
		coalesce(d.modifier, a.atttypmod)::text,
		CASE WHEN tn.nspname = 'pg_catalog' THEN format_type(t.oid, -1) ELSE quote_ident(tn.nspname) || '.' || quote_ident(t.typname) END,
		(a.attnotnull OR coalesce(d.required, false))::text,
		(a.atthasdef AND a.attgenerated = '' AND pg_get_expr(f.adbin, f.adrelid) !~* '^null(::|$)' OR t.typtype = 'd' AND t.typdefault IS NOT NULL)::text,
		(a.attgenerated <> '' OR a.attidentity = 'a')::text, (a.attidentity <> '')::text,
		CASE WHEN l.oid <> b.typcollation THEN quote_ident(ln.nspname) || '.' || quote_ident(l.collname) END,
		coalesce(NOT l.collisdeterministic, false)::text,
		(SELECT string_agg(e.enumlabel, E'\n' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = b.oid),
		(c.relkind = 'r' AND c.relhassubclass)::text, EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)::text,
		EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND ` + rewrites + `)::text
	FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
	JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
	LEFT JOIN (SELECT d.* FROM domain d JOIN pg_catalog.pg_type x ON x.oid = d.base WHERE x.typtype <> 'd') d ON d.oid = t.oid
	JOIN pg_catalog.pg_type b ON b.oid = coalesce(d.base, t.oid)
	JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace
	LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
	LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
	LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
	WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
		AND n.nspname <> 'information_schema' AND n.nspname <> 'dualwrite' AND n.nspname !~ '^pg_'
		AND (cardinality($1::text[]) = 0 OR n.nspname = ANY ($1::text[]))
		AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
	ORDER BY n.nspname = current_schema() DESC, n.nspname, c.relname, a.attnum`

func (r *catalogReader) column(v row) error {
	rel := r.byOID[v.text(0)]
	if rel == nil {
		name := v.text(2)
		if v.text(4) != "true" {
			name = v.text(1) + "." + name
		}
		t := &sqlcore.Table{Name: name, Schema: v.text(1), Base: v.text(2), View: v.text(3) != "r" && v.text(3) != "p"}
		rel = &relation{oid: v.text(0), table: t, kind: v.text(3), rowSecurity: v.text(5) == "true", inherited: v.text(20) == "true", child: v.text(21) == "true", rewritten: v.text(22) == "true", constraints: map[string][]int{}}
		r.byOID[rel.oid], r.relations[name] = rel, rel
		r.Add(t)
	}
	t := rel.table
	col := sqlcore.Column{Name: v.text(7), Pos: len(t.Columns), Typed: v.text(12), Required: v.text(13) == "true",
		HasDefault: v.text(14) == "true" || v.text(16) == "true", Assigned: v.text(15) == "true", Collation: v.text(17)}
	declare(&col, attribute{base: v.text(8), catalog: v.text(9) == "true", enum: v.text(10) == "true", modifier: number(v.text(11))})
	if col.Type == connectors.Text && v.text(18) == "true" {
		col.Fold.Case = true // which of them, the server does not tell
	}
	if v[19] != nil {
		col.Members = lines(v.text(19))
	}
	if r.numbers == nil {
		r.numbers = map[string]map[string]int{}
	}
	if r.numbers[rel.oid] == nil {
		r.numbers[rel.oid] = map[string]int{}
	}
	r.numbers[rel.oid][v.text(6)] = col.Pos
	t.Columns = append(t.Columns, col)
	return nil
}

// indexesQuery lists the unique indexes that hold of every record, the primary
// key first, then those of few columns.
const indexesQuery = `SELECT i.indrelid::text, x.relname::text, i.indisprimary::text,
		(SELECT string_agg(k::text, ' ' ORDER BY o) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(k, o) WHERE o <= i.indnkeyatts)
	FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
	WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
	ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, x.relname`

func (r *catalogReader) index(v row) error {
	rel := r.byOID[v.text(0)]
	if rel == nil {
		return nil
	}
	columns := r.positions(rel.oid, v.text(3))
	rel.constraints[v.text(1)] = columns
	t := rel.table
	if len(t.Key) == 0 && (v.text(2) == "true" || r.allRequired(t, columns)) {
		t.Key = columns
	}
	t.Uniques = append(t.Uniques, sqlcore.Unique{Name: v.text(1), Columns: columns})
	return nil
}

func (r *catalogReader) allRequired(t *sqlcore.Table, columns []int) bool {
	return !slices.ContainsFunc(columns, func(pos int) bool { return !t.Columns[pos].Required })
}

func (r *catalogReader) positions(oid, numbers string) (positions []int) {
	for _, n := range words(numbers) {
		positions = append(positions, r.numbers[oid][n])
	}
	return positions
}

// constraintsQuery lists all other constraints, and what foreign keys refer to.
const constraintsQuery = `SELECT conrelid::text, conname::text, contype::text, confrelid::text, array_to_string(conkey, ' '), array_to_string(confkey, ' ')
	FROM pg_catalog.pg_constraint WHERE contype IN ('f', 'c') AND conrelid <> 0 AND conparentid = 0 ORDER BY conrelid, conname`

func (r *catalogReader) constraint(v row) error {
	rel := r.byOID[v.text(0)]
	if rel == nil {
		return nil
	}
	columns := words(v.text(4))
	rel.constraints[v.text(1)] = r.positions(rel.oid, v.text(4))
	to := r.byOID[v.text(3)]
	if v.text(2) == "f" && to != nil && len(columns) == 1 {
		r.parents = append(r.parents, parent{rel, to, columns[0], words(v.text(5))[0]})
	}
	return nil
}

// finish links what could only be linked once everything was read, and leaves
// out tables without a key that could be a native id.
func (r *catalogReader) finish() {
	r.Names = slices.DeleteFunc(r.Names, func(name string) bool {
		keyless := len(r.Tables[name].Key) == 0
		if keyless {
			delete(r.Tables, name)
		}
		return keyless
	})
	for _, p := range r.parents {
		if _, there := r.Tables[p.to.table.Name]; !there {
			continue
		}
		col := &p.from.table.Columns[r.numbers[p.from.oid][p.column]]
		end := &p.to.table.Columns[r.numbers[p.to.oid][p.parentColumn]]
		if col.Parent == nil || !col.Parent.Lookup {
			col.Parent = &sqlcore.Reference{Table: p.to.table.Name, Column: end.Name, Lookup: end == p.to.table.SingleKey()}
		}
	}
	for _, t := range r.Tables {
		t.Uniques = slices.DeleteFunc(t.Uniques, func(u sqlcore.Unique) bool { return t.Surrogate(u.Columns) })
		if key := t.SingleKey(); key != nil && key.Type == connectors.GUID {
			r.relations[t.Name].makeID = !key.HasDefault && !key.Assigned
			key.HasDefault = true
		}
		t.Blind = blind(r.relations[t.Name])
	}
}
