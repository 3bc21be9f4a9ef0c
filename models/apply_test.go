package models

import (
	"strings"
	"testing"
)

func applySample() *Setup {
	d := Definition{Left: Endpoint{Entity: "customers"}, Right: Endpoint{Entity: "accounts"}, Key: []KeyPair{{"id", "id"}},
		Fields: []FieldMapping{{Left: "id", Right: "id", Direction: Both}, {Left: "name", Right: "name", Direction: Both}}}
	return &Setup{
		Connections:  []Connection{{Name: "ERP", Kind: "sqlite", Settings: map[string]string{"path": "a"}}, {Name: "CRM", Kind: "sqlite", Settings: map[string]string{"path": "b"}}},
		Environments: []EnvironmentSetup{{Name: "Company", Left: "ERP", Right: "CRM", Companies: []string{"usmf"}, Maps: []Map{{Name: "Customers", Definition: d}}}},
	}
}

func appliedStore(t *testing.T) (*Store, func(change func(*Setup)) ([]string, error)) {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, func(change func(*Setup)) ([]string, error) {
		setup := applySample()
		if change != nil {
			change(setup)
		}
		return s.ApplySetup(t.Context(), setup, "ann")
	}
}

func TestApplyingASetupTwiceChangesNothingTheSecondTime(t *testing.T) {
	s, apply := appliedStore(t)
	if tried, err := s.TrySetup(t.Context(), applySample(), "ann"); err != nil || len(tried) != 4 {
		t.Fatalf("trying says %q, %v", tried, err)
	}
	if maps, err := s.Maps(t.Context()); err != nil || len(maps) != 0 {
		t.Fatalf("trying left %d maps, %v", len(maps), err)
	}
	if done, err := apply(nil); err != nil || len(done) != 4 {
		t.Fatalf("the first time says %q, %v", done, err)
	}
	if done, err := apply(nil); err != nil || len(done) != 0 {
		t.Fatalf("the second time says %q, %v", done, err)
	}
	done, err := apply(func(x *Setup) { x.Environments[0].Maps[0].Definition.Fields[1].Direction = LeftToRight })
	if err != nil || len(done) != 1 || done[0] != "map Customers changed" {
		t.Fatalf("a changed field says %q, %v", done, err)
	}
	maps, err := s.Maps(t.Context())
	if err != nil || len(maps) != 1 || maps[0].Definition.Revision != 2 || maps[0].Definition.Fields[1].Since != 2 {
		t.Fatalf("the maps are %+v, %v", maps, err)
	}
	exported, err := s.ExportSetup(t.Context())
	if err != nil || len(exported.Connections) != 2 || exported.Environments[0].Left != "ERP" || len(exported.Environments[0].Maps) != 1 {
		t.Fatalf("exported %+v, %v", exported, err)
	}
}

func TestASetupThatWouldBreakARunningMapIsRefusedWhole(t *testing.T) {
	s, apply := appliedStore(t)
	if _, err := apply(nil); err != nil {
		t.Fatal(err)
	}
	maps, err := s.Maps(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Move(t.Context(), Move{MapID: maps[0].ID, Command: RunLive, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		kind   Kind
		says   string
		change func(*Setup)
	}{
		"its fields":           {Conflict, "Customers is running", func(x *Setup) { x.Environments[0].Maps[0].Definition.Fields[1].Left = "title" }},
		"its connection":       {Conflict, "stop it first", func(x *Setup) { x.Connections[1].Settings["path"] = "c" }},
		"its environment":      {Invalid, "links other connections", func(x *Setup) { x.Environments[0].Left = "CRM" }},
		"the kind":             {Invalid, "cannot become", func(x *Setup) { x.Connections[1].Kind = "postgres" }},
		"a missing connection": {Invalid, "names the connection Shop", func(x *Setup) { x.Environments[0].Left = "Shop" }},
	} {
		done, err := apply(func(x *Setup) {
			x.Connections = append([]Connection{{Name: "New", Kind: "sqlite"}}, x.Connections...)
			c.change(x)
		})
		if KindOf(err) != c.kind || !strings.Contains(MessageOf(err), c.says) || len(done) != 0 {
			t.Errorf("changing %s says %q, %v", name, done, err)
		}
	}
	if x, err := s.ExportSetup(t.Context()); err != nil || len(x.Connections) != 2 {
		t.Errorf("after all that there are %d connections, %v", len(x.Connections), err)
	}
}

func TestAMapWithLinksKeepsItsEntitiesAndKey(t *testing.T) {
	s, apply := appliedStore(t)
	if _, err := apply(nil); err != nil {
		t.Fatal(err)
	}
	change := func(x *Setup) {
		x.Environments[0].Maps[0].Definition.Key[0].Left = "name"
		x.Environments[0].Maps[0].Definition.Key[0].Right = "name"
	}
	if done, err := apply(change); err != nil || len(done) != 1 {
		t.Fatalf("without links the key says %q, %v", done, err)
	}
	if _, err := s.writes.ExecContext(t.Context(), "INSERT INTO links (map_id, record_key, left_id, right_id, flags, revision, image) SELECT id, 'k', '1', '2', 7, 1, x'' FROM entity_maps"); err != nil {
		t.Fatal(err)
	}
	if _, err := apply(nil); KindOf(err) != Invalid || !strings.Contains(MessageOf(err), "another name") {
		t.Errorf("with links the key says %v", err)
	}
}

func TestAMapThatAFileChangesKeepsItsOriginalVersion(t *testing.T) {
	s, apply := appliedStore(t)
	if _, err := apply(nil); err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"title", "subject"} {
		if _, err := apply(func(x *Setup) { x.Environments[0].Maps[0].Definition.Fields[1].Left = left }); err != nil {
			t.Fatal(err)
		}
	}
	maps, err := s.Maps(t.Context())
	if err != nil || len(maps) != 1 {
		t.Fatal(maps, err)
	}
	m := maps[0]
	versions, err := s.Versions(t.Context(), m.ID)
	if err != nil || len(versions) != 1 || !versions[0].Original || versions[0].Definition.Fields[1].Left != "name" || m.Definition.Fields[1].Left != "subject" {
		t.Errorf("the map is %+v, its versions %+v, %v", m.Definition, versions, err)
	}
}
