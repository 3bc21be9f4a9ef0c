package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dualwrite/connectors"
)

// Health says which rights are missing for some tables or for all.
func (c *connector) Health(ctx context.Context) (h connectors.Health, err error) {
	err = c.do(ctx, "health", "", func(ctx context.Context, l *link) error {
		begin := time.Now()
		row, err := l.row(ctx, "SELECT CURRENT_USER(), VERSION(), UTC_TIMESTAMP(6)")
		if err != nil {
			return err
		}
		h.Latency = time.Since(begin)
		h.Account, h.Product = str(row[0]), product(str(row[1]))
		if now, err := time.Parse(timeLayout, str(row[2])); err == nil {
			h.Skew = now.Sub(begin.Add(h.Latency / 2))
		}
		r, err := readRights(ctx, l)
		if err != nil {
			return err
		}
		trusted, err := r.trusted(ctx, l)
		if err != nil {
			return err
		}
		h.Missing, h.Script = c.lacking(r, trusted, h.Account)
		cluster, err := l.row(ctx, "SHOW VARIABLES LIKE 'wsrep_on'")
		if cluster != nil && str(cluster[1]) == "ON" {
			h.Missing = append(h.Missing, "a server of its own: of a cluster's other nodes, changes may go by unseen")
		}
		return err
	})
	if err != nil {
		return connectors.Health{}, err
	}
	return h, nil
}

// lacking names the rights that are missing, and the script that grants them.
func (c *connector) lacking(r *rights, trusted bool, account string) (missing []string, script string) {
	var statements []string
	for _, right := range []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRIGGER"} {
		if tables := r.without(right, c.known().needing(right)); len(tables) > 0 {
			missing = append(missing, "the right "+right+" on "+strings.Join(tables, ", "))
		}
	}
	for _, right := range []string{"CREATE", "DROP", "INDEX"} {
		if len(r.without(right, []string{captureName})) > 0 {
			missing = append(missing, "the right "+right+" for tables of changes")
		}
	}
	if len(missing) > 0 {
		statements = append(statements, fmt.Sprintf("GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER, CREATE, DROP, INDEX ON %s.* TO %s;",
			quote(literally(c.database)), accountName(account)))
	}
	if !r.everywhere("PROCESS") {
		missing = append(missing, "the right PROCESS, without which a rolled back change is told from a slow one only after "+grace.String())
		statements = append(statements, fmt.Sprintf("GRANT PROCESS ON *.* TO %s;", accountName(account)))
	}
	if !trusted {
		missing, statements = append(missing, needsTrust), append(statements, trustTriggers)
	}
	return missing, strings.Join(statements, "\n")
}

// needing lists the tables and views on which a right is needed.
func (c *catalog) needing(right string) (names []string) {
	for _, name := range c.Names {
		if slices.Contains(c.appRights(name), right) {
			names = append(names, name)
		}
	}
	return names
}

// literally takes the special meaning from the characters of a database's name
// that have one in a grant on all its tables.
func literally(name string) string {
	return strings.NewReplacer("\\", "\\\\", "_", "\\_", "%", "\\%").Replace(name)
}

// without lists the tables on which a right is not granted.
func (r *rights) without(right string, tables []string) (lacking []string) {
	for _, name := range tables {
		if !r.has(right, name) {
			lacking = append(lacking, name)
		}
	}
	return lacking
}
