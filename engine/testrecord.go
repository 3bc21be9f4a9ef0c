package engine

import (
	"context"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// RecordTest is what a map would do with one record, without doing it.
type RecordTest struct {
	Key     string
	Found   bool   // there is such a record
	Several bool   // several hold the key: none of them would be picked
	InMap   bool   // it passes the filter, and its legal entity is synchronised
	Partner bool   // the other side has a record of that key
	Fault   string // why the record as a whole could not be written
	Fields  []FieldTest
}

// FieldTest is one field mapping of a tested record.
type FieldTest struct {
	Left, Right string // paths
	From        string // the value of the record
	Steps       []StepTest
	To          string // what the other side would get
	Now         string // what it holds, where there is a partner
	Same        bool   // it holds that already
	Fault       string // why the value cannot be carried over
}

// StepTest is a value after one transform.
type StepTest struct {
	Transform models.Transform
	Value     string
}

// TestRecord finds a record of one side by its key, the legal entity last, and
// tells value by value what the other side would get. It writes nothing. Fails
// with kind models.Invalid when the key has another number of values or the map
// does not fit its apps.
func (e *Engine) TestRecord(ctx context.Context, mapID int64, side models.Side, key []string) (RecordTest, error) {
	out := RecordTest{Key: strings.Join(key, " · ")}
	m, err := e.store.MapByID(ctx, mapID)
	if err != nil {
		return out, err
	}
	w, err := e.newReader(ctx, &m)
	if err != nil {
		return out, e.reach(side, err)
	}
	defer w.close()
	from := side.Index()
	if len(key) != len(w.m.key[from]) {
		return out, models.Errorf(models.Invalid, "the key has %d values", len(w.m.key[from]))
	}
	row, err := w.keyRow(from, key)
	if err != nil {
		return out, err
	}
	found, err := w.entities[from].Find(ctx, []connectors.Row{row})
	if err != nil {
		return out, e.reach(side, err)
	}
	out.Found, out.Several = len(found) > 0, len(found) > 1
	if len(found) != 1 {
		return out, nil
	}
	return out, w.test(ctx, &out, from, found[0].Row)
}

// keyRow reads a key as a person types it.
func (w *worker) keyRow(side int, key []string) (connectors.Row, error) {
	row := make(connectors.Row, len(key))
	for i, at := range w.m.key[side] {
		path := w.m.selection[side].Fields[at]
		_, field, err := w.schemas[side].Resolve(w.m.entity[side], path)
		if err != nil {
			return nil, models.Errorf(models.Invalid, "%s is not in the app any more", path)
		}
		v, ok := recast(connectors.TextValue(strings.TrimSpace(key[i])), field.Type)
		if !ok {
			return nil, models.Errorf(models.Invalid, "%q is no %s, as %s is", key[i], field.Type, path)
		}
		row[i] = v
	}
	return row, nil
}

// test carries one record over, step by step.
func (w *worker) test(ctx context.Context, out *RecordTest, from int, row connectors.Row) error {
	to := 1 - from
	out.InMap = w.m.inMap(from, row)
	var partner connectors.Row
	if key, fault := w.m.keyFor(from, row); fault != nil {
		out.Fault = fault.message
	} else {
		holders, err := w.entities[to].Find(ctx, []connectors.Row{key})
		if err != nil {
			return w.e.reach(models.Sides[to], err)
		}
		if out.Partner = len(holders) > 0; len(holders) > 1 {
			out.Fault = "several records of the other side hold this key, so none of them would be picked"
		}
		if len(holders) == 1 {
			partner = holders[0].Row
		}
	}
	for i := range w.m.fields {
		if f := &w.m.fields[i]; f.flows(to) {
			out.Fields = append(out.Fields, f.test(from, row, partner))
		}
	}
	return nil
}

// test carries one value over as project does, and keeps what it is after each
// step.
func (f *field) test(from int, row, partner connectors.Row) FieldTest {
	to := 1 - from
	out := FieldTest{Left: f.path[0], Right: f.path[1]}
	v := connectors.NullValue()
	if f.at[from] >= 0 {
		v = row[f.at[from]]
	}
	out.From = v.String()
	for i := range f.steps {
		s := &f.steps[i]
		if from == 1 {
			s = &f.steps[len(f.steps)-1-i]
		}
		var err *fault
		if v, err = s.apply(from, v, row, f.path[from]); err != nil {
			out.Fault = err.message
			return out
		}
		out.Steps = append(out.Steps, StepTest{s.Transform, v.String()})
	}
	result, err := f.project(from, row)
	if err != nil {
		out.Fault = err.message
		return out
	}
	out.To = result.String()
	if partner != nil {
		out.Now = partner[f.at[to]].String()
		out.Same = result == f.norm(to, partner[f.at[to]]) || result.IsEmpty() && partner[f.at[to]].IsEmpty()
	}
	return out
}
