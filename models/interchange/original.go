package interchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"dualwrite/models"
)

// MostBytes is the largest file that is read.
const MostBytes = 32 << 20

// ReadOriginal reads entity maps of the original product: rows of the table
// msdyn_dualwriteentitymap as JSON, alone, in a list, or as the service answers
// them, or the mapping of one map by itself. The maps have no key: the original
// keeps keys elsewhere. Names are as the file spells them. Fails with kind
// models.Invalid where nothing can be read; what cannot be read of a map, or is
// not known, becomes a note.
func ReadOriginal(text []byte) (*Import, error) {
	if len(text) > MostBytes {
		return nil, models.Errorf(models.Invalid, "the file is larger than %d MB; export fewer maps at once", MostBytes>>20)
	}
	rows, err := rowsOf(text)
	if err != nil {
		return nil, err
	}
	im := &Import{}
	im.rows(rows)
	return im, nil
}

// object is a JSON object with its members in the order of the file.
type object []member

type member struct {
	name  string
	value json.RawMessage
}

// UnmarshalJSON keeps the order, which Go's own maps do not.
func (o *object) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("an object in braces was expected")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		m := member{name: fmt.Sprint(name)}
		if err := d.Decode(&m.value); err != nil {
			return err
		}
		*o = append(*o, m)
	}
	return nil
}

// get finds a member, whatever the case of its name.
func (o object) get(names ...string) (json.RawMessage, bool) {
	for _, m := range o {
		for _, name := range names {
			if strings.EqualFold(m.name, name) {
				return m.value, true
			}
		}
	}
	return nil, false
}

// text is a member as text: numbers and truth values by their spelling, "" for
// null and for what is not there.
func (o object) text(names ...string) string {
	raw, _ := o.get(names...)
	s, _ := textOf(raw)
	return s
}

// textOf reads a text, a number or a truth value; ok is false for anything else.
func textOf(raw json.RawMessage) (s string, ok bool) {
	if json.Unmarshal(raw, &s) == nil {
		return s, string(raw) != "null"
	}
	word := string(bytes.TrimSpace(raw))
	if _, err := strconv.ParseFloat(word, 64); err == nil || word == "true" || word == "false" {
		return word, true
	}
	return "", false
}

// unknown lists the members that are none of the known ones.
func (o object) unknown(known ...string) []string {
	var out []string
	for _, m := range o {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, m.name) }) {
			out = append(out, m.name)
		}
	}
	return out
}

// rowsOf finds the rows in whatever they are wrapped in.
func rowsOf(text []byte) ([]object, error) {
	text = bytes.TrimPrefix(bytes.TrimSpace(text), []byte("\ufeff"))
	if len(text) == 0 {
		return nil, models.Errorf(models.Invalid, "the file is empty")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	var whole json.RawMessage
	if err := d.Decode(&whole); err != nil {
		return nil, brokenJSON(text, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, models.Errorf(models.Invalid, "the file goes on after its JSON ends, at line %d", lineAt(text, d.InputOffset()))
	}
	var rows []object
	if json.Unmarshal(whole, &rows) == nil {
		return rows, nil
	}
	var one object
	if err := json.Unmarshal(whole, &one); err != nil {
		return nil, models.Errorf(models.Invalid, "the file holds no rows of entity maps: a list, or an object with value, msdyn_mapping or legs, was expected")
	}
	if value, ok := one.get("value"); ok {
		if err := json.Unmarshal(value, &rows); err != nil {
			return nil, models.Errorf(models.Invalid, "the file's value is not a list of rows")
		}
		return rows, nil
	}
	if _, ok := one.get("legs"); ok {
		return []object{{{name: "msdyn_mapping", value: whole}}}, nil
	}
	return []object{one}, nil
}

func brokenJSON(text []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return models.Errorf(models.Invalid, "the file is not JSON: line %d: %s", lineAt(text, syntax.Offset), syntax.Error())
	}
	return models.Errorf(models.Invalid, "the file is not JSON: it ends too early")
}

func lineAt(text []byte, offset int64) int {
	return bytes.Count(text[:min(int(offset), len(text))], []byte("\n")) + 1
}

// rows reads each row, the newest version of each map.
func (im *Import) rows(rows []object) {
	at := map[string]int{} // by the map's own name in the original
	for i, row := range rows {
		m, identity, ok := im.row(i, row)
		if !ok {
			continue
		}
		if old, known := at[identity]; known {
			kept, older := &im.Maps[old], m
			if newer(m.Version, kept.Version) {
				*kept, older = m, *kept
			}
			im.note(LeftOut, kept.Name, "version "+older.Version, "it is an older version of the same map")
			continue
		}
		at[identity] = len(im.Maps)
		im.Maps = append(im.Maps, m)
	}
	im.distinguish(at)
}

// distinguish gives twins, maps between the same entities, names of their own.
func (im *Import) distinguish(at map[string]int) {
	count := map[string]int{}
	for _, m := range im.Maps {
		count[m.Name]++
	}
	identities := make([]string, len(im.Maps))
	for identity, i := range at {
		identities[i] = identity
	}
	for i := range im.Maps {
		if m := &im.Maps[i]; count[m.Name] > 1 {
			name := m.Name + " " + identities[i]
			im.note(Changed, name, "", "%d maps of the file are between the same entities; this one is told apart by its own name", count[m.Name])
			m.Name = name
		}
	}
}

// newer compares versions such as 1.0.0.10 part by part, as numbers.
func newer(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		var m, n int
		if i < len(x) {
			m, _ = strconv.Atoi(x[i])
		}
		if i < len(y) {
			n, _ = strconv.Atoi(y[i])
		}
		if m != n {
			return m > n
		}
	}
	return false
}

// mappingOf is the mapping of a row, which stands there as a text that holds
// JSON, or as JSON.
func mappingOf(raw json.RawMessage) (object, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, err
	}
	return o, nil
}

// row reads one row; ok is false where no map came of it.
func (im *Import) row(i int, row object) (m models.Map, identity string, ok bool) {
	where := fmt.Sprintf("row %d", i+1)
	raw, has := row.get("msdyn_mapping", "mapping")
	identity = row.text("msdyn_displayname", "msdyn_name", "displayname", "name")
	if !has {
		im.note(LeftOut, identity, where, "it has no msdyn_mapping")
		return m, "", false
	}
	mapping, err := mappingOf(raw)
	if err != nil {
		im.note(LeftOut, identity, where, "its msdyn_mapping is not JSON: %v", err)
		return m, "", false
	}
	if identity == "" {
		if identity = mapping.text("name"); identity == "" {
			identity = where
		}
	}
	m.Description = row.text("msdyn_description", "description")
	m.Publisher = row.text("msdyn_publisher", "msdyn_author", "publisher", "author")
	m.Version = row.text("msdyn_version", "version")
	if m.Version == "" {
		m.Version = mapping.text("version")
	}
	if !im.mapping(&m, identity, mapping) {
		return m, "", false
	}
	im.leave(m.Name, "the row", row.unknown("msdyn_mapping", "mapping", "msdyn_displayname", "msdyn_name", "displayname", "name", "msdyn_description", "description",
		"msdyn_publisher", "msdyn_author", "publisher", "author", "msdyn_version", "version", "msdyn_dualwriteentitymapid", "solutionid", "ismanaged", "statecode", "statuscode",
		"createdon", "modifiedon", "componentstate", "overwritetime", "versionnumber", "msdyn_dualwriteentitymapidunique", "@odata.etag"))
	return m, identity, true
}

// leave notes members that nobody here knows.
func (im *Import) leave(name, where string, members []string) {
	if len(members) > 0 {
		im.note(LeftOut, name, where, "not known: %s", strings.Join(members, ", "))
	}
}
