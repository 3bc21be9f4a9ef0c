package sqlcore

import (
	"strconv"
	"strings"

	"dualwrite/connectors"
)

// Comparable converts a key to what its columns would read back; false when one
// of them could never hold it, so that nothing has that key.
func (p *Plan) Comparable(key connectors.Row) (connectors.Row, bool) {
	if len(key) != len(p.Sel.Key) {
		return nil, false
	}
	out := make(connectors.Row, len(key))
	for i, pos := range p.Sel.Key {
		v, refusal := p.Fields[pos].End().Convert(key[i])
		if refusal != nil {
			return nil, false
		}
		out[i] = p.Sel.Fold.Apply(v)
	}
	return out, true
}

// Indexed reports whether every key column compares at least as loosely as
// asked, so that an index on it finds all that must be found.
func (p *Plan) Indexed() bool {
	for _, pos := range p.Sel.Key {
		c := p.Fields[pos].End()
		if c.Type == connectors.Text && (p.Sel.Fold.Case && !c.Fold.Case || p.Sel.Fold.Space && !c.Fold.Space) {
			return false
		}
	}
	return true
}

// KeyCondition compares the alternate key with values that go by a name and
// their number, as Comparable gives them: by the columns themselves where an
// index may serve, and as the selection asks where the columns compare more
// loosely. With nulls, null equals null.
func (p *Plan) KeyCondition(value string, nulls bool) string {
	equal := func(a, b string) string { return a + " = " + b }
	if nulls {
		equal = p.D.Same
	}
	indexed := p.Indexed()
	var all []string
	for i, pos := range p.Sel.Key {
		c, v := p.Fields[pos].End(), value+strconv.Itoa(i)
		if (indexed || c.Type != connectors.Text) && !c.Opaque {
			all = append(all, equal(p.KeyEnds[i], p.D.Operand(c, v)))
		}
		if c.Type == connectors.Text && (!indexed || c.Opaque || c.Fold != p.Sel.Fold) {
			all = append(all, equal(p.D.Fold(c, p.KeyEnds[i], p.Sel.Fold), v))
		}
	}
	return strings.Join(all, " AND ")
}
