package finops

import (
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

func TestRefusalsAreReadAsPeopleWouldSayThem(t *testing.T) {
	for inner, want := range map[string]string{
		"Write failed for table row of type 'CustCustomerV3Entity'. Infolog: Error: The value 'X' in field 'Customer group' is not found in the related table 'Customer groups'.; Info: Nothing was stored.": "The value 'X' in field 'Customer group' is not found in the related table 'Customer groups'.",
		"Write failed for table row of type 'A'. Infolog: Warning: Field 'Name' must be filled in.\r\n   at Microsoft.Dynamics.Ax.Xpp()":                                                                     "Field 'Name' must be filled in.",
		"Something else went wrong\nat line 5": "Something else went wrong",
		"":                                     "An error has occurred.",
	} {
		if got := words(&wire.Failure{Status: 400, Message: "An error has occurred.", Inner: inner}); got != want {
			t.Errorf("%q is told as %q", inner, got)
		}
	}
}

func TestMissingRecordIsToldApartFromOneThatIsRefused(t *testing.T) {
	for _, c := range []struct {
		f    wire.Failure
		want core.Verdict
	}{
		{wire.Failure{Status: 400, Inner: "No resources were found when selecting for update."}, core.Gone},
		{wire.Failure{Status: 500, Inner: "An Update Conflict occurred due to another user process"}, core.Busy},
		{wire.Failure{Status: 400, Inner: "Field 'Name' must be filled in."}, core.Plain},
		{wire.Failure{Status: 404, Message: "No resources were found when selecting for update."}, core.Plain},
	} {
		if got := judge(&c.f); got != c.want {
			t.Errorf("%+v is judged %d", c.f, got)
		}
	}
}

func TestConventionsFollowFromTypesAndNames(t *testing.T) {
	field := func(name string, kind connectors.Type, note string) *core.Field {
		f := &core.Field{Field: connectors.Field{Name: name, Type: kind, Scale: 6}}
		if note != "" {
			f.Notes = wire.Notes{{Term: typeNote, Value: note}}
		}
		convention(f)
		return f
	}
	for _, c := range []struct {
		f     *core.Field
		kind  connectors.Type
		empty core.Empty
	}{
		{field("BirthDate", connectors.DateTime, ""), connectors.Date, core.AsMidday},
		{field("ModifiedDateTime", connectors.DateTime, ""), connectors.DateTime, core.AsFirstDay},
		{field("born", connectors.DateTime, "Date"), connectors.Date, core.AsMidday},
		{field("UpdateDate", connectors.DateTime, "UtcDateTime"), connectors.DateTime, core.AsFirstDay},
		{field("Name", connectors.Text, ""), connectors.Text, core.AsText},
		{field("CreditLimit", connectors.Decimal, ""), connectors.Decimal, core.AsZero},
		{field("Blocked", connectors.Bool, ""), connectors.Bool, core.AsFalse},
	} {
		if c.f.Type != c.kind || c.f.Empty != c.empty || c.f.BlankIsZero != (c.empty == core.AsZero || c.empty == core.AsFalse) {
			t.Errorf("%s is a %v with empty %d, blank is zero: %v", c.f.Name, c.f.Type, c.f.Empty, c.f.BlankIsZero)
		}
	}
	enum := &core.Field{Field: connectors.Field{Type: connectors.Text}, Enum: "Microsoft.Dynamics.DataEntities.NoYes", Members: []string{"No", "Yes"}}
	if convention(enum); enum.Type != connectors.Text || enum.Empty != core.AsNull || len(enum.Members) != 2 {
		t.Errorf("NoYes is a %v with empty %d and the members %v, want texts as entity maps spell them", enum.Type, enum.Empty, enum.Members)
	}
}
