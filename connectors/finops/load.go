package finops

import (
	"context"
	"slices"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
)

// load reads the model. The document does not tell how the app writes values
// that are not there; that follows from their types.
func (c *connector) load(ctx context.Context) (*core.Model, error) {
	md, err := c.Client.Metadata(ctx)
	if err != nil {
		return nil, err
	}
	m := core.FromMetadata(md, "dataAreaId")
	for _, s := range m.Sets {
		s.Versions = true
		s.Blind = []string{core.WatchBlind, "changes of computed and virtual fields, which do not move the etag"}
		for _, f := range s.Fields {
			convention(f)
			f.Required = mandatory(s, f)
		}
	}
	return m, nil
}

// mandatory reports whether a record must have a value of a field: where the app
// says so by its annotation, and of a key. That a number, a date or an identifier
// cannot be null only means that no value is spelled by a value of the type.
func mandatory(s *core.Set, f *core.Field) bool {
	spelled := f.Empty != core.AsNull && f.Empty != core.AsText
	return f.Notes.Says(mandatoryNote) == "true" || f.Required && (!spelled || slices.Contains(s.ID, f))
}

// convention is how the app writes no value of a field's type.
func convention(f *core.Field) {
	switch f.Type {
	case connectors.Text:
		if f.Enum == "" {
			f.Empty = core.AsText
		}
	case connectors.Int, connectors.Decimal, connectors.Float:
		f.Empty, f.BlankIsZero = core.AsZero, true
	case connectors.Bool:
		f.Empty, f.BlankIsZero = core.AsFalse, true
	case connectors.Date:
		f.Empty = core.AsFirstDay
	case connectors.GUID:
		f.Empty = core.AsZeroGUID
	case connectors.DateTime:
		f.Empty, f.Scale = core.AsFirstDay, 0
		if isDay(f) {
			f.Type, f.Empty = connectors.Date, core.AsMidday
		}
	}
}

// The app's own annotations of a property.
const (
	typeNote      = "Microsoft.Dynamics.OData.Core.V1.AXType"
	mandatoryNote = "Microsoft.Dynamics.OData.Core.V1.IsMandatory"
)

// isDay tells a date without a time, which has the Edm type of an instant. The
// app's annotation says so; where there is none, the name does.
func isDay(f *core.Field) bool {
	if kind := f.Notes.Says(typeNote); kind != "" {
		return kind == "Date"
	}
	name := strings.ToLower(f.Name)
	return strings.Contains(name, "date") && !strings.Contains(name, "time")
}
