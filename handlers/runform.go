package handlers

import (
	"net/url"
	"slices"
	"strconv"

	"dualwrite/engine"
	"dualwrite/models"
	"dualwrite/views"
	"dualwrite/web"
)

// runForm is what the Run dialog sends.
type runForm struct {
	chosen  []int64
	shown   bool // sent from the dialog: what is not ticked was unticked
	related bool
	order   []int64 // rows as they stood
	steps   map[int64]bool
	values  url.Values
	up      int64 // row to move, 0 for none
	down    int64
	confirm bool
}

// parseRunForm fails with kind Invalid when the fields name no rows.
func parseRunForm(v url.Values) (runForm, error) {
	f := runForm{shown: v.Has("shown"), confirm: v.Has("confirm"), values: v}
	f.related = v.Has("related") || !f.shown && v.Get("related") != "off"
	var steps, move []int64
	for _, field := range []struct {
		to   *[]int64
		from []string
	}{{&f.chosen, v["id"]}, {&f.order, v["order"]}, {&steps, v["step"]}, {&move, slices.Concat(v["up"], v["down"])}} {
		ids, err := web.IDs(field.from)
		if err != nil {
			return f, err
		}
		*field.to = ids
	}
	if len(f.chosen) == 0 {
		return f, models.Errorf(models.Invalid, "Choose at least one entity map in the list first.")
	}
	f.steps = set(steps)
	if len(move) > 0 {
		f.up, f.down = move[0], 0
		if v.Has("down") {
			f.up, f.down = 0, move[0]
		}
	}
	return f, nil
}

// asks reports whether the form only wants the dialog changed.
func (f runForm) asks() bool { return f.up != 0 || f.down != 0 || f.values.Has("refresh") }

// rows are the dialog's rows: the plan's, in the order that the person gave
// them, with what was ticked and typed. A row that the person has not seen yet
// starts ticked.
func (f runForm) rows(plan engine.Plan) []views.RunRow {
	var out []views.RunRow
	for _, s := range plan.Steps {
		if !s.Chosen && !f.related {
			continue
		}
		r := views.RunRow{Map: s.Map, Related: !s.Chosen, Needs: s.Needs, Refusal: s.Refusal, Master: s.Map.Master}
		seen := f.shown && slices.Contains(f.order, s.Map.ID)
		r.Ticked = r.Open() && (!seen || f.steps[s.Map.ID])
		field := strconv.FormatInt(s.Map.ID, 10)
		r.InitialSync = r.Open() && (!seen || f.values.Has("initial-"+field))
		if m := models.Side(f.values.Get("master-" + field)); m == models.Left || m == models.Right {
			r.Master = m
		}
		out = append(out, r)
	}
	f.arrange(out)
	return out
}

// arrange puts rows in the order of the form, if it names them all, and moves
// the one whose button was pressed.
func (f runForm) arrange(rows []views.RunRow) {
	place := map[int64]int{}
	for i, id := range f.order {
		place[id] = i
	}
	for _, r := range rows {
		if _, ok := place[r.Map.ID]; !ok {
			return // the plan's own order, prerequisites first
		}
	}
	slices.SortStableFunc(rows, func(a, b views.RunRow) int { return place[a.Map.ID] - place[b.Map.ID] })
	at := func(id int64) int {
		return slices.IndexFunc(rows, func(r views.RunRow) bool { return r.Map.ID == id })
	}
	if i := at(f.up); i > 0 {
		rows[i-1], rows[i] = rows[i], rows[i-1]
	}
	if i := at(f.down); i >= 0 && i < len(rows)-1 {
		rows[i], rows[i+1] = rows[i+1], rows[i]
	}
}

// check turns the ticked rows into steps. It fails with kind Conflict when a
// ticked map cannot be run any more, and Invalid when nothing is ticked.
func (f runForm) check(rows []views.RunRow) ([]engine.RunStep, error) {
	var out []engine.RunStep
	open := 0
	for _, r := range rows {
		if !f.steps[r.Map.ID] {
			continue
		}
		open++
		if !r.Ticked {
			return nil, models.Errorf(models.Conflict, "%s cannot be run any more; its row says why. Nothing was started.", r.Map.Name)
		}
		out = append(out, engine.RunStep{MapID: r.Map.ID, InitialSync: r.InitialSync, Master: r.Master})
	}
	switch {
	case open < len(f.steps):
		return nil, models.Errorf(models.Conflict, "The maps that belong together changed meanwhile. Look at the list again; nothing was started.")
	case len(out) == 0:
		return nil, models.Errorf(models.Invalid, "Tick at least one map.")
	}
	return out, nil
}

// missing names the maps that ticked ones need, that are not ticked and do not
// capture changes yet.
func missing(plan engine.Plan, rows []views.RunRow) []string {
	there := map[string]bool{}
	for _, s := range plan.Steps {
		there[s.Map.Name] = there[s.Map.Name] || s.Map.Status.Captures()
	}
	for _, r := range rows {
		there[r.Map.Name] = there[r.Map.Name] || r.Ticked
	}
	var out []string
	for _, r := range rows {
		for _, name := range r.Needs {
			if r.Ticked && !there[name] && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
