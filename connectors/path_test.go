package connectors

import (
	"slices"
	"strings"
	"testing"
)

// ordersSchema has a lookup to records of two entities, and one that leads to it.
func ordersSchema() *Schema {
	return &Schema{Entities: []EntitySchema{
		{Name: "orders", Fields: []Field{{Name: "number", Type: Text}, {Name: "customerid", Type: GUID, Targets: []string{"accounts", "contacts"}}}},
		{Name: "lines", Fields: []Field{{Name: "order", Type: GUID, Lookup: "orders"}}},
		{Name: "accounts", Fields: []Field{{Name: "accountnumber", Type: Text, Length: 20}, {Name: "rank", Type: Int}, {Name: "group", Type: GUID, Lookup: "groups"}}},
		{Name: "contacts", Fields: []Field{{Name: "mail", Type: Text, Length: 100}, {Name: "group", Type: GUID, Lookup: "groups"}}},
		{Name: "groups", Fields: []Field{{Name: "code", Type: Text, Length: 10}}},
	}}
}

func TestAPathBranchesAtALookupToSeveralEntities(t *testing.T) {
	for path, length := range map[string]int{
		"customerid.accounts(accountnumber).contacts(mail)":    100,
		"customerid.contacts(mail).accounts(accountnumber)":    100,
		"customerid.accounts(accountnumber)":                   20,
		"customerid.accounts(group.code).contacts(group.code)": 10,
	} {
		own, end, err := ordersSchema().Resolve("orders", path)
		if err != nil || own.Name != "customerid" || end == own || end.Type != Text || end.Length != length {
			t.Errorf("%s leads from %v to %v: %v", path, own, end, err)
		}
	}
}

func TestAPathThatBranchesWronglyIsRefusedInWords(t *testing.T) {
	for path, says := range map[string]string{
		"customerid.accountnumber":                                 "refers to accounts or contacts: name a field of each, as in customerid.accounts(field)",
		"customerid.accounts(accountnumber":                        "name a field of each",
		"customerid.accounts()":                                    "name a field of each",
		"customerid.accounts(accountnumber)contacts(mail)":         "name a field of each",
		"customerid.accounts(accountnumber).":                      "name a field of each",
		"customerid.groups(code)":                                  "never refers to groups",
		"customerid.accounts(mail)":                                "there is no field mail in accounts",
		"customerid.accounts(accountnumber).accounts(rank)":        "names accounts twice",
		"customerid.accounts(rank).contacts(mail)":                 "a whole number of one entity and a text of another",
		"customerid.accounts(accountnumber).contacts(mail).groups": "name a field of each",
	} {
		if _, _, err := ordersSchema().Resolve("orders", path); KindOf(err) != NoEntity || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", path, err, says)
		}
	}
	if _, _, err := ordersSchema().Resolve("lines", "order.customerid.accounts(accountnumber)"); err == nil || !strings.Contains(err.Error(), "followed from orders only") {
		t.Errorf("at the second step: %v", err)
	}
}

func TestBranchesAreWrittenAsTheyAreRead(t *testing.T) {
	for _, text := range []string{"a(b)", "a(b.c).d(e)", "a(b.c(d).e(f)).g(h)"} {
		if got := WriteBranches(ReadBranches(text)); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
	plain := Field{Name: "group", Lookup: "groups"}
	if got := plain.Branches("code"); !slices.Equal(got, []Branch{{"groups", "code"}}) {
		t.Errorf("a lookup to one entity leads to %v", got)
	}
}
