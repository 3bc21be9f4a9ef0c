package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dualwrite/engine"
	"dualwrite/models"
)

// TestWhatAMapWouldDoIsToldWithoutDoingIt asks for everything that can be known
// before a map runs, and then looks that nothing was written.
func TestWhatAMapWouldDoIsToldWithoutDoingIt(t *testing.T) {
	s := freshSite(t)
	ctx := context.Background()
	before := s.differences(contactsMap)

	t.Run("a filter passes some of all", func(t *testing.T) {
		for text, notation := range map[string]string{`(PARTYTYPE == "Person")`: "PARTYTYPE eq 'Person'", `PARTYTYPE eq 'Person'`: "PARTYTYPE eq 'Person'"} {
			p, err := s.engine.PreviewFilter(ctx, s.id(contactsMap), models.Left, text)
			if err != nil || !p.Exact || p.Pass == 0 || p.Pass >= p.All || len(p.First) == 0 || len(p.First) > 5 || p.OData != notation {
				t.Errorf("%s: %+v, %v", text, p, err)
			}
			for _, row := range p.First {
				if got := row[slices.Index(p.Fields, "PARTYTYPE")]; got != "Person" {
					t.Errorf("a record of type %s passes", got)
				}
			}
		}
		for text, says := range map[string]string{"PARTYTYPE ==": "cannot be read", "NOSUCH eq 1": "does not have", "PARTYTYPE eq 1": "text must stand in quotes"} {
			if _, err := s.engine.PreviewFilter(ctx, s.id(contactsMap), models.Left, text); models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), says) {
				t.Errorf("%s gives %v", text, err)
			}
		}
	})
	t.Run("a record is carried over transform by transform", func(t *testing.T) {
		got, err := s.engine.TestRecord(ctx, s.id(contactsMap), models.Left, []string{"us0701", "USMF"})
		if err != nil || !got.Found || got.Several || !got.InMap {
			t.Fatalf("%+v, %v", got, err)
		}
		gender := slices.IndexFunc(got.Fields, func(f engine.FieldTest) bool { return f.Left == "PERSONGENDER" })
		if f := got.Fields[gender]; len(f.Steps) != 1 || f.From == "" || f.To == "" || f.From == f.To || f.Fault != "" {
			t.Errorf("gender becomes %+v", f)
		}
		if constant := slices.IndexFunc(got.Fields, func(f engine.FieldTest) bool { return f.Right == "msdyn_sellable" }); got.Fields[constant].To != "true" {
			t.Errorf("the default becomes %+v", got.Fields[constant])
		}
		if none, err := s.engine.TestRecord(ctx, s.id(contactsMap), models.Left, []string{"NOBODY", "USMF"}); err != nil || none.Found {
			t.Errorf("nobody is found: %+v, %v", none, err)
		}
		if _, err := s.engine.TestRecord(ctx, s.id(contactsMap), models.Left, []string{"US0701"}); models.KindOf(err) != models.Invalid {
			t.Errorf("half a key gives %v", err)
		}
	})
	t.Run("an expression is shown on real records before it is saved", func(t *testing.T) {
		f := models.FieldMapping{Left: "PERSONFIRSTNAME", Right: "firstname", Direction: models.LeftToRight,
			Transforms: []models.Transform{{Type: models.Expression, Expression: "upper(value) & ' ' & PERSONLASTNAME"}}}
		got, err := s.engine.SampleField(ctx, s.id(contactsMap), f)
		if err != nil || len(got) != 5 {
			t.Fatalf("%+v, %v", got, err)
		}
		for _, r := range got {
			last := s.left.text("SELECT PERSONLASTNAME FROM CustomersV3 WHERE CUSTOMERACCOUNT || ' · ' || DATAAREAID = ?", r.Key)
			if want := strings.ToUpper(r.From) + " " + last; r.To != want || r.Fault != "" || len(r.Steps) != 1 {
				t.Errorf("%s becomes %+v, want %q", r.Key, r.FieldTest, want)
			}
		}
		f.Transforms[0].Expression = "value + 1"
		if got, err = s.engine.SampleField(ctx, s.id(contactsMap), f); err != nil || !strings.Contains(got[0].Fault, "is a text and no number") {
			t.Errorf("a sum of names becomes %+v, %v", got, err)
		}
		f.Transforms[0].Expression = "value +"
		if _, err = s.engine.SampleField(ctx, s.id(contactsMap), f); models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), "cannot be read: at character") {
			t.Errorf("half an expression gives %v", err)
		}
		f.Transforms[0].Expression, f.Direction = "value", models.Both
		if _, err = s.engine.SampleField(ctx, s.id(contactsMap), f); models.KindOf(err) != models.Invalid || !strings.Contains(models.MessageOf(err), "no way back") {
			t.Errorf("both ways it gives %v", err)
		}
	})
	t.Run("an initial write is counted before it is made", func(t *testing.T) {
		p, err := s.engine.PreviewInitial(ctx, s.id(contactsMap))
		if err != nil {
			t.Fatal(err)
		}
		if p.CreateRight == 0 || p.CreateLeft == 0 || p.Equal+p.Different == 0 || len(p.First) == 0 {
			t.Errorf("%+v", p)
		}
		if p.Invalid == 0 || !slices.ContainsFunc(p.First, func(r engine.Previewed) bool { return r.Kind == "invalid" && r.Key == "US0921 · USMF" }) {
			t.Errorf("the planted title that is too long is not told: %+v", p)
		}
		if !slices.ContainsFunc(p.First, func(r engine.Previewed) bool { return r.Kind == "duplicate" }) {
			t.Errorf("the planted duplicate is not told: %+v", p)
		}
	})
	t.Run("the fields of a lookup can be chosen", func(t *testing.T) {
		own, err := s.engine.Choices(ctx, 1, models.Right, "contacts", "")
		if err != nil || !slices.ContainsFunc(own, func(c engine.Choice) bool {
			return c.Path == "msdyn_customergroupid" && c.Lookup == "msdyn_customergroups"
		}) {
			t.Errorf("%v, %v", own, err)
		}
		far, err := s.engine.Choices(ctx, 1, models.Right, "contacts", "msdyn_customergroupid.msdyn_paymenttermid")
		if err != nil || !slices.ContainsFunc(far, func(c engine.Choice) bool {
			return c.Path == "msdyn_customergroupid.msdyn_paymenttermid.msdyn_name"
		}) {
			t.Errorf("%v, %v", far, err)
		}
	})
	t.Run("refreshed tables tell what has changed", func(t *testing.T) {
		m := s.summary(contactsMap)
		s.right.execAll("ALTER TABLE contacts ADD COLUMN nickname VARCHAR(7)")
		said, err := s.engine.RefreshTables(ctx, m.EnvironmentID, &m.Definition)
		if err != nil || len(said) != 1 || said[0] != "contacts.nickname is new: text of 7 characters" {
			t.Errorf("%q, %v", said, err)
		}
		if again, err := s.engine.RefreshTables(ctx, m.EnvironmentID, &m.Definition); err != nil || len(again) != 0 {
			t.Errorf("again: %q, %v", again, err)
		}
	})
	if after := s.differences(contactsMap); len(after) != len(before) || len(before) == 0 {
		t.Errorf("%d differences before, %d after: something was written", len(before), len(after))
	}
}
