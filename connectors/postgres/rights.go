package postgres

import (
	"context"
	"fmt"
	"strings"

	"dualwrite/connectors"

	"github.com/jackc/pgx/v5/pgconn"
)

const schemaRights = `SELECT quote_ident(current_user), quote_ident(current_database()), (n.oid IS NOT NULL)::text,
		CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
			ELSE has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE') END::text
	FROM (SELECT 1) x LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = '` + captureSchema + `'`

// lack is what an account may not do, in words, and the statements by which an
// administrator of the database lets it.
type lack struct {
	missing []string
	script  []string
}

func (l *lack) add(missing, statement string) {
	l.missing, l.script = append(l.missing, missing), append(l.script, statement+";")
}

// rights adds what capture lacks to a Health.
func (c *connector) rights(ctx context.Context, conn *pgconn.PgConn, h *connectors.Health) error {
	l, err := schemaLack(ctx, conn)
	h.Missing, h.Script = append(h.Missing, l.missing...), strings.Join(l.script, "\n")
	return err
}

func schemaLack(ctx context.Context, conn *pgconn.PgConn) (l lack, err error) {
	err = query(ctx, conn, schemaRights, nil, func(r row) error {
		user, database, there, may := r.text(0), r.text(1), r.text(2) == "true", r.text(3) == "true"
		switch {
		case may:
		case there:
			l.add("the rights USAGE and CREATE on the schema "+captureSchema, "GRANT USAGE, CREATE ON SCHEMA "+captureSchema+" TO "+user)
		default:
			l.add("the right to create the schema "+captureSchema+" in the database "+database, "CREATE SCHEMA "+captureSchema+" AUTHORIZATION "+user)
		}
		return nil
	})
	return l, err
}

const tableRights = `SELECT quote_ident(current_user), r.name,
		CASE WHEN r.name IN ('TRIGGER', 'DELETE') THEN has_table_privilege($1::text::oid, r.name) ELSE has_any_column_privilege($1::text::oid, r.name) END::text
	FROM unnest(string_to_array($2::text, ' ')) AS r(name)`

// sequenceRights lists the sequences that give a table's columns their default
// and that we may not use. Those of identity columns need no right.
const sequenceRights = `SELECT quote_ident(current_user), s.oid::regclass::text, quote_ident(n.nspname) || '.' || quote_ident(s.relname)
	FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
	WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjid = $1::text::oid AND d.deptype = 'a' AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') END`

// captureRights fails as Denied, before anything is touched, when our account
// lacks a right that capture or writing will need. The message ends with the
// script that an administrator of the database is to run.
func (c *connector) captureRights(ctx context.Context, conn *pgconn.PgConn, rel *relation) error {
	l, err := schemaLack(ctx, conn)
	if err != nil {
		return err
	}
	table, user := dialect{}.From(rel.table), ""
	var names []string
	var p pipeline
	p.add(tableRights, []any{rel.oid, rightsNeeded(rel.table)}, func(r row) error {
		if user = r.text(0); r.text(2) != "true" {
			names = append(names, r.text(1))
		}
		return nil
	})
	p.add(sequenceRights, []any{rel.oid}, func(r row) error {
		l.add("the right USAGE on the sequence "+r.text(1), "GRANT USAGE ON SEQUENCE "+r.text(2)+" TO "+r.text(0))
		return nil
	})
	if err := p.run(ctx, conn); err != nil {
		return err
	}
	if len(names) > 0 {
		list := strings.Join(names, ", ")
		l.add("the rights "+list+" on "+rel.table.Name, "GRANT "+list+" ON TABLE "+table+" TO "+user)
	}
	if len(l.missing) == 0 {
		return nil
	}
	return &connectors.Error{Kind: connectors.Denied, Message: fmt.Sprintf("%s lacks %s. An administrator of the database can run:\n%s",
		c.account, strings.Join(l.missing, "; "), strings.Join(l.script, "\n"))}
}
