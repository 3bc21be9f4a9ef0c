package engine

import (
	"fmt"
	"slices"
	"strings"
)

// The oracle knows every edit that a user made, by a hidden node with the edits
// it was made on top of. When the engine overwrites something, the oracle says
// whether a user's edit vanished: it may only if the one who wrote the new
// value had seen it, or if a conflict keeps it.

// node is one edit of one field, or of the existence, of a record.
type node struct {
	parents [2]int
	value   string
}

// cell is what a field of a side holds: the value and the edit it came from.
type cell struct {
	value string
	node  int
}

// shadow is a record of a side as the oracle sees it.
type shadow struct {
	exists bool
	birth  int // node of its existence: creations and deletions
	cells  [simFields]cell
}

const simFields = 2

type oracle struct {
	nodes   []node
	byValue map[string][]int       // field nodes by "key field value"
	seen    map[int][simFields]int // what a deletion had seen
	rows    [2]map[string]*shadow  // by key
	graves  [2]map[string][]int    // existence nodes of deletions, by key
	claims  []claim                // overwritten edits that a conflict must keep
	linked  map[string]bool        // keys that the engine has linked: before that, absence means nothing
}

// claim is an overwritten edit: a conflict on the key must hold the value, or
// be about a deletion.
type claim struct {
	key, value string
	text       string
}

func newOracle() *oracle {
	o := &oracle{nodes: make([]node, 1), byValue: map[string][]int{}, seen: map[int][simFields]int{}, linked: map[string]bool{}}
	for side := range o.rows {
		o.rows[side], o.graves[side] = map[string]*shadow{}, map[string][]int{}
	}
	return o
}

func (o *oracle) row(side int, key string) *shadow {
	r := o.rows[side][key]
	if r == nil {
		r = &shadow{}
		o.rows[side][key] = r
	}
	return r
}

func (o *oracle) add(value string, parents ...int) int {
	n := node{value: value}
	copy(n.parents[:], parents)
	o.nodes = append(o.nodes, n)
	return len(o.nodes) - 1
}

func cellName(key string, field int, value string) string {
	return fmt.Sprint(key, " ", field, " ", canon(value))
}

// canon is a value as the lying apps may give it back.
func canon(v string) string { return strings.ToUpper(strings.TrimSpace(v)) }

func (o *oracle) addCell(key string, field int, value string, parents ...int) cell {
	id := o.add(canon(value), parents...)
	name := cellName(key, field, value)
	o.byValue[name] = append(o.byValue[name], id)
	return cell{canon(value), id}
}

// userSaved notes a user's insert or edit; fields that are not in values stay.
func (o *oracle) userSaved(side int, key string, values map[int]string) {
	r := o.row(side, key)
	if !r.exists {
		before := o.seen[r.birth]
		r.exists, r.birth = true, o.add("exists", r.birth)
		for f := range r.cells {
			r.cells[f] = o.addCell(key, f, values[f], before[f])
		}
		return
	}
	for f, v := range values {
		r.cells[f] = o.addCell(key, f, v, r.cells[f].node)
	}
}

// userRemoved notes a user's delete.
func (o *oracle) userRemoved(side int, key string) {
	r := o.row(side, key)
	id := o.add("gone", r.birth)
	o.seen[id] = [simFields]int{r.cells[0].node, r.cells[1].node}
	*r = shadow{birth: id}
	o.graves[side][key] = append(o.graves[side][key], id)
	if other := o.row(1-side, key); !other.exists && other.birth != 0 { // gone on both sides: one fact
		r.birth = o.add("gone", id, other.birth)
		var both [simFields]int
		for f := range both {
			both[f] = o.add("", o.seen[id][f], o.seen[other.birth][f])
		}
		o.seen[r.birth] = both
		other.birth = r.birth
	}
}

func (o *oracle) ancestors(i int, in map[int]bool) map[int]bool {
	if !in[i] {
		in[i] = true
		if i != 0 {
			o.ancestors(o.nodes[i].parents[0], in)
			o.ancestors(o.nodes[i].parents[1], in)
		}
	}
	return in
}

// benign reports whether replacing edit i by edit j loses nothing that a user
// did: j was made in sight of i, or i changed nothing on balance.
func (o *oracle) benign(i, j int) bool {
	if i == j || i == 0 || o.nodes[i].value == o.nodes[j].value {
		return true
	}
	of := o.ancestors(j, map[int]bool{})
	if of[i] {
		return true
	}
	up := o.ancestors(i, map[int]bool{})
	common := 0
	for x := range up {
		if of[x] && x > common {
			common = x
		}
	}
	if o.nodes[i].value == o.nodes[common].value {
		return true
	}
	for p := range up {
		if p != 0 && p != i && o.nodes[p].value == o.nodes[i].value && of[p] {
			return true
		}
	}
	return false
}

// engineWrote judges a write of the engine to a side. after is nil for a delete.
func (o *oracle) engineWrote(side int, key string, after map[int]string) {
	r, other := o.row(side, key), o.row(1-side, key)
	switch {
	case after == nil && r.exists:
		o.engineDeleted(side, key, r, other)
	case after != nil && !r.exists:
		birth := other.birth
		if o.linked[key] && !o.benign(r.birth, birth) {
			o.claim(key, "", fmt.Sprintf("deletion of %s on side %d undone", key, side))
		}
		o.linked[key] = true
		*r = shadow{exists: true, birth: birth}
		for f, v := range after {
			r.cells[f] = o.source(side, key, f, v, 0)
		}
	case after != nil:
		if other.exists && r.birth != other.birth { // what is written from one to the other is one record from now on
			r.birth = o.add("exists", r.birth, other.birth)
			other.birth = r.birth
		}
		for f, v := range after {
			if canon(v) == r.cells[f].value {
				continue
			}
			next := o.source(side, key, f, v, r.cells[f].node)
			if !o.benign(r.cells[f].node, next.node) {
				o.claim(key, r.cells[f].value, fmt.Sprintf("field %d of %s on side %d: %q overwritten with %q", f, key, side, r.cells[f].value, v))
			}
			r.cells[f] = next
		}
	}
}

func (o *oracle) engineDeleted(side int, key string, r, other *shadow) {
	grave := other.birth
	if other.exists { // it was deleted there and created again meanwhile
		if g := o.graves[1-side][key]; len(g) > 0 {
			grave = g[len(g)-1]
		}
	}
	seen := o.seen[grave]
	ok := o.benign(r.birth, grave)
	for f := range r.cells {
		ok = ok && o.benign(r.cells[f].node, seen[f])
	}
	if !ok {
		o.claim(key, r.cells[0].value, fmt.Sprintf("record %s on side %d deleted unseen", key, side))
	}
	*r = shadow{birth: grave}
}

// source finds the edit that a value written by the engine came from: of
// several edits to the same value the one that excuses most.
func (o *oracle) source(side int, key string, f int, v string, over int) cell {
	from := o.row(1-side, key)
	ids := o.byValue[cellName(key, f, v)]
	if from.exists && from.cells[f].value == canon(v) {
		return from.cells[f]
	}
	of := o.ancestors(from.cells[f].node, map[int]bool{})
	if !from.exists {
		of = o.ancestors(o.seen[from.birth][f], of)
	}
	for _, read := range []func(id int) bool{func(id int) bool { return of[id] }, func(id int) bool { return o.benign(over, id) }} {
		for _, id := range slices.Backward(ids) { // an older value of the other side, read before it changed
			if read(id) {
				return cell{canon(v), id}
			}
		}
	}
	if len(ids) == 0 {
		o.claim(key, "\x00", fmt.Sprintf("value %q of field %d of %s was never written by anybody", v, f, key))
		return cell{canon(v), 0}
	}
	return cell{canon(v), ids[len(ids)-1]}
}

func (o *oracle) claim(key, value, text string) { o.claims = append(o.claims, claim{key, value, text}) }

// joined notes that the engine has linked two records that are equal: whoever
// edits one of them from now on has seen both.
func (o *oracle) joined(key string) {
	a, b := o.row(0, key), o.row(1, key)
	if !a.exists || !b.exists {
		return
	}
	o.linked[key] = true
	if a.birth != b.birth {
		a.birth = o.add("exists", a.birth, b.birth)
		b.birth = a.birth
	}
	for f := range a.cells {
		if a.cells[f].value == b.cells[f].value && a.cells[f].node != b.cells[f].node {
			a.cells[f] = o.addCell(key, f, a.cells[f].value, a.cells[f].node, b.cells[f].node)
			b.cells[f] = a.cells[f]
		}
	}
}

// silent lists the claims that no conflict answers. images are the JSON images
// of all conflicts, by key.
func (o *oracle) silent(images map[string][]string) []string {
	var out []string
	for _, c := range o.claims {
		kept := slices.ContainsFunc(images[c.key], func(image string) bool {
			if c.value == "" {
				return image == ""
			}
			return strings.Contains(strings.ToUpper(image), `"`+c.value)
		})
		if !kept {
			out = append(out, c.text)
		}
	}
	return out
}
