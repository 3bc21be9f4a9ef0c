package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/models"
)

// fields resolves each field mapping and checks it alone.
func (v *validation) fields() {
	for at, f := range v.def.Fields {
		v.mapped = append(v.mapped, mapped{FieldMapping: f})
		v.field(at)
	}
}

// fieldFinding adds a finding about one side of a field mapping.
func (v *validation) fieldFinding(s Severity, code string, at, side int, message, mend string) {
	v.add(Finding{Code: code, Severity: s, Side: models.Sides[side], Field: v.mapped[at].path(side), At: at, Message: message, Mend: mend})
}

func (v *validation) field(at int) {
	m := &v.mapped[at]
	unknown := false
	for i := range models.Sides {
		path := m.path(i)
		if path == "" {
			continue
		}
		var err error
		if m.own[i], m.end[i], err = v.schemas[i].Resolve(v.entity[i].Name, path); err != nil {
			unknown = true
			v.fieldFinding(Blocking, "field-unknown", at, i, v.entity[i].Name+" has no field "+path, "Choose Refresh tables, map another field, or delete this mapping")
		}
	}
	if unknown {
		return
	}
	if !slices.Contains([]models.Direction{models.Both, models.LeftToRight, models.RightToLeft}, m.Direction) {
		v.fieldFinding(Blocking, "direction-unknown", at, 0, fmt.Sprintf("there is no direction %q", m.Direction), "Choose both ways, or one of the two")
		return
	}
	if m.Left == "" || m.Right == "" {
		v.alone(at)
	}
	for to := range models.Sides {
		if m.flows(to) {
			v.target(at, to)
		}
	}
	for to := range models.Sides {
		if len(v.found) == 0 || v.found[len(v.found)-1].At != at { // one finding leads to the others
			v.transforms(at, to)
		}
	}
	v.values(at)
}

// alone checks a mapping with a field on one side only.
func (v *validation) alone(at int) {
	m := &v.mapped[at]
	to := 0
	if m.Left == "" {
		to = 1
	}
	path := m.path(to)
	switch {
	case path == "":
		v.add(Finding{Code: "no-field", Severity: Blocking, At: at, Message: "a mapping names no field on either side", Mend: "Choose the fields, or delete this mapping"})
	case !m.flows(to):
		v.fieldFinding(Blocking, "no-way", at, to, path+" has no field on the other side, and its direction leads there", "Turn the direction, or choose a field of the other side")
	case len(m.Transforms) == 0 || m.Transforms[0].Type != models.Default:
		v.fieldFinding(Blocking, "no-source", at, to, path+" has no field on the other side and no default, so nothing is ever written to it", "Give it a default, or choose a field of the other side")
	}
}

// target checks that a side's field can be written from the other's.
func (v *validation) target(at, to int) {
	m := &v.mapped[at]
	own, end, from := m.own[to], m.end[to], m.end[1-to]
	path := m.path(to)
	if own.ReadOnly {
		v.fieldFinding(Blocking, "read-only-target", at, to, path+" is read-only in the "+string(models.Sides[to])+" app", "Copy it from there only, or delete this mapping")
		return
	}
	if len(own.Targets) > 0 && !m.through(to) {
		v.fieldFinding(Blocking, "lookup-open", at, to, path+" looks up "+parentWords(own)+", and the mapping does not say by which field the record is found",
			"Map a key field of each instead, as in "+path+"."+connectors.WriteBranches([]connectors.Branch{{Entity: own.Targets[0], Path: "…"}, {Entity: own.Targets[1], Path: "…"}}))
		return
	}
	if end.Lookup != "" && !m.through(to) && from != nil {
		v.fieldFinding(Advice, "lookup-native", at, to, path+" looks up "+end.Lookup+" and is mapped by that record's native id, which the other app does not know",
			"Map a key field of "+end.Lookup+" instead: "+path+".…")
	}
	if required(own) && from != nil && !required(m.own[1-to]) {
		if _, ok := m.has(models.Default); !ok {
			v.fieldFinding(Advice, "required-may-be-empty", at, to, path+" is required, but "+m.path(1-to)+" may be empty", "Add a default for records that have no value")
		}
	}
}

// required reports whether a create must give a field a value.
func required(f *connectors.Field) bool { return f.Required && !f.HasDefault && !f.ReadOnly }

// values checks whether values fit the other side, where no value map and no
// expression decides what they become.
func (v *validation) values(at int) {
	m := &v.mapped[at]
	_, mapped := m.has(models.ValueMap)
	if _, calculated := m.has(models.Expression); mapped || calculated || m.end[0] == nil || m.end[1] == nil {
		return
	}
	for to := range models.Sides {
		if !m.flows(to) {
			continue
		}
		from, end := m.end[1-to], m.end[to]
		switch how := conversion(from.Type, end.Type); {
		case how == never:
			v.fieldFinding(Blocking, "type-mismatch", at, to, fmt.Sprintf("%s is a %s, which never becomes a %s", m.path(1-to), from.Type, end.Type),
				"Map fields of the same kind, or add a value map")
		case how == sometimes:
			v.fieldFinding(Advice, "type-lossy", at, to, fmt.Sprintf("%s is a %s, and not each one can be kept in %s, a %s", m.path(1-to), from.Type, m.path(to), end.Type),
				"Records with a value that does not fit become errors; map fields of the same kind to avoid them")
		default:
			v.size(at, to)
		}
	}
}

// size compares the limits of two fields of like types.
func (v *validation) size(at, to int) {
	m := &v.mapped[at]
	from, end := m.end[1-to], m.end[to]
	switch {
	case end.Type == connectors.Text:
		v.length(at, to)
	case end.Type == connectors.DateTime && from.Type == connectors.DateTime && from.Scale > end.Scale:
		v.fieldFinding(Advice, "time-precision", at, to, fmt.Sprintf("%s keeps %d digits of a second, %s only %d", m.path(1-to), from.Scale, m.path(to), end.Scale),
			"What is finer is cut off there, and stays where it is kept; a key should not depend on it")
	case end.Type == connectors.Decimal && from.Type == connectors.Decimal && end.Digits > 0:
		if from.Digits == 0 || from.Scale > end.Scale || from.Digits-from.Scale > end.Digits-end.Scale {
			v.fieldFinding(Advice, "precision", at, to, fmt.Sprintf("%s holds %s, %s only %s", m.path(1-to), digitsWords(from), m.path(to), digitsWords(end)),
				"Numbers that do not fit become errors; make the field wider in the app to avoid them")
		}
	}
}

// length compares the most characters that come with those that a text field holds.
func (v *validation) length(at, to int) {
	m := &v.mapped[at]
	from, end := m.end[1-to], m.end[to]
	longest := from.Length
	switch t, truncated := m.has(models.Truncate); {
	case end.Length == 0:
		return
	case from.Type != connectors.Text:
		if longest = widest(from.Type); longest == 0 {
			return
		}
	case truncated && to == 1 && t.Length < 1:
		return // told where the transform is checked
	case truncated && to == 1 && (longest == 0 || t.Length < longest):
		longest = t.Length
	}
	if longest == 0 || longest > end.Length {
		v.fieldFinding(Advice, "length", at, to, fmt.Sprintf("%s holds %s, %s only %d", m.path(1-to), lengthWords(longest), m.path(to), end.Length),
			lengthMend(to, end.Length))
	}
}

// widest is how many characters values of a type have as text, 0 where that
// depends on the value.
func widest(t connectors.Type) int {
	switch t {
	case connectors.GUID:
		return len("00000000-0000-0000-0000-000000000000")
	case connectors.Date:
		return len("2006-01-02")
	case connectors.DateTime:
		return len("2006-01-02T15:04:05Z")
	default:
		return 0
	}
}

func lengthWords(n int) string {
	if n == 0 {
		return "texts of any length"
	}
	return fmt.Sprintf("up to %d characters", n)
}

// lengthMend says what helps: only what goes to the right is truncated.
func lengthMend(to, length int) string {
	if to == 1 {
		return fmt.Sprintf("Truncate to %d characters, or make the field longer in the app", length)
	}
	return "Longer texts become errors; make the field longer in the app to avoid them"
}

func digitsWords(f *connectors.Field) string {
	if f.Digits == 0 {
		return "any number"
	}
	return fmt.Sprintf("%d digits, %d of them after the point", f.Digits, f.Scale)
}

// fit says whether values of one type can be kept as another.
type fit uint8

const (
	always fit = iota
	sometimes
	never
)

// conversion follows recast: what it never refuses is always possible.
func conversion(from, to connectors.Type) fit {
	number := func(t connectors.Type) bool {
		return t == connectors.Int || t == connectors.Decimal || t == connectors.Float
	}
	day := func(t connectors.Type) bool { return t == connectors.Date || t == connectors.DateTime }
	switch {
	case from == to, to == connectors.Text, from == connectors.Int && to == connectors.Decimal, from == connectors.Date && to == connectors.DateTime,
		from == connectors.Bool && number(to):
		return always
	case from == connectors.Text && to != connectors.Bytes, number(from) && number(to), day(from) && day(to), number(from) && to == connectors.Bool,
		from == connectors.Text && to == connectors.Bytes:
		return sometimes
	default:
		return never
	}
}

// required finds fields that every new record of a side needs and none gives.
// Where nothing but the key flows there, few records are meant to be created, and
// it is only advice.
func (v *validation) required(side int) {
	company, _ := connectors.CutPath(v.def.Endpoint(models.Sides[side]).Company)
	given := map[string]bool{company: true}
	severity := Advice
	for i := range v.mapped {
		if m := &v.mapped[i]; m.flows(side) {
			given[m.own[side].Name] = true
			if !isKeyPair(v.def, m.FieldMapping) {
				severity = Blocking
			}
		}
	}
	for i := range v.entity[side].Fields {
		f := &v.entity[side].Fields[i]
		if !required(f) || given[f.Name] {
			continue
		}
		v.add(Finding{Code: "required-unmapped", Severity: severity, Side: models.Sides[side], Field: f.Name, At: -1,
			Message: v.entity[side].Name + " requires " + f.Name + cmp.Or(labelled(f), "") + ", and nothing is mapped to it",
			Mend:    "Map a field of the other side to it, or give it a default"})
	}
}

// labelled is a field's label in brackets, where it says more than the name.
func labelled(f *connectors.Field) string {
	if f.Label == "" || strings.EqualFold(f.Label, f.Name) {
		return ""
	}
	return " (" + f.Label + ")"
}
