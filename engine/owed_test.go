package engine

import (
	"path/filepath"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

// family is a map of groups and a map of items, each of which may be of a group:
// the left names its code, the right looks it up. Both maps are worked on step by
// step, and the clock moves when it is told to.
type family struct {
	*Engine
	t             *testing.T
	store         *models.Store
	clock         *fakeClock
	apps          [2]*memory.App
	groups, items int64
}

// retryMost is how long something that waits is left alone at most.
const retryMost = 5 * time.Minute

// openFamily runs both maps over apps without records.
func openFamily(t *testing.T, groupRequired bool) *family {
	t.Helper()
	f := &family{t: t, clock: &fakeClock{}}
	code := connectors.Field{Name: "code", Type: connectors.Text, Required: true}
	key := []connectors.AlternateKey{{Name: "code", Fields: []string{"code"}, Active: true}}
	schema := func(group connectors.Field) connectors.Schema {
		return connectors.Schema{Entities: []connectors.EntitySchema{{Name: "group", Label: "Groups", Fields: []connectors.Field{code}, Keys: key},
			{Name: "item", Label: "Items", Fields: []connectors.Field{code, group}, Keys: key}}}
	}
	schemas := [2]connectors.Schema{schema(connectors.Field{Name: "group", Type: connectors.Text}),
		schema(connectors.Field{Name: "group", Type: connectors.Text, Lookup: "group", Required: groupRequired})}
	define := func(entity string, fields ...models.FieldMapping) models.Definition {
		end := models.Endpoint{Entity: entity, Label: entity}
		d := models.Definition{Left: end, Right: end, Key: []models.KeyPair{{Left: "code", Right: "code"}}, Revision: 1, NextSlot: 1 + len(fields)}
		for slot, m := range append([]models.FieldMapping{{Left: "code", Right: "code"}}, fields...) {
			m.Slot, m.Since, m.Direction = slot, 1, models.Both
			d.Fields = append(d.Fields, m)
		}
		return d
	}
	groups := &models.Map{Name: "Groups", Master: models.Left, Definition: define("group")}
	groups.Definition.Right.Filter = `code != "HIDDEN"`
	items := &models.Map{Name: "Items", Master: models.Left, Definition: define("item", models.FieldMapping{Left: "group", Right: "group.code"})}
	dir := t.TempDir()
	var err error
	if f.store, err = models.Open(t.Context(), dir, models.Options{Volatile: true, Now: f.clock.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.store.Close() })
	openers := connectors.Openers{}
	for side, kind := range []string{"left", "right"} {
		f.apps[side] = memory.New(schemas[side], memory.Options{Prefix: kind, Fold: connectors.Fold{Case: true, Space: true}})
		openers[kind] = (&sim{apps: f.apps}).open(side)
	}
	f.must(f.store.CreateEnvironment(t.Context(), &models.Connection{Name: "l", Kind: "left"}, &models.Connection{Name: "r", Kind: "right"},
		&models.Environment{Name: "e"}, []*models.Map{groups, items}))
	if f.Engine, err = New(f.store, openers, Config{SpillDir: filepath.Join(dir, "spill"), Poll: time.Hour}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close(t.Context()) })
	f.groups, f.items = groups.ID, items.ID
	for _, id := range []int64{f.groups, f.items} {
		f.must(f.Run(t.Context(), "ann", []RunStep{{MapID: id, InitialSync: true, Master: models.Left}}))
		f.work(id)
	}
	return f
}

func (f *family) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *family) group(side int, code string) string {
	f.t.Helper()
	id, err := f.apps[side].Insert("group", map[string]connectors.Value{"code": connectors.TextValue(code)})
	f.must(err)
	return id
}

// item is made on the left, of a group.
func (f *family) item(group string) {
	f.t.Helper()
	_, err := f.apps[0].Insert("item", map[string]connectors.Value{"code": connectors.TextValue("1"), "group": connectors.TextValue(group)})
	f.must(err)
}

// work captures and works on one map until nothing is left to do for now.
func (f *family) work(mapID int64) {
	f.t.Helper()
	entity := map[int64]string{f.groups: "group", f.items: "item"}[mapID]
	for idle := 0; idle < 2; idle++ { // what one step wrote is captured by the next
		for _, step := range []func() (bool, error){
			func() (bool, error) { return f.stepFeed(f.t.Context(), feedKey{1, entity}) },
			func() (bool, error) { return f.stepFeed(f.t.Context(), feedKey{2, entity}) },
			func() (bool, error) { return f.stepMap(f.t.Context(), mapID) },
		} {
			more, err := step()
			if f.must(err); more {
				idle = -1
			}
		}
	}
}

// waits lets what is missing be tried in vain so often that the next try by time
// is minutes away.
func (f *family) waits() {
	f.t.Helper()
	for range 5 {
		f.clock.advance(retryMost)
		f.work(f.items)
	}
}

// found is the code of the group of the only item on the right, "" for none.
func (f *family) found() string {
	f.t.Helper()
	ids := f.apps[1].IDs("item")
	if len(ids) != 1 {
		return ""
	}
	item, _ := f.apps[1].Read("item", ids[0])
	group, _ := f.apps[1].Read("group", item["group"].Text())
	return group["code"].Text()
}

// once has something happen when the right app has answered the next write of
// an item, before the outcome is stored.
func (f *family) once(happens func()) {
	f.apps[1].Lie(func(o *memory.Options) {
		o.Fault = func(c memory.Call) memory.Verdict {
			if c.Op != "write" || c.Entity != "item" {
				return memory.Verdict{}
			}
			f.apps[1].Lie(func(o *memory.Options) { o.Fault = nil })
			return memory.Verdict{Run: happens}
		}
	})
}

func TestAParentThatComesWhileItIsLookedForInVainIsFoundAtOnce(t *testing.T) {
	for name, required := range map[string]bool{"left out": false, "an error": true} {
		t.Run(name, func(t *testing.T) {
			f := openFamily(t, required)
			f.group(0, "G")
			f.item("G")
			f.waits()
			came := false
			f.once(func() {
				f.clock.advance(time.Second)
				f.work(f.groups)
				f.clock.advance(time.Second)
				came = len(f.apps[1].IDs("group")) == 1
			})
			f.clock.advance(retryMost)
			f.work(f.items)
			if !came {
				t.Fatal("the group did not come while it was looked for")
			}
			if got := f.found(); got != "G" {
				t.Errorf("the group of the item is %q though nothing is left to do for now, want G", got)
			}
		})
	}
}

func TestWhatWaitsForARecordLearnsOfItHoweverItComes(t *testing.T) {
	cases := map[string]struct {
		of, want string
		comes    func(*family)
	}{
		"copied by its map": {"G", "G", func(f *family) { f.group(0, "G") }},
		"copied by a write whose answer is lost": {"G", "G", func(f *family) {
			f.group(0, "G")
			f.apps[1].Lie(func(o *memory.Options) {
				o.Fault = func(c memory.Call) memory.Verdict {
					return memory.Verdict{LoseReply: c.Op == "write"}
				}
			})
			for len(f.apps[1].IDs("group")) == 0 {
				_, _ = f.stepFeed(f.t.Context(), feedKey{1, "group"})
				_, _ = f.stepMap(f.t.Context(), f.groups)
			}
			f.apps[1].Lie(func(o *memory.Options) { o.Fault = nil })
		}},
		"made by a user":     {"G", "G", func(f *family) { f.group(1, "G") }},
		"spelled otherwise":  {"g  ", "G", func(f *family) { f.group(1, "G") }},
		"outside of its map": {"HIDDEN", "HIDDEN", func(f *family) { f.group(1, "HIDDEN") }},
		"made by a user, and refused by the other app": {"G", "G", func(f *family) {
			f.apps[0].Lie(func(o *memory.Options) {
				o.BeforeWrite = func(string, connectors.Write) *connectors.Error { return &connectors.Error{Kind: connectors.Invalid} }
			})
			f.group(1, "G")
		}},
		"renamed": {"G", "G", func(f *family) {
			id := f.group(1, "H")
			f.work(f.groups)
			f.must(f.apps[1].Edit("group", id, map[string]connectors.Value{"code": connectors.TextValue("G")}))
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f := openFamily(t, false)
			f.item(c.of)
			f.waits()
			c.comes(f)
			f.work(f.groups)
			f.work(f.items)
			if got := f.found(); got != c.want {
				t.Errorf("the group of the item is %q though nothing is left to do for now, want %q", got, c.want)
			}
		})
	}
}

func TestALookupOfSeveralEntitiesWaitsForAnyOfThem(t *testing.T) {
	for name, required := range map[string]bool{"left out": false, "an error": true} {
		t.Run(name, func(t *testing.T) {
			f := openFamily(t, required)
			f.apps[1].Lie(func(o *memory.Options) {
				o.BeforeWrite = func(entity string, w connectors.Write) *connectors.Error {
					if entity != "item" || !w.Fields[1] || len(f.apps[1].IDs("group")) > 0 {
						return nil
					}
					return &connectors.Error{Kind: connectors.MissingParent, Field: "group.code", Parent: "team", Others: []string{"club", "group"}, ParentKey: "G"}
				}
			})
			f.item("G")
			f.waits()
			f.group(1, "G")
			f.work(f.groups)
			f.work(f.items)
			if got := f.found(); got != "G" {
				t.Errorf("the group of the item is %q though nothing is left to do for now, want G", got)
			}
		})
	}
}

func TestARecordWhoseTryMakesTheCallFailDoesNotKeepOthersWaiting(t *testing.T) {
	f := openFamily(t, true)
	for _, code := range []string{"1", "2", "3"} {
		_, err := f.apps[0].Insert("item", map[string]connectors.Value{"code": connectors.TextValue(code), "group": connectors.TextValue("G")})
		f.must(err)
		f.work(f.items) // an error that waits for its group
		f.clock.advance(time.Second)
	}
	f.group(0, "G")
	f.work(f.groups)
	f.apps[1].Lie(func(o *memory.Options) {
		o.BeforeWrite = func(entity string, w connectors.Write) *connectors.Error {
			if entity == "item" && w.Row[0].Text() == "1" {
				return &connectors.Error{Kind: connectors.Transient, Message: "not now"} // nothing of the call has a fate then
			}
			return nil
		}
	})
	for range 40 {
		_, _ = f.stepMap(t.Context(), f.items) // some steps fail
	}
	open := func() int64 {
		tally, err := f.store.TallyOf(t.Context(), f.items)
		f.must(err)
		return tally.OpenErrors
	}
	if n := open(); n != 1 {
		t.Errorf("%d errors are open, want the one of the record that cannot be stored", n)
	}
	f.apps[1].Lie(func(o *memory.Options) { o.BeforeWrite = nil })
	f.clock.advance(putOffFor)
	f.work(f.items)
	if n := open(); n != 0 || len(f.apps[1].IDs("item")) != 3 {
		t.Errorf("%d errors are open after the app was mended", n)
	}
}
