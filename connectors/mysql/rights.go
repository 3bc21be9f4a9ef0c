package mysql

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dualwrite/connectors"
)

// rights are what our account may do, by the object: "*.*", "db.*" or
// "db.table", each part unquoted.
type rights struct {
	database string
	grants   []grant
}

type grant struct {
	database, table string // "*" for all; the database may be a pattern
	rights          []string
}

// readRights asks the server, which answers with roles that are in force too.
func readRights(ctx context.Context, l *link) (*rights, error) {
	row, err := l.row(ctx, "SELECT DATABASE(), VERSION()")
	if err != nil {
		return nil, err
	}
	r := &rights{database: str(row[0])}
	text := "SHOW GRANTS"
	if !isMariaDB(str(row[1])) {
		role, err := l.row(ctx, "SELECT CURRENT_ROLE()")
		if err != nil {
			return nil, err
		}
		if roles := str(role[0]); roles != "NONE" {
			text += " FOR CURRENT_USER() USING " + roles // quoted by the server
		}
	}
	return r, l.query(ctx, text, nil, func(raw []any) error {
		if g, ok := parseGrant(str(raw[0])); ok {
			r.grants = append(r.grants, g)
		}
		return nil
	})
}

// grantLine is how a server spells what it granted on tables.
var grantLine = regexp.MustCompile("^GRANT (.+?) ON (?:TABLE )?(\\*|`(?:[^`]|``)*`|[^ .]+)\\.(\\*|`(?:[^`]|``)*`|[^ .]+) TO ")

func parseGrant(line string) (grant, bool) {
	m := grantLine.FindStringSubmatch(line)
	if m == nil {
		return grant{}, false
	}
	return grant{database: unquoted(m[2]), table: unquoted(m[3]), rights: strings.Split(m[1], ", ")}, true
}

func unquoted(name string) string {
	if strings.HasPrefix(name, "`") && len(name) > 1 {
		return strings.ReplaceAll(name[1:len(name)-1], "``", "`")
	}
	return name
}

// has reports whether a right is granted on a table of the database; a table "*"
// asks for all of them.
func (r *rights) has(right, table string) bool {
	return slices.ContainsFunc(r.grants, func(g grant) bool {
		if g.database != "*" && !likeName(g.database, r.database) || g.table != "*" && g.table != table {
			return false
		}
		return slices.Contains(g.rights, right) || slices.Contains(g.rights, "ALL PRIVILEGES") || slices.Contains(g.rights, "ALL")
	})
}

// everywhere reports whether a right is granted on the whole server.
func (r *rights) everywhere(right string) bool {
	return slices.ContainsFunc(r.grants, func(g grant) bool {
		return g.database == "*" && g.table == "*" && (slices.Contains(g.rights, right) || slices.Contains(g.rights, "ALL PRIVILEGES"))
	})
}

// likeName matches a name with the pattern of a grant, in which "_" and "%" are
// wild unless "\" stands before them.
func likeName(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	switch pattern[0] {
	case '%':
		return likeName(pattern[1:], name) || name != "" && likeName(pattern, name[1:])
	case '_':
		return name != "" && likeName(pattern[1:], name[1:])
	case '\\':
		if len(pattern) > 1 {
			pattern = pattern[1:]
		}
	}
	return name != "" && pattern[0] == name[0] && likeName(pattern[1:], name[1:])
}

// need is a right that a feed needs on an object of ours or of the app's.
type need struct {
	table  string
	rights []string
}

func (f *feed) needs() []need {
	own := []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "INDEX"}
	cat := f.c.known()
	needs := []need{{f.table, cat.appRights(f.table)}, {logName(f.table), own}, {captureName, own}}
	if cat.isView(f.table) {
		needs = append(needs, need{imageName(f.table), own})
	}
	return needs
}

// refuseWithoutRights fails, before anything is touched, with every right that is
// missing and the script that grants it.
func (f *feed) refuseWithoutRights(ctx context.Context, l *link) error {
	r, err := readRights(ctx, l)
	if err != nil {
		return err
	}
	var missing []string
	for _, n := range f.needs() {
		for _, right := range n.rights {
			if !r.has(right, n.table) {
				missing = append(missing, right+" on "+n.table)
			}
		}
	}
	trusted, err := r.trusted(ctx, l)
	if err != nil {
		return err
	}
	trusted = trusted || f.c.known().isView(f.table) // it gets no triggers
	script := f.script(ctx, l)
	if !trusted {
		missing, script = append(missing, needsTrust), trustTriggers+"\n"+script
	}
	if len(missing) == 0 {
		return nil
	}
	return &connectors.Error{Kind: connectors.Denied, Message: "these rights are missing: " + strings.Join(missing, ", ") + ". Let a database administrator run:\n" + script}
}

// trusted reports whether the server lets our account make triggers, which it
// does not by the right alone while it writes a binary log.
func (r *rights) trusted(ctx context.Context, l *link) (bool, error) {
	row, err := l.row(ctx, "SELECT @@log_bin = 0 OR @@log_bin_trust_function_creators = 1")
	return err == nil && num(row[0]) == 1 || r.everywhere("SUPER"), err
}

const needsTrust = "the right SUPER, or trust in those who make triggers, since the server writes a binary log"

// script is what a database administrator runs so that our account may capture
// the table.
func (f *feed) script(ctx context.Context, l *link) string {
	row, err := l.row(ctx, "SELECT DATABASE(), CURRENT_USER()")
	if err != nil {
		return ""
	}
	database, account := quote(str(row[0])), accountName(str(row[1]))
	var b strings.Builder
	for _, n := range f.needs() {
		fmt.Fprintf(&b, "GRANT %s ON %s.%s TO %s;\n", strings.Join(n.rights, ", "), database, quote(n.table), account)
	}
	fmt.Fprintf(&b, "GRANT PROCESS ON *.* TO %s;", account)
	return b.String()
}

// accountName quotes "user@host" as the server wants it.
func accountName(account string) string {
	at := strings.LastIndex(account, "@")
	if at < 0 {
		return quote(account)
	}
	return quote(account[:at]) + "@" + quote(account[at+1:])
}
