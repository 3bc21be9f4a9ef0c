package engine

import (
	"fmt"

	"dualwrite/connectors"
)

// populate gives both apps records before the first Run: on one side, equal, different.
func (s *sim) populate() {
	if s.kind == moving {
		s.populateMoving()
		return
	}
	if s.r.IntN(8) == 0 { // one side has nothing yet
		side := s.r.IntN(2)
		for _, key := range s.keys {
			s.userSave(side, key)
		}
		return
	}
	for _, key := range s.keys {
		switch s.r.IntN(5) {
		case 0:
			s.userSave(s.r.IntN(2), key)
		case 1:
			s.userSave(0, key)
			s.userSave(1, key)
		case 2:
			s.userSave(0, key)
			r := s.oracle.row(0, key)
			s.insert(1, key, map[int]string{0: r.cells[0].value, 1: r.cells[1].value})
			*s.oracle.row(1, key) = *r // one fact, however it came to both
		}
	}
}

func (s *sim) recordID(side int, key string) string {
	for _, id := range s.apps[side].IDs("item") {
		if v, _ := s.apps[side].Read("item", id); v["code"].Text() == key {
			return id
		}
	}
	return ""
}

var fieldNames = [simFields]string{"a", "b"}

func texts(values map[int]string) map[string]connectors.Value {
	out := map[string]connectors.Value{}
	for f, v := range values {
		out[fieldNames[f]] = connectors.TextValue(v)
	}
	return out
}

func (s *sim) insert(side int, key string, values map[int]string) {
	set := texts(values)
	set["code"] = connectors.TextValue(key)
	if _, err := s.apps[side].Insert("item", set); err != nil {
		panic(err)
	}
	s.oracle.userSaved(side, key, values)
	s.note("user %d inserts %s %v", side, key, values)
}

func (s *sim) fresh() string {
	s.serial++
	if s.r.IntN(6) == 0 {
		return fmt.Sprintf("V%d ", s.serial) // some apps trim
	}
	return fmt.Sprintf("V%d", s.serial)
}

// userSave inserts a record or edits one field of it: to something new, to the
// same again, or back to what it was.
func (s *sim) userSave(side int, key string) {
	id := s.recordID(side, key)
	if id == "" {
		s.insert(side, key, map[int]string{0: s.fresh(), 1: s.fresh()})
		return
	}
	f, r := s.r.IntN(simFields), s.oracle.row(side, key)
	v := s.fresh()
	switch q := s.r.IntN(10); {
	case q == 0:
		v = r.cells[f].value
	case q < 3:
		for n := r.cells[f].node; n != 0; {
			if n = s.oracle.nodes[n].parents[0]; n != 0 {
				v = s.oracle.nodes[n].value
			}
			if s.r.IntN(2) == 0 {
				break
			}
		}
	}
	if s.r.IntN(8) == 0 && side == 0 { // the source of the one-way field
		c := s.fresh()
		if err := s.apps[side].Edit("item", id, map[string]connectors.Value{"c": connectors.TextValue(c)}); err != nil {
			panic(err)
		}
		s.note("user %d edits %s field c to %q", side, key, c)
	}
	if err := s.apps[side].Edit("item", id, texts(map[int]string{f: v})); err != nil {
		panic(err)
	}
	s.oracle.userSaved(side, key, map[int]string{f: v})
	s.note("user %d edits %s field %d to %q", side, key, f, v)
}

func (s *sim) userOp() {
	if s.kind == moving {
		s.moveOp()
		return
	}
	side, key := s.r.IntN(2), s.keys[s.r.IntN(len(s.keys))]
	if id := s.recordID(side, key); id != "" && s.r.IntN(5) == 0 {
		if err := s.apps[side].Remove("item", id); err != nil {
			panic(err)
		}
		s.oracle.userRemoved(side, key)
		s.note("user %d removes %s", side, key)
		return
	}
	s.userSave(side, key)
}
