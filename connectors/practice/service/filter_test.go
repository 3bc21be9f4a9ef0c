package service_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors/practice/service"
)

const itemTables = `
CREATE TABLE groups (groupid GUID PRIMARY KEY, code VARCHAR(10));
CREATE TABLE items (itemid GUID PRIMARY KEY, word VARCHAR(20), n INTEGER, big BIGINT, price DECIMAL(15,2), amount DECTEXT(18,4), flag BOOLEAN,
	born DATE, seen DATETIME, grouped GUID REFERENCES groups (groupid));`

// item is a record as the test sees it; a field without a value is missing.
type item map[string]string

// openItems makes a file with random records and opens a store on it.
func openItems(t *testing.T, random *rand.Rand, empty bool) (*service.Store, []item) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "items.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	const group = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
	if _, err := db.Exec(itemTables+"INSERT INTO groups VALUES (?, 'Big')", group); err != nil {
		t.Fatal(err)
	}
	var all []item
	for i := range 60 {
		it := item{"itemid": fmt.Sprintf("%08x-0000-4000-8000-000000000000", i)}
		for field, values := range contents() {
			if random.IntN(4) > 0 {
				it[field] = values[random.IntN(len(values))]
			}
		}
		args := []any{it["itemid"]}
		for _, field := range []string{"word", "n", "big", "price", "amount", "flag", "born", "seen"} {
			value, set := it[field]
			args = append(args, sql.NullString{String: strings.NewReplacer("true", "1", "false", "0").Replace(value), Valid: set})
		}
		if i%3 == 0 {
			it["group/code"] = "Big"
			args = append(args, group)
		} else {
			args = append(args, nil)
		}
		if _, err := db.Exec("INSERT INTO items VALUES (?,?,?,?,?,?,?,?,?,?)", args...); err != nil {
			t.Fatal(err)
		}
		all = append(all, it)
	}
	m, err := service.Introspect(t.Context(), path, "groups", "items")
	if err != nil {
		t.Fatal(err)
	}
	m.EmptyForNull = empty
	m.Entity("items").Field("grouped").Navigation = "group"
	store, err := service.Open(t.Context(), path, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store, all
}

func contents() map[string][]string {
	return map[string][]string{
		"word": {"abc", "ABC", "abc ", "b_d", "bxd", "100%", "Ärger", "it's"}, "n": {"0", "-5", "7", "2147483647"},
		"big":   {"9007199254740993", "9007199254740992", "-9223372036854775808", "9223372036854775807"},
		"price": {"0", "12.5", "-0.01", "1234567890123.25"}, "amount": {"0.0000", "0.1000", "-0.0001", "12345678901234.5678"},
		"flag": {"true", "false"}, "born": {"2020-02-29", "1999-01-01", "2020-03-01"},
		"seen": {"2020-02-29T00:00:00Z", "2020-02-29T10:00:00Z", "1969-12-31T23:59:59Z"},
	}
}

func literals() map[string][]string {
	return map[string][]string{
		"word": {"'abc'", "'ABC  '", "'b_d'", "'100%'", "'it''s'", "''", "' '", "'zzz'", "'ärger'"}, "n": {"0", "-5", "6.5", "7", "99999999999999999999", "1e3"},
		"big":   {"9007199254740993", "9007199254740992.5", "-9223372036854775808", "0"},
		"price": {"0", "12.5", "12.50", "-0.005", "1234567890123.25", "-1e2"}, "amount": {"0.1", "0.10000000000000000001", "12345678901234.5678", "-0.0001", "0"},
		"flag": {"true", "false"}, "born": {"2020-02-29", "0001-01-01", "9999-12-31"},
		"seen": {"2020-02-29T10:00:00Z", "2020-02-29T12:00:00%2B02:00", "2020-02-29T09:59:59.5Z", "2020-02-29"}, "group/code": {"'BIG'", "'small'"},
	}
}

// randomFilter spells a filter and gives what it means.
func randomFilter(random *rand.Rand, depth int, empty bool) (string, func(item) bool) {
	if depth > 0 && random.IntN(3) > 0 {
		left, leftHolds := randomFilter(random, depth-1, empty)
		right, rightHolds := randomFilter(random, depth-1, empty)
		switch random.IntN(3) {
		case 0:
			return "(" + left + " and " + right + ")", func(i item) bool { return leftHolds(i) && rightHolds(i) }
		case 1:
			return "(" + left + " or " + right + ")", func(i item) bool { return leftHolds(i) || rightHolds(i) }
		default:
			return "not (" + left + ")", func(i item) bool { return !leftHolds(i) }
		}
	}
	all := literals()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	field := names[random.IntN(len(names))]
	if field == "word" && random.IntN(3) == 0 {
		return textTest(random)
	}
	ops := []string{"eq", "ne", "gt", "ge", "lt", "le"}
	if field == "flag" {
		ops = ops[:2]
	}
	op := ops[random.IntN(len(ops))]
	if random.IntN(6) == 0 {
		never := empty
		return field + " " + op + " null", func(i item) bool {
			_, set := i[field]
			return op == "ne" && (set || never) || op == "eq" && !set && !never
		}
	}
	text := strings.ReplaceAll(all[field][random.IntN(len(all[field]))], "%2B", "+")
	return field + " " + op + " " + text, func(i item) bool { return holds(i, field, op, text, empty) }
}

func textTest(random *rand.Rand) (string, func(item) bool) {
	name := []string{"contains", "startswith", "endswith"}[random.IntN(3)]
	part := []string{"b", "A", "_", "%", "x"}[random.IntN(5)]
	test := map[string]func(string, string) bool{"contains": strings.Contains, "startswith": strings.HasPrefix, "endswith": strings.HasSuffix}[name]
	return name + "(word,'" + part + "')", func(i item) bool { return test(lower(i["word"]), lower(part)) }
}

// lower folds A to Z alone, as the apps do.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 32
		}
		return r
	}, s)
}

// holds says once more what a comparison means.
func holds(i item, field, op, text string, empty bool) bool {
	value, set := i[field]
	isText := field == "word" || field == "group/code"
	if !set && empty {
		set = true
		value = map[string]string{"n": "0", "big": "0", "price": "0", "amount": "0", "born": "1900-01-01", "seen": "1900-01-01T00:00:00Z"}[field]
		if field == "flag" {
			set = false
		}
	}
	var sign int
	switch {
	case isText:
		wanted := lower(strings.TrimRight(strings.ReplaceAll(strings.Trim(text, "'"), "''", "'"), " "))
		if wanted == "" && (op == "eq" || op == "ne") {
			return (strings.TrimRight(value, " ") == "") == (op == "eq")
		}
		sign = strings.Compare(lower(strings.TrimRight(value, " ")), wanted)
	case field == "flag":
		sign = strings.Compare(value, text)
	case field == "born":
		sign = strings.Compare(value, text)
	case field == "seen":
		spelled := map[string]string{"2020-02-29T12:00:00+02:00": "2020-02-29T10:00:00", "2020-02-29": "2020-02-29T00:00:00"}[text]
		if spelled == "" {
			spelled = strings.TrimSuffix(text, "Z")
		}
		sign = strings.Compare(strings.TrimSuffix(value, "Z"), spelled)
	case set:
		a, _ := new(big.Rat).SetString(value)
		b, _ := new(big.Rat).SetString(text)
		sign = a.Cmp(b)
	}
	if !set {
		return op == "ne"
	}
	return map[string]bool{"eq": sign == 0, "ne": sign != 0, "gt": sign > 0, "ge": sign >= 0, "lt": sign < 0, "le": sign <= 0}[op]
}

func TestAFilterPassesWhatItMeans(t *testing.T) {
	for _, empty := range []bool{false, true} {
		random := rand.New(rand.NewPCG(7, 11))
		store, all := openItems(t, random, empty)
		for range 500 {
			text, passes := randomFilter(random, 3, empty)
			var want []string
			for _, it := range all {
				if passes(it) {
					want = append(want, it["itemid"])
				}
			}
			f, err := service.ParseFilter(text, nil, service.Grammar{Functions: true})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if got := selected(t, store, f); !slices.Equal(got, want) {
				t.Fatalf("without nulls %v: %s passes %d of %d, want %d: %v, want %v", empty, text, len(got), len(all), len(want), got, want)
			}
		}
	}
}

func selected(t *testing.T, store *service.Store, f service.Filter) (ids []string) {
	t.Helper()
	err := store.Read(t.Context(), func(tx *service.Tx) error {
		found, err := tx.Select(t.Context(), &service.Select{Entity: store.Model.Entity("items"), Filter: f, Limit: 1000})
		for _, r := range found {
			ids = append(ids, r.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestAFilterOfAThousandTermsWorks(t *testing.T) {
	store, _ := openItems(t, rand.New(rand.NewPCG(1, 2)), false)
	text := "n eq 12345"
	for i := range 2000 {
		text = fmt.Sprintf("(%s) or n eq %d", text, 20_000+i)
	}
	f, err := service.ParseFilter(text+" or word eq 'nobody'", nil, service.Grammar{})
	if err != nil {
		t.Fatal(err)
	}
	if ids := selected(t, store, f); len(ids) != 0 {
		t.Errorf("passes %v", ids)
	}
}

func TestAFilterThatCannotBeIsRefused(t *testing.T) {
	store, _ := openItems(t, rand.New(rand.NewPCG(1, 2)), false)
	for _, text := range []string{"", "n", "n eq", "eq 1", "n eq 'x'", "word eq 1", "flag eq 1", "born eq 'x'", "n eq 1 and", "(n eq 1", "n eq 1)", "word in ('a')", "word has 'a'",
		"nosuch eq 1", "group/nosuch eq 1", "word/code eq 'x'", "n add 1 eq 2", "tolower(word) eq 'x'", "contains(n,'1')", "word eq 'x", "n eq @p", "1 eq 1", "born gt 2020-13-45"} {
		f, err := service.ParseFilter(text, nil, service.Grammar{Functions: true})
		if err == nil {
			err = store.Read(t.Context(), func(tx *service.Tx) error {
				_, err := tx.Select(t.Context(), &service.Select{Entity: store.Model.Entity("items"), Filter: f, Limit: 1})
				return err
			})
		}
		var refused *service.Refusal
		if !errors.As(err, &refused) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
