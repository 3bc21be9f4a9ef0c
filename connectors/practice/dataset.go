package practice

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"time"
)

// presence says which apps hold a record.
type presence uint8

const (
	onBoth presence = iota
	onLeft
	onRight
)

// record is one business record. Both sides are spelled as the left app spells
// them; a side that does not hold the record is nil.
type record struct {
	company     string // "" for a global record
	left, right values
	created     time.Time
	seed        string // what the native id is made of when the record has no key
}

// collection is the records of one map.
type collection struct {
	mapping *mapping
	records []*record
}

// nativeID is the GUID that the right app gives to a record.
func (c *collection) nativeID(r *record) string {
	if r.seed != "" {
		return c.mapping.nativeID(r.company, "", r.seed)
	}
	return c.mapping.nativeID(r.company, c.mapping.keyOf(r.right)...)
}

// dataset is everything that both apps hold.
type dataset struct {
	collections []*collection
}

// byEntity finds a map by the right app's entity, nil if there is none.
func (d *dataset) byEntity(right string) *mapping {
	for _, c := range d.collections {
		if c.mapping.Right.Entity == right {
			return c.mapping
		}
	}
	return nil
}

// generator draws the data from one source of chance with a fixed seed.
type generator struct {
	*rand.Rand
	data   *dataset
	byName map[string]*collection
	plants map[place]planting
	words  vocabulary
}

// generate makes the same data every time.
func generate() (*dataset, error) {
	all, err := mappings()
	if err != nil {
		return nil, err
	}
	g := &generator{Rand: rand.New(rand.NewPCG(2020, 3)), data: &dataset{}, byName: map[string]*collection{}, plants: plantsByPlace(), words: words()}
	for _, m := range all {
		c := &collection{mapping: m}
		g.data.collections = append(g.data.collections, c)
		g.byName[m.name] = c
	}
	g.global()
	for _, c := range companies() {
		g.payment(c)
		g.groups(c)
		g.vendors(c)
		g.customers(c)
		g.contactPersons(c)
		g.outsiders(c)
	}
	if len(g.plants) > 0 {
		return nil, fmt.Errorf("%d planted records found no place: %v", len(g.plants), g.plants)
	}
	return g.data, nil
}

// add takes a record into the data. sample draws its values; it is called again
// for the other values of a record that differs, and differing names the columns
// that may. Without any the record is equal on both sides.
func (g *generator) add(name, company string, p presence, sample func() values, differing ...string) {
	c := g.byName[name]
	v := sample()
	at := place{name, company, fmt.Sprint(c.mapping.keyOf(v)...)}
	planted, special := g.plants[at]
	if special {
		delete(g.plants, at)
		planted.change(v)
	}
	r := &record{company: company, created: g.instant()}
	switch p {
	case onLeft:
		r.left = c.mapping.withDefaults(v)
	case onRight:
		r.right = c.mapping.withoutOneWay(v)
	case onBoth:
		r.left, r.right = c.mapping.withDefaults(v), maps.Clone(v)
		if len(differing) > 0 && !special && len(c.records)%10 == 4 {
			g.differ(r.right, sample(), differing)
		}
	}
	c.records = append(c.records, r)
}

// differ copies up to three of the columns from other values.
func (g *generator) differ(v, other values, columns []string) {
	changed := 0
	for _, i := range g.Perm(len(columns)) {
		if column := columns[i]; v[column] != other[column] && changed < 3 {
			v[column] = other[column]
			changed++
		}
	}
}

// instant draws a time of creation.
func (g *generator) instant() time.Time {
	return time.Date(2024, 1, 2, 8, 0, 0, 0, time.UTC).Add(time.Duration(g.IntN(700*24*60)) * time.Minute)
}

// pick draws one of the choices.
func pick[T any](g *generator, choices ...T) T { return choices[g.IntN(len(choices))] }

// maybe gives the value in that many of a hundred cases, else none.
func (g *generator) maybe(percent int, value any) any {
	if g.IntN(100) < percent {
		return value
	}
	return nil
}
