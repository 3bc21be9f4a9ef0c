package mysql_test

import (
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest/probe"
	"dualwrite/connectors/filter"
)

const staff = `CREATE TABLE staff (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, boss INT, site VARCHAR(10), shared VARCHAR(10),
	CONSTRAINT of_boss FOREIGN KEY (boss) REFERENCES staff (id), CONSTRAINT at_site FOREIGN KEY (site) REFERENCES sites (code)) ENGINE=InnoDB`

const sites = "CREATE TABLE sites (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, label VARCHAR(10)) ENGINE=InnoDB"

func TestARecordAndItsParentMayComeInOneBatchInAnyOrder(t *testing.T) {
	t.Parallel()
	a := newApp(t, sites, staff)
	o := probe.Open(t, a.connect(t), "staff", "code", "boss.code")
	results := o.Results(o.Creates(text("c"), text("b")), o.Creates(text("b"), text("a")), o.Creates(text("a"), connectors.NullValue()), o.Creates(text("x"), text("nobody")))
	for i, want := range []connectors.Outcome{connectors.Stored, connectors.Stored, connectors.Stored, connectors.Refused} {
		if results[i].Outcome != want {
			t.Errorf("record %d: %+v", i, results[i])
		}
	}
	if e := results[3].Err; e == nil || e.Kind != connectors.MissingParent || e.ParentKey != "nobody" || e.Field != "boss.code" {
		t.Errorf("refused with %+v", e)
	}
	probe.Want(t, "stored", o.Rows(), "1: a ", "2: b a", "3: c b")
}

func TestAParentByValueThatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	a := newApp(t, sites, staff, "INSERT INTO sites (code) VALUES ('here')", "INSERT INTO staff (code, site) VALUES ('a', 'here')")
	c := a.connect(t)
	o := probe.Open(t, c, "staff", "code", "site")
	e := o.Refused(o.Creates(text("b"), text("there")), connectors.MissingParent)
	if e.Field != "site" || e.Parent != "sites" || e.ParentKey != "there" {
		t.Errorf("refused with %+v", e)
	}
	results := o.Results(o.Creates(text("c"), text("here")), o.Creates(text("d"), text("there")), o.Creates(text("e"), text("here")))
	if results[0].Outcome != connectors.Stored || results[1].Outcome != connectors.Refused || results[2].Outcome != connectors.Stored {
		t.Errorf("results %+v", results)
	}
	s := probe.Open(t, c, "sites", "code")
	if e := s.Refused(connectors.Write{Op: connectors.Delete, ID: "1"}, connectors.Invalid); e.Message != "other records refer to this one" {
		t.Errorf("refused with %+v", e)
	}
}

func TestALookupToSeveralRecordsIsRefused(t *testing.T) {
	t.Parallel()
	a := newApp(t, sites, `CREATE TABLE rooms (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, site INT, FOREIGN KEY (site) REFERENCES sites (id)) ENGINE=InnoDB`,
		"INSERT INTO sites (code, label) VALUES ('x', 'same'), ('y', 'same'), ('z', 'other')")
	o := probe.Open(t, a.connect(t), "rooms", "code", "site.label", "site.code")
	o.Refused(o.Creates(text("1"), text("same"), connectors.Value{}), connectors.Invalid)
	o.Stored(o.Creates(text("2"), text("other"), connectors.Value{}))
	o.Stored(o.Creates(text("3"), text("same"), text("y")))
	o.Refused(o.Creates(text("4"), text("other"), text("y")), connectors.MissingParent)
	probe.Want(t, "stored", o.Rows(), "1: 2 other z", "2: 3 same y")
}

func TestAFilterTurnedRoundPassesWhoseLookupLeadsNowhere(t *testing.T) {
	t.Parallel()
	a := newApp(t, sites, staff, "INSERT INTO staff (code, boss) VALUES ('a', NULL), ('b', 1), ('c', 2)")
	c := a.connect(t)
	for text, want := range map[string][]string{
		"not (boss.code ge 'b')":                             {"1: a", "2: b"},
		"not (boss.code lt 'b')":                             {"1: a", "3: c"},
		"not (not (boss.code ge 'b'))":                       {"3: c"},
		"not (boss.code ge 'b' or boss.site eq 'x')":         {"1: a", "2: b"},
		"not (boss.code ge 'b' and boss.id gt 0)":            {"1: a", "2: b"},
		"not (boss.boss.code ge 'a') and not (code eq 'b')":  {"1: a"},
		"boss.code eq null or not (boss.code ge 'a')":        {"1: a"},
		"not (boss.code eq null) and not (boss.code lt 'a')": {"2: b", "3: c"},
		"not (not (boss.code ge 'a') or not (boss.id eq 1))": {"2: b"},
		"not startswith(boss.code,'a')":                      {"1: a", "3: c"},
	} {
		e, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		o := probe.OpenWith(t, c, connectors.Selection{Entity: "staff", Fields: []string{"code"}, Key: []int{0}, Company: -1, Filter: e})
		probe.Want(t, text, o.Rows(), want...)
	}
}

func TestALongTextLeadsToItsOwnRecordOnly(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<16+1)
	a := newApp(t, "CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, body LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin) ENGINE=InnoDB",
		"CREATE TABLE marks (id INT AUTO_INCREMENT PRIMARY KEY, note INT, FOREIGN KEY (note) REFERENCES notes (id)) ENGINE=InnoDB")
	a.exec(t, "INSERT INTO notes (body) VALUES (?), (?), (?)", "x", long, long+"y")
	c := a.connect(t)
	found, err := probe.OpenWith(t, c, connectors.Selection{Entity: "notes", Fields: []string{"body"}, Key: []int{0}, Company: -1}).
		Find(t.Context(), []connectors.Row{{text("x")}, {text(long)}, {text(long + "z")}})
	if err != nil || len(found) != 2 || found[0].ID != "1" || found[1].ID != "2" {
		t.Errorf("found %d: %v", len(found), err)
	}
	o := probe.OpenWith(t, c, connectors.Selection{Entity: "marks", Fields: []string{"note.body"}, Company: -1})
	results := o.Results(o.Creates(text("x")), o.Creates(text(long+"y")), o.Creates(text(long+"z")), o.Creates(text("x")))
	if results[2].Outcome != connectors.Refused {
		t.Errorf("outcome %d", results[2].Outcome)
	}
	if led := a.text(t, "SELECT group_concat(note ORDER BY id) FROM marks"); led != "1,1,3" && led != "1,3,1" {
		t.Errorf("led to %s", led)
	}
}
