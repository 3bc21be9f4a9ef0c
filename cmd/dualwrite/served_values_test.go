package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors/practice/fno"
	"dualwrite/connectors/practice/service"
	"dualwrite/models"
)

// finance serves tables as the left app, by the protocol of Finance and Operations.
func (b *bridge) finance(tables []string, names ...string) models.Connection {
	b.t.Helper()
	var model *service.Model
	b.left, model = b.file("left.db", tables, names...)
	model.EmptyForNull = true
	for _, e := range model.Entities {
		e.Fields = slices.DeleteFunc(e.Fields, func(f *service.Field) bool { return f.Primary })
	}
	server, err := fno.Open(b.t.Context(), b.left.path, model, fno.Options{ClientID: bridgeClient, ClientSecret: bridgeSecret, Company: "dat"})
	b.check(err)
	b.asked = append(b.asked, server.Calls)
	return b.listen("left app", "finops", server, server.Close)
}

// The tables of the two apps. The left one trims words, cuts an alias to 20
// characters and keeps two digits of a rough amount; nothing it describes says so.
const (
	leftThings = `CREATE TABLE Things (RECID INTEGER PRIMARY KEY, Number VARCHAR(40) NOT NULL, Word VARCHAR(40), Alias VARCHAR(40),
		Quantity BIGINT, Amount DECTEXT(18,4), Rough DECTEXT(18,4), BirthDate DATE, SeenDateTime DATETIME, UNIQUE (Number))`
	rightThings = `CREATE TABLE things (thingid GUID PRIMARY KEY, number VARCHAR(40) NOT NULL, word VARCHAR(40), alias TEXT,
		quantity BIGINT, amount DECTEXT(18,4), rough DECTEXT(18,4), birthdate DATE, seendatetime DATETIME, UNIQUE (number))`
	trims  = "CREATE TRIGGER trims%[1]s AFTER %[1]s ON Things WHEN new.Word <> trim(new.Word) BEGIN UPDATE Things SET Word = trim(Word) WHERE RECID = new.RECID; END"
	cuts   = "CREATE TRIGGER cuts%[1]s AFTER %[1]s ON Things WHEN length(new.Alias) > 20 BEGIN UPDATE Things SET Alias = substr(Alias, 1, 20) WHERE RECID = new.RECID; END"
	rounds = "CREATE TRIGGER rounds%[1]s AFTER %[1]s ON Things WHEN new.Rough <> printf('%%.2f00', new.Rough) BEGIN UPDATE Things SET Rough = printf('%%.2f00', Rough) WHERE RECID = new.RECID; END"
)

// worth is a value of a column that a user gives it on either side, and what the
// other side then holds. <null> is no value; the left app has none but for the
// empty ones of its types.
type worth struct {
	column      string
	goes, gives string // from the left
	comes, back string // from the right
}

func same(column, v string) worth { return worth{column, v, v, v, v} }

func worths() []worth {
	long := "a text of more than 20 characters"
	return []worth{
		same("Word", "O'Brien/A&B+1"), same("Word", "Söhne"), same("Word", `"`), same("Word", "%2F"), same("Word", "a/b\\c?d=e#f"),
		{"Word", "", "<null>", "", ""},
		{"Word", "inner  blanks", "inner  blanks", "  blanks around  ", "blanks around"},
		{"Alias", "short", "short", long, long[:20]},
		same("Quantity", "9007199254740993"), same("Quantity", "-9007199254740993"), {"Quantity", "0", "0", "<null>", "0"},
		same("Amount", "0.1000"), same("Amount", "123456789012.2500"), same("Amount", "-0.0001"),
		{"Rough", "0.5600", "0.5600", "0.1234", "0.1200"},
		same("BirthDate", "2024-02-29"), same("BirthDate", "1900-01-02"), {"BirthDate", "1900-01-01", "<null>", "<null>", "1900-01-01"},
		same("SeenDateTime", "2024-07-01T13:00:05Z"), {"SeenDateTime", "1900-01-01T00:00:00Z", "<null>", "<null>", "1900-01-01T00:00:00Z"},
	}
}

// hardNumbers are keys that addresses and filters must carry unharmed.
func hardNumbers() []string {
	return []string{"O'Brien/A&B+1", "Söhne", `"`, "%2F", "a/b"}
}

// give makes a record on a side with one value of a column, "" for none.
func (b *bridge) give(side int, number, column, v string) {
	b.t.Helper()
	columns, marks, args := []string{"Number"}, "?", []any{number}
	if side == 1 {
		columns, marks, args = append(columns, "thingid"), marks+", ?", append(args, service.NewGUID())
	}
	if column != "" {
		columns, marks, args = append(columns, column), marks+", ?", append(args, orNull(v))
	}
	b.sides()[side].exec("INSERT INTO Things ("+strings.Join(columns, ", ")+") VALUES ("+marks+")", args...)
}

func (b *bridge) sides() [2]*app { return [2]*app{b.left, b.right} }

func orNull(v string) any {
	if v == "<null>" {
		return nil
	}
	return v
}

// holds is that a side has a value in the record of a number. The file of the left
// app may keep no value as null or as the empty value of the type.
func (b *bridge) holds(side int, number, column, v string) wanted {
	read := "CAST(" + column + " AS TEXT)"
	if empty, ok := map[string]string{"Word": "", "Quantity": "0", "BirthDate": "1900-01-01", "SeenDateTime": "1900-01-01T00:00:00Z"}[column]; ok && side == 0 {
		read = "coalesce(" + read + ", '" + empty + "')"
	}
	return wanted{fmt.Sprintf("%s of %s on side %d", column, number, side), b.sides()[side], "SELECT " + read + " FROM Things WHERE Number = '" + strings.ReplaceAll(number, "'", "''") + "'", v}
}

// fill makes a record for every value and every hard key on both sides, and tells
// what both sides are to hold then.
func (b *bridge) fill(when string) (all []wanted) {
	b.t.Helper()
	for i, w := range worths() {
		left, right := fmt.Sprintf("%s left %d", when, i), fmt.Sprintf("%s right %d", when, i)
		b.give(0, left, w.column, w.goes)
		b.give(1, right, w.column, w.comes)
		all = append(all, b.holds(0, left, w.column, w.goes), b.holds(1, left, w.column, w.gives), b.holds(1, right, w.column, w.comes), b.holds(0, right, w.column, w.back))
	}
	for _, n := range hardNumbers() {
		for side := range 2 {
			number := fmt.Sprint(n, " ", when, " ", side)
			b.give(side, number, "Word", n)
			all = append(all, b.holds(1-side, number, "Word", n))
		}
	}
	return all
}

// change gives every value to the record that was copied to the other side before,
// and tells what both sides are to hold then. Where the left holds the value already,
// nobody has changed anything, and the right keeps its own.
func (b *bridge) change(when string) (all []wanted) {
	b.t.Helper()
	for i, w := range worths() {
		left, right := fmt.Sprintf("%s left %d", when, i), fmt.Sprintf("%s right %d", when, i)
		b.right.exec("UPDATE things SET "+w.column+" = ? WHERE number = ?", orNull(w.comes), left)
		b.left.exec("UPDATE Things SET "+w.column+" = ? WHERE Number = ?", orNull(w.goes), right)
		gives := w.gives
		if w.goes == w.back {
			gives = w.comes
		}
		all = append(all, b.holds(1, left, w.column, w.comes), b.holds(0, left, w.column, w.back), b.holds(0, right, w.column, w.goes), b.holds(1, right, w.column, gives))
	}
	return all
}

// newThings is the program between the two apps.
func newThings(t *testing.T) *bridge {
	t.Helper()
	b := &bridge{pair: &pair{site: &site{t: t, dir: t.TempDir(), bare: true}}}
	tables := []string{leftThings}
	for _, does := range []string{trims, cuts, rounds} {
		tables = append(tables, fmt.Sprintf(does, "INSERT"), fmt.Sprintf(does, "UPDATE"))
	}
	left := b.finance(tables, "Things")
	right := b.environment([]string{rightThings}, func(*service.Model) {}, "things")
	m := models.Map{Name: "Things", Master: models.Left, Definition: models.Definition{Left: models.Endpoint{Entity: "Things", Label: "Things"},
		Right: models.Endpoint{Entity: "things", Label: "things"}, Key: []models.KeyPair{{Left: "Number", Right: "number"}}}}
	for _, name := range []string{"Number", "Word", "Alias", "Quantity", "Amount", "Rough", "BirthDate", "SeenDateTime"} {
		m.Definition.Fields = append(m.Definition.Fields, models.FieldMapping{Left: name, Right: strings.ToLower(name), Direction: models.Both})
	}
	b.join(left, right, []models.Map{m})
	return b
}

// TestAwkwardValuesCrossBothProtocolsAndStay has users of both apps give records
// values that protocols and apps tend to harm, before the initial write, while the
// map runs, and in records that came from the other side.
func TestAwkwardValuesCrossBothProtocolsAndStay(t *testing.T) {
	b := newThings(t)
	first := b.fill("first")
	b.runAll()
	b.settle("after the initial write", first)
	later := b.fill("later")
	b.settle("live", append(later, first...))
	changed := b.change("first")
	b.settle("after edits where they were copied to", append(later, changed...))
	b.rest()
	b.quiet()
	b.settle("after a while at rest", append(later, changed...))
	if all := b.openErrors("Things"); len(all) != 0 {
		t.Errorf("there are errors: %+v", all)
	}
	if n := b.storeText("SELECT count(*) FROM conflicts"); n != "0" {
		t.Errorf("there are %s conflicts", n)
	}
}

// quiet fails when anything is written while each app is looked at several times.
func (b *bridge) quiet() {
	b.t.Helper()
	const enough = 5
	written := func() string {
		return b.left.text("SELECT version FROM practice_clock") + " " + b.right.text("SELECT version FROM practice_clock")
	}
	before, since := written(), []int64{}
	for _, calls := range b.asked {
		since = append(since, calls().All)
	}
	b.await("apps at rest were looked at often enough", func() bool {
		for i, calls := range b.asked {
			if calls().All < since[i]+enough {
				return false
			}
		}
		return true
	})
	if now := written(); now != before {
		b.t.Errorf("at rest the apps were written to: from %s to %s", before, now)
	}
}

// TestADayThatTheAppTakesForNoneIsRefusedByName: Finance and Operations keeps no
// 1900-01-01 apart from no day, so that day must not vanish on its way there.
func TestADayThatTheAppTakesForNoneIsRefusedByName(t *testing.T) {
	b := newThings(t)
	b.give(1, "first", "BirthDate", "1900-01-01")
	b.run("Things")
	b.filled("Things")
	b.give(1, "later", "BirthDate", "1900-01-01")
	b.within(patience, "both records have an error", func() bool { return len(b.openErrors("Things")) == 2 })
	for _, e := range b.openErrors("Things") {
		if e.Field != "BirthDate" || !strings.Contains(e.Message, "1900-01-01") || !strings.Contains(e.Message, "stands for no day") {
			t.Errorf("the error of %s is in %s: %s", e.RecordKey, e.Field, e.Message)
		}
	}
	b.settle("refused", []wanted{b.holds(1, "first", "BirthDate", "1900-01-01"), b.holds(1, "later", "BirthDate", "1900-01-01"), b.holds(0, "first", "BirthDate", "<none>")})
}
