package practice

import (
	"database/sql"
	"strings"
	"testing"

	"dualwrite/models"
)

func TestEveryMappedFieldExistsInItsTable(t *testing.T) {
	left, right := openApps(t)
	for _, f := range Maps() {
		d := definition(t, f)
		if f.Name != d.Left.Label+" ("+d.Right.Entity+")" {
			t.Errorf("%s is not named after its entities", f.Name)
		}
		for _, path := range d.Selected(models.Left) {
			checkPath(t, left, f.Name, d.Left.Entity, path)
		}
		for _, path := range d.Selected(models.Right) {
			checkPath(t, right, f.Name, d.Right.Entity, path)
		}
	}
}

// checkPath follows a path through the foreign keys of the app.
func checkPath(t *testing.T, db *sql.DB, mapName, table, path string) {
	t.Helper()
	column, rest, lookup := strings.Cut(path, ".")
	if len(texts(t, db, `SELECT name FROM pragma_table_info(?) WHERE name = ?`, table, column)) != 1 {
		t.Errorf("%s: %s has no column %s", mapName, table, column)
		return
	}
	parents := texts(t, db, `SELECT "table" FROM pragma_foreign_key_list(?) WHERE "from" = ?`, table, column)
	switch {
	case lookup && len(parents) == 1:
		checkPath(t, db, mapName, parents[0], rest)
	case lookup || len(parents) > 0:
		t.Errorf("%s: %s must be a path through a lookup, or none", mapName, path)
	}
}

func TestKeysAreMappedBothWaysAndUniqueOnBothSides(t *testing.T) {
	left, right := openApps(t)
	for _, f := range Maps() {
		d := definition(t, f)
		leftKey, rightKey := []string{}, []string{}
		for _, k := range d.Key {
			if !mappedBothWays(d, k) {
				t.Errorf("%s: key %s = %s is no field both ways", f.Name, k.Left, k.Right)
			}
			own, _, _ := strings.Cut(k.Right, ".")
			leftKey, rightKey = append(leftKey, k.Left), append(rightKey, own)
		}
		if (d.Left.Company == "") != (d.Right.Company == "") {
			t.Errorf("%s: a company on one side only", f.Name)
		}
		if d.Left.Company != "" {
			leftKey, rightKey = append([]string{d.Left.Company}, leftKey...), append(rightKey, "msdyn_company")
		}
		if !hasUnique(t, left, d.Left.Entity, leftKey) {
			t.Errorf("%s: %s has no unique key %v", f.Name, d.Left.Entity, leftKey)
		}
		if got, want := hasUnique(t, right, d.Right.Entity, rightKey), f.Name != paymentDayLines; got != want {
			t.Errorf("%s: %s has a unique key %v: %v", f.Name, d.Right.Entity, rightKey, got)
		}
	}
}

func mappedBothWays(d models.Definition, k models.KeyPair) bool {
	for _, f := range d.Fields {
		if f.Left == k.Left && f.Right == k.Right {
			return f.Direction == models.Both
		}
	}
	return false
}

func hasUnique(t *testing.T, db *sql.DB, table string, columns []string) bool {
	t.Helper()
	keys := texts(t, db, `SELECT group_concat(c.name) FROM pragma_index_list(?) i JOIN pragma_index_info(i.name) c
		WHERE i."unique" AND i.origin = 'u' GROUP BY i.name`, table)
	return len(keys) == 1 && keys[0] == strings.Join(columns, ",")
}

func TestDefinitionsAreWellFormed(t *testing.T) {
	for _, f := range Maps() {
		d := definition(t, f)
		if d.Revision != 1 || d.NextSlot != len(d.Fields) || f.Version == "" || f.Publisher == "" || f.Description == "" {
			t.Errorf("%s: revision, next slot, version, publisher or description is wrong", f.Name)
		}
		seen := map[string]bool{}
		for i, field := range d.Fields {
			if field.Slot != i || field.Since != 1 {
				t.Errorf("%s: field %d has slot %d since %d", f.Name, i, field.Slot, field.Since)
			}
			for _, target := range []string{"left " + field.Left, "right " + field.Right} {
				if seen[target] && target != "left " && target != "right " {
					t.Errorf("%s: %s is mapped twice", f.Name, target)
				}
				seen[target] = true
			}
			checkTransforms(t, f.Name, field)
		}
	}
}

// checkTransforms: a field of one side only has a default and goes to that side;
// a value map can be read from either side.
func checkTransforms(t *testing.T, mapName string, f models.FieldMapping) {
	t.Helper()
	alone := f.Left == "" || f.Right == ""
	toward := models.RightToLeft
	if f.Left == "" {
		toward = models.LeftToRight
	}
	if alone && (f.Direction != toward || len(f.Transforms) != 1 || f.Transforms[0].Type != models.Default) {
		t.Errorf("%s: %s%s has no counterpart and no default", mapName, f.Left, f.Right)
	}
	for _, transform := range f.Transforms {
		seen := map[string]bool{}
		for _, p := range transform.Pairs {
			if seen["left "+p.Left] || seen["right "+p.Right] {
				t.Errorf("%s: the value map of %s is not one-to-one", mapName, f.Left)
			}
			seen["left "+p.Left], seen["right "+p.Right] = true, true
		}
	}
}
