package sqlite

import "dualwrite/connectors/sqlcore"

// blind tells what triggers cannot see.
func blind(t *sqlcore.Table) []string {
	if t.View {
		return []string{"changes of a view are found by comparing it at an interval of " + compareEvery.String() + "; what is changed and changed back in between is not"}
	}
	blind := []string{"rows that a REPLACE conflict removes, unless the app's own connection has recursive_triggers on"}
	if len(t.Key) == 0 {
		blind = append(blind, "VACUUM, which may renumber the rows of a table without a primary key")
	}
	if nullableKey(t) {
		blind = append(blind, "rows without a primary key value, which are left out altogether")
	}
	return blind
}

// nullableKey reports whether SQLite lets rows have a null in their primary key.
func nullableKey(t *sqlcore.Table) bool {
	if alias(t) {
		return false
	}
	for _, pos := range t.Key {
		if !t.Columns[pos].Required {
			return true
		}
	}
	return false
}
