package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors/practice"
	"dualwrite/engine"
	"dualwrite/models"
)

// TestRunBringsBothSidesInStep follows a newcomer: contacts with all they need
// first, then everything else, then the mending of what could not be copied.
func TestRunBringsBothSidesInStep(t *testing.T) {
	s := freshSite(t)
	needs := []string{companiesMap, currencyMap, daysMap, scheduleMap, termsMap, groupsMap}

	t.Run("the plan lists prerequisites first", func(t *testing.T) {
		s.at(t)
		steps := s.plan(contactsMap).Steps
		checkOrder(t, steps)
		var names []string
		for _, step := range steps[:len(steps)-1] {
			names = append(names, step.Map.Name)
		}
		if last := steps[len(steps)-1]; last.Map.Name != contactsMap || !last.Chosen {
			t.Errorf("the map that was asked for is not the last but %s", last.Map.Name)
		}
		if slices.Sort(names); !slices.Equal(names, sorted(needs)) {
			t.Errorf("contacts need %v, want %v", names, needs)
		}
	})
	t.Run("contacts end with exactly the planted errors", func(t *testing.T) {
		s.at(t)
		s.run(contactsMap)
		s.filled(contactsMap)
		s.quiet()
		for _, name := range needs {
			s.is(name, models.Running)
			s.hasErrors(name)
		}
		s.is(contactsMap, models.Initializing)
		s.hasErrors(contactsMap, planted(contactsMap)...)
		s.differsOnly(planted(contactsMap), append(needs, contactsMap)...)
		s.ranInOrder(append(needs, contactsMap))
	})
	t.Run("records without an error are live meanwhile", func(t *testing.T) {
		s.at(t)
		s.left.exec("UPDATE CustomersV3 SET SALESMEMO = 'prefers letters' WHERE CUSTOMERACCOUNT = 'US0701'")
		s.await("the memo is on the right", func() bool { return s.right.text(contactField("description"), "US0701") == "prefers letters" })
		s.is(contactsMap, models.Initializing)
	})
	t.Run("a map without an alternate key is refused with the fields named", func(t *testing.T) {
		s.at(t)
		steps := s.plan(dayLinesMap).Steps
		refusal := steps[len(steps)-1].Refusal
		err := s.engine.Run(context.Background(), who, []engine.RunStep{
			{MapID: s.id(methodsMap), InitialSync: true, Master: models.Right}, {MapID: s.id(dayLinesMap), InitialSync: true, Master: models.Right}})
		for _, text := range []string{refusal, models.MessageOf(err)} {
			for _, field := range []string{dayLinesMap, "msdyn_paymentday.msdyn_name", "msdyn_linenumber", "msdyn_company"} {
				if !strings.Contains(text, field) {
					t.Errorf("the refusal %q does not name %s", text, field)
				}
			}
		}
		if models.KindOf(err) != models.Invalid {
			t.Errorf("running it fails with %v", err)
		}
		s.is(dayLinesMap, models.NotRunning)
		s.is(methodsMap, models.NotRunning)
	})
	t.Run("the rest follows, maps that need each other in one go", func(t *testing.T) {
		s.at(t)
		p := s.plan(accountsMap)
		checkOrder(t, p.Steps)
		if len(p.Cycles) != 1 || !slices.Equal(sorted(p.Cycles[0]), sorted([]string{accountsMap, personsMap})) {
			t.Errorf("the cycles are %v", p.Cycles)
		}
		s.run(accountsMap, scheduleLinesMap)
		s.filled(runnable()...)
		s.quiet()
		s.hasErrors(accountsMap, planted(accountsMap)...)
		s.differsOnly(append(planted(contactsMap), planted(accountsMap)...), runnable()...)
		for _, name := range []string{vendorsMap, personsMap, methodsMap, scheduleLinesMap} {
			s.is(name, models.Running)
			s.hasErrors(name)
		}
	})
	t.Run("self and circular references are set", func(t *testing.T) { s.at(t).checkReferences() })
	t.Run("skipping the initial sync keeps the errors as catch-up errors", func(t *testing.T) {
		s.at(t)
		s.check(s.engine.SkipInitialSync(context.Background(), who, s.ids(accountsMap)))
		s.is(accountsMap, models.Running)
		s.hasErrors(accountsMap, planted(accountsMap)...)
		for _, e := range s.openErrors(accountsMap) {
			if e.Stage != models.StageCatchUp {
				t.Errorf("%s is an error of the stage %s", e.RecordKey, e.Stage)
			}
		}
	})
	t.Run("mended records clear their errors", func(t *testing.T) { s.at(t).mendAll() })
}

// at lets a subtest use the site; what fails is then its own.
func (s *site) at(t *testing.T) *site {
	s.t, s.left.t, s.right.t = t, t, t
	return s
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// checkOrder fails unless every step comes after those it needs, but for the
// two maps that need each other.
func checkOrder(t *testing.T, steps []engine.Step) {
	t.Helper()
	seen := map[string]bool{}
	for _, step := range steps {
		for _, n := range step.Needs {
			if cycle := step.Map.Name == personsMap && n == accountsMap; !seen[n] && !cycle {
				t.Errorf("%s comes before %s, which it needs", step.Map.Name, n)
			}
		}
		seen[step.Map.Name] = true
	}
}

// ranInOrder fails unless each map began when those it needs had ended.
func (s *site) ranInOrder(names []string) {
	s.t.Helper()
	runs := map[string][]models.Execution{}
	for _, n := range names {
		all, err := s.store.ExecutionsOf(context.Background(), s.id(n), 10)
		s.check(err)
		runs[n] = all
	}
	for _, step := range s.plan(contactsMap).Steps {
		for _, n := range step.Needs {
			for _, before := range runs[n] {
				for _, after := range runs[step.Map.Name] {
					if before.FinishedAt == nil || after.StartedAt == nil || after.StartedAt.Before(*before.FinishedAt) {
						s.t.Errorf("%s began before %s was done", step.Map.Name, n)
					}
				}
			}
		}
	}
}

// planted lists what the practice environment holds of records of a map that
// cannot be copied.
func planted(mapName string) []practice.Plant {
	var out []practice.Plant
	for _, p := range practice.Planted() {
		if p.Map == mapName && p.Kind.Bad() {
			out = append(out, p)
		}
	}
	return out
}

// fault is how a planted record fails.
type fault struct{ side, kind, field, message string }

func faultOf(p practice.Plant) fault {
	text := map[string]string{accountsMap: "name", contactsMap: "jobtitle"}
	return map[practice.Kind]fault{
		practice.TooLong:       {"right", "too large", text[p.Map], "characters"},
		practice.MissingParent: {"right", "missing parent", "msdyn_customergroupid.msdyn_groupid", "GHOST"},
		practice.DuplicateKey:  {"left", "duplicate key", "CUSTOMERACCOUNT", `"us0923`},
	}[p.Kind]
}

// hasErrors fails unless the open errors of a map are those of the given
// records, each with its field, its cause and what both sides hold.
func (s *site) hasErrors(mapName string, want ...practice.Plant) {
	s.t.Helper()
	open := s.openErrors(mapName)
	if t := s.summary(mapName).Tally; int(t.OpenErrors) != len(open) || len(open) != len(want) {
		s.t.Errorf("%s has %d open errors and counts %d, want %d", mapName, len(open), t.OpenErrors, len(want))
	}
	for _, p := range want {
		i := slices.IndexFunc(open, func(e models.RecordError) bool { return e.RecordKey == p.Key+" · "+p.Company })
		if i < 0 {
			s.t.Errorf("%s has no error for %s, which is bad: %s", mapName, p.Key, p.Note)
			continue
		}
		e, f := open[i], faultOf(p)
		if string(e.Side) != f.side || e.Kind != f.kind || e.Field != f.field || !strings.Contains(e.Message, f.message) {
			s.t.Errorf("the error of %s says %s, %s, %s: %s", p.Key, e.Side, e.Kind, e.Field, e.Message)
		}
		s.held(e.LeftImage, "CUSTOMERACCOUNT", p.Key)
		if e.RightImage != "" {
			s.t.Errorf("%s is not on the right, but has the image %s", p.Key, e.RightImage)
		}
	}
}

// differsOnly fails unless both sides agree on all but the given records.
func (s *site) differsOnly(want []practice.Plant, names ...string) {
	s.t.Helper()
	var keys, wantKeys []string
	for _, p := range want {
		wantKeys = append(wantKeys, p.Map+" "+p.Key)
	}
	for _, d := range s.differences(names...) {
		if keys = append(keys, d.Map+" "+d.Key); !slices.Contains(wantKeys, d.Map+" "+d.Key) {
			s.t.Errorf("not in step: %v", d)
		}
	}
	if slices.Sort(keys); !slices.Equal(keys, sorted(wantKeys)) {
		s.t.Errorf("different are %v, want %v", keys, wantKeys)
	}
}

// held fails unless an image of a record holds a value, "" for no record.
func (s *site) held(image, field, want string) {
	s.t.Helper()
	if image == "" && want == "" {
		return
	}
	var values map[string]*string
	if err := json.Unmarshal([]byte(image), &values); err != nil || values[field] == nil || *values[field] != want {
		s.t.Errorf("the image does not hold %s %q: %s", field, want, image)
	}
}
