package service

import (
	"fmt"
	"testing"
)

func TestAPathIsReadWithItsKeys(t *testing.T) {
	for path, want := range map[string]string{
		"/accounts":        "accounts",
		"/accounts/$count": "accounts $count",
		"/a(6f9619ff-8b86-4011-b42d-00c04fc964ff)":                                 "a[:7 6f9619ff-8b86-4011-b42d-00c04fc964ff]",
		"/a(n='O''Brien%2FA%26B%2B1',c=%27x%27)":                                   "a[n:2 O'Brien/A&B+1][c:2 x]",
		"/a(b='x/y',_p_value=6f9619ff-8b86-4011-b42d-00c04fc964ff,d=2024-01-01)/v": "a[b:2 x/y][_p_value:7 6f9619ff-8b86-4011-b42d-00c04fc964ff][d:5 2024-01-01] v",
		"/a(d=2024-01-01T12:00:00%2B02:00,n=-5)":                                   "a[d:6 2024-01-01T12:00:00+02:00][n:3 -5]",
		"/a('%25')":                                                                "a[:2 %]",
		"/WhoAmI()":                                                                "WhoAmI",
		"/a(e=N.T'M')":                                                             "a[e:8 M]",
	} {
		segments, err := ParsePath(path)
		got := ""
		for i, s := range segments {
			if i > 0 {
				got += " "
			}
			got += s.Name
			for _, k := range s.Key {
				got += fmt.Sprintf("[%s:%d %s]", k.Name, k.Value.Kind, k.Value.Text)
			}
		}
		if err != nil || got != want {
			t.Errorf("%s is read as %s, want %s (%v)", path, got, want, err)
		}
	}
	for _, path := range []string{"/a(", "/a(n='x)", "/a(n=)", "/a(n='x' m='y')", "/a(%zz)", "/a(n=b)"} {
		if s, err := ParsePath(path); err == nil {
			t.Errorf("%s is read as %v", path, s)
		}
	}
}

func TestAQueryIsReadOnceEach(t *testing.T) {
	o, err := ParseOptions("$filter=name%20eq%20%27A%2BB%27&@p='x+y'&cross-company=true")
	if err != nil || o["$filter"] != "name eq 'A+B'" || o.Aliases()["@p"] != "'x y'" || len(o.Aliases()) != 1 {
		t.Errorf("%v, %v", o, err)
	}
	for _, raw := range []string{"$top=1&$top=2", "$filter=%zz"} {
		if _, err := ParseOptions(raw); err == nil {
			t.Errorf("%s is taken", raw)
		}
	}
}

func TestAPreferenceIsFoundAmongOthers(t *testing.T) {
	r := &Request{Header: map[string][]string{"Prefer": {`odata.include-annotations="A,B", odata.maxpagesize=5`, "return=representation;odata.track-changes"}}}
	for name, want := range map[string]string{"odata.include-annotations": "A,B", "odata.maxpagesize": "5", "return": "representation", "Odata.Track-Changes": ""} {
		if got, ok := r.Preference(name); got != want || !ok {
			t.Errorf("%s is %q, %v", name, got, ok)
		}
	}
	if _, ok := r.Preference("odata.continue-on-error"); ok {
		t.Error("a preference nobody has was found")
	}
}
