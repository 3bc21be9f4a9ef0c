package main

import (
	"fmt"
	"strings"
	"testing"

	"dualwrite/connectors/practice/service"
	"dualwrite/models"
)

// keyShape is a key of one or more fields: how each side declares them, and the
// key of three records as each side spells it.
type keyShape struct {
	name        string
	left, right []string // columns with their types
	paths       []string // of the right side; nil for the columns themselves
	company     bool     // the key holds the legal entity besides
	records     [3][2][]string
}

// keyShapes names every shape that a key can have.
func keyShapes() []keyShape {
	one := func(name, left, right string, a, b, c [2]string) keyShape {
		k := keyShape{name: name, left: []string{"k " + left}, right: []string{"k " + right}}
		for i, r := range [][2]string{a, b, c} {
			k.records[i] = [2][]string{{r[0]}, {r[1]}}
		}
		return k
	}
	line := func(order, number string) []string { return []string{order, number} }
	return []keyShape{
		one("texts", "VARCHAR(20)", "VARCHAR(20) COLLATE NOCASE", [2]string{"O'Brien/A&B+1", "O'Brien/A&B+1"}, [2]string{"Söhne %2F", "Söhne %2F"}, [2]string{"MIXED", "mixed"}),
		one("numbers", "BIGINT", "BIGINT", [2]string{"9007199254740993", "9007199254740993"}, [2]string{"-1", "-1"}, [2]string{"0", "0"}),
		one("numerals", "BIGINT", "VARCHAR(20) COLLATE NOCASE", [2]string{"7", "7"}, [2]string{"8", "8"}, [2]string{"9", "9"}),
		one("decimals", "TEXT", "DECTEXT(18,4)", [2]string{"0.1", "0.1000"}, [2]string{"12.5", "12.5000"}, [2]string{"-3", "-3.0000"}),
		one("days", "DATE", "DATE", [2]string{"2024-02-29", "2024-02-29"}, [2]string{"1999-12-31", "1999-12-31"}, [2]string{"2026-01-01", "2026-01-01"}),
		one("guids", "GUID", "GUID", [2]string{groupOne, groupOne}, [2]string{groupTwo, groupTwo}, [2]string{"AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA", "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"}),
		{name: "pairs", left: []string{"a VARCHAR(10)", "n BIGINT"}, right: []string{"a VARCHAR(10) COLLATE NOCASE", "n BIGINT"}, records: [3][2][]string{{line("x", "1"), line("x", "1")}, {line("x", "2"), line("x", "2")}, {line("y", "1"), line("Y", "1")}}},
		{name: "triples", left: []string{"a VARCHAR(10)", "n BIGINT", "d DATE"}, right: []string{"a VARCHAR(10) COLLATE NOCASE", "n BIGINT", "d DATE"},
			records: [3][2][]string{{{"x", "1", "2024-02-29"}, {"x", "1", "2024-02-29"}}, {{"x", "1", "2024-03-01"}, {"x", "1", "2024-03-01"}}, {{"x", "2", "2024-02-29"}, {"x", "2", "2024-02-29"}}}},
		{name: "lines", left: []string{"o VARCHAR(10)", "n BIGINT"}, right: []string{"o GUID REFERENCES heads (headid)", "n BIGINT"}, paths: []string{"o.code", "n"},
			records: [3][2][]string{{line("G1", "1"), line(groupOne, "1")}, {line("G1", "2"), line(groupOne, "2")}, {line("g2", "1"), line(groupTwo, "1")}}},
		{name: "in_company", company: true, left: []string{"k VARCHAR(20)"}, right: []string{"k VARCHAR(20) COLLATE NOCASE"}, records: [3][2][]string{{{"A"}, {"A"}}, {{"B"}, {"B"}}, {{"C"}, {"c"}}}},
	}
}

func columnsOf(declared []string) (names []string) {
	for _, d := range declared {
		name, _, _ := strings.Cut(d, " ")
		names = append(names, name)
	}
	return names
}

func (k *keyShape) rightPaths() []string {
	if k.paths != nil {
		return k.paths
	}
	return columnsOf(k.right)
}

func (k *keyShape) tables() (left, right string) {
	keys := [2]string{strings.Join(columnsOf(k.left), ", "), strings.Join(columnsOf(k.right), ", ")}
	columns := [2]string{strings.Join(k.left, " NOT NULL, ") + " NOT NULL", strings.Join(k.right, ", ")}
	if k.company {
		keys[0], columns[0] = keys[0]+", dataareaid", columns[0]+", dataareaid VARCHAR(4) NOT NULL"
		keys[1], columns[1] = keys[1]+", msdyn_company", columns[1]+", msdyn_company GUID REFERENCES cdm_companies (cdm_companyid)"
	}
	return fmt.Sprintf("CREATE TABLE %s (%s, v VARCHAR(40), UNIQUE (%s))", k.name, columns[0], keys[0]),
		fmt.Sprintf("CREATE TABLE %[1]s (%[1]sid GUID PRIMARY KEY, %[2]s, v VARCHAR(40), UNIQUE (%[3]s))", k.name, columns[1], keys[1])
}

func (k *keyShape) entityMap() models.Map {
	d := models.Definition{Left: models.Endpoint{Entity: k.name, Label: k.name}, Right: models.Endpoint{Entity: k.name, Label: k.name}}
	for i, left := range columnsOf(k.left) {
		d.Key = append(d.Key, models.KeyPair{Left: left, Right: k.rightPaths()[i]})
		d.Fields = append(d.Fields, models.FieldMapping{Left: left, Right: k.rightPaths()[i], Direction: models.Both})
	}
	d.Fields = append(d.Fields, models.FieldMapping{Left: "v", Right: "v", Direction: models.Both})
	if k.company {
		d.Left.Company, d.Right.Company = "dataareaid", "msdyn_company.cdm_companycode"
	}
	return models.Map{Name: k.name, Definition: d}
}

// of is the condition that a record is the one of a number, on a side.
func (k *keyShape) of(side, n int) (condition string, args []any) {
	var parts []string
	for i, name := range columnsOf([2][]string{k.left, k.right}[side]) {
		parts, args = append(parts, name+" = ? COLLATE NOCASE"), append(args, k.records[n][side][i])
	}
	return strings.Join(parts, " AND "), args
}

func (b *bridge) insertKey(k *keyShape, side, n int, v string) {
	b.t.Helper()
	columns, args := append(columnsOf([2][]string{k.left, k.right}[side]), "v"), []any{}
	for _, part := range k.records[n][side] {
		args = append(args, part)
	}
	args = append(args, v)
	if side == 1 {
		columns, args = append(columns, k.name+"id"), append(args, service.NewGUID())
	}
	if k.company {
		columns, args = append(columns, [2]string{"dataareaid", "msdyn_company"}[side]), append(args, [2]string{"USMF", companyID}[side])
	}
	[2]*app{b.left, b.right}[side].exec("INSERT INTO "+k.name+" ("+strings.Join(columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")", args...)
}

const companyID = "77777777-7777-4777-8777-777777777777"

// TestEveryShapeOfKeyTellsRecordsApartBothWays has one record made on each side and
// one on both, edits each where it was copied to, and deletes two.
func TestEveryShapeOfKeyTellsRecordsApartBothWays(t *testing.T) {
	left, right := []string{}, []string{"CREATE TABLE cdm_companies (cdm_companyid GUID PRIMARY KEY, cdm_companycode VARCHAR(4) COLLATE NOCASE UNIQUE NOT NULL)",
		"INSERT INTO cdm_companies VALUES ('" + companyID + "', 'USMF')", "CREATE TABLE heads (headid GUID PRIMARY KEY, code VARCHAR(10) COLLATE NOCASE UNIQUE NOT NULL)",
		fmt.Sprintf("INSERT INTO heads VALUES ('%s', 'G1'), ('%s', 'G2')", groupOne, groupTwo)}
	names := []string{"cdm_companies", "heads"}
	var maps []models.Map
	all := keyShapes()
	for i := range all {
		l, r := all[i].tables()
		left, right, names = append(left, l), append(right, r), append(names, all[i].name)
		maps = append(maps, all[i].entityMap())
	}
	b := newBridge(t, left, right, func(*service.Model) {}, maps, names...)
	for i := range all {
		b.insertKey(&all[i], 0, 0, "from the left")
		b.insertKey(&all[i], 1, 1, "from the right")
		b.insertKey(&all[i], 0, 2, "the other's")
		b.insertKey(&all[i], 1, 2, "the master's")
	}
	b.runAll()
	b.settle("after the initial write", b.keysHold(all, [3]string{"from the left", "from the right", "the master's"}))
	for i := range all {
		for n, side := range []int{1, 0, 1} { // where each was copied to
			condition, args := all[i].of(side, n)
			[2]*app{b.left, b.right}[side].exec("UPDATE "+all[i].name+" SET v = 'edited' WHERE "+condition, args...)
		}
	}
	b.settle("after edits", b.keysHold(all, [3]string{"edited", "edited", "edited"}))
	for i := range all {
		for n, side := range []int{1, 0} {
			condition, args := all[i].of(side, n)
			[2]*app{b.left, b.right}[side].exec("DELETE FROM "+all[i].name+" WHERE "+condition, args...)
		}
	}
	b.settle("after deletes", b.keysHold(all, [3]string{"<none>", "<none>", "edited"}))
}

// keysHold is that both sides hold these values of the three records.
func (b *bridge) keysHold(all []keyShape, values [3]string) (out []wanted) {
	for i := range all {
		k := &all[i]
		for side, a := range []*app{b.left, b.right} {
			count := 0
			for n, v := range values {
				condition, args := k.of(side, n)
				for _, arg := range args {
					condition = strings.Replace(condition, "?", "'"+strings.ReplaceAll(fmt.Sprint(arg), "'", "''")+"'", 1)
				}
				out = append(out, wanted{fmt.Sprintf("%s %d on side %d", k.name, n, side), a, "SELECT v FROM " + k.name + " WHERE " + condition, v})
				if v != "<none>" {
					count++
				}
			}
			out = append(out, wanted{fmt.Sprintf("the number of %s on side %d", k.name, side), a, "SELECT count(*) FROM " + k.name, fmt.Sprint(count)})
		}
	}
	return out
}
