package engine

import (
	"path/filepath"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/memory"
	"dualwrite/models"
)

// family is a map of groups and a map of items, each of which may be of a group,
// worked on step by step. Its clock moves when it is told to.
type family struct {
	*Engine
	t             *testing.T
	store         *models.Store
	clock         *fakeClock
	apps          [2]*memory.App
	groups, items int64
}

// openFamily runs both maps over apps without records.
func openFamily(t *testing.T, groupRequired bool) *family {
	t.Helper()
	f := &family{t: t, clock: &fakeClock{}}
	code := connectors.Field{Name: "code", Type: connectors.Text, Required: true}
	key := []connectors.AlternateKey{{Name: "code", Fields: []string{"code"}, Active: true}}
	schema := connectors.Schema{Entities: []connectors.EntitySchema{{Name: "group", Label: "Groups", Fields: []connectors.Field{code}, Keys: key},
		{Name: "item", Label: "Items", Fields: []connectors.Field{code, {Name: "group", Type: connectors.Text, Lookup: "group", Required: groupRequired}}, Keys: key}}}
	both := func(entity string, paths ...string) models.Definition {
		end := models.Endpoint{Entity: entity, Label: entity}
		d := models.Definition{Left: end, Right: end, Key: []models.KeyPair{{Left: "code", Right: "code"}}, Revision: 1, NextSlot: len(paths)}
		for slot, p := range paths {
			d.Fields = append(d.Fields, models.FieldMapping{Slot: slot, Left: p, Right: p, Direction: models.Both, Since: 1})
		}
		return d
	}
	groups := &models.Map{Name: "Groups", Master: models.Left, Definition: both("group", "code")}
	items := &models.Map{Name: "Items", Master: models.Left, Definition: both("item", "code", "group.code")}
	dir := t.TempDir()
	var err error
	if f.store, err = models.Open(t.Context(), dir, models.Options{Volatile: true, Now: f.clock.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.store.Close() })
	openers := connectors.Openers{}
	for side, kind := range []string{"left", "right"} {
		f.apps[side] = memory.New(schema, memory.Options{Prefix: kind})
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

func (f *family) insert(side int, entity string, values map[string]string) string {
	f.t.Helper()
	set := map[string]connectors.Value{}
	for name, text := range values {
		set[name] = connectors.TextValue(text)
	}
	id, err := f.apps[side].Insert(entity, set)
	f.must(err)
	return id
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
	for range 4 {
		f.work(f.items)
		f.clock.advance(5 * time.Minute)
	}
}

// groupOf is the code of the group of the only item on a side, "" for none.
func (f *family) groupOf(side int) string {
	f.t.Helper()
	ids := f.apps[side].IDs("item")
	if len(ids) != 1 {
		return ""
	}
	item, _ := f.apps[side].Read("item", ids[0])
	group, _ := f.apps[side].Read("group", item["group"].Text())
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
			f.insert(0, "item", map[string]string{"code": "1", "group": f.insert(0, "group", map[string]string{"code": "G"})})
			f.waits()
			came := false
			f.once(func() {
				f.clock.advance(time.Second)
				f.work(f.groups)
				f.clock.advance(time.Second)
				came = len(f.apps[1].IDs("group")) == 1
			})
			f.work(f.items)
			if !came {
				t.Fatal("the group did not come while it was looked for")
			}
			if got := f.groupOf(1); got != "G" {
				t.Errorf("the group of the item is %q though nothing is left to do for now, want G", got)
			}
		})
	}
}
