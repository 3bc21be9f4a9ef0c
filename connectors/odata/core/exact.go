package core

import (
	"context"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

// Exact finds out whether the service compares texts letter by letter: it looks
// a record up by its key in another letter case. told is false where there is no
// record to try it with.
func (a *App) Exact(ctx context.Context, s *Set) (exact, told bool, err error) {
	var names []string
	for _, f := range s.ID {
		names = append(names, f.Wire)
	}
	q := append(wire.Query{}, a.Dialect.Options...).With("$select", strings.Join(names, ","))
	page, err := a.page(ctx, wire.Reading{Path: q.With("$top", "20").On(s.Name)}, 20)
	if err != nil {
		return false, false, err
	}
	for _, o := range page.Records {
		for _, f := range s.ID {
			text, ok := o[f.Wire].(string)
			other := swapCase(text)
			if !ok || f.Type != connectors.Text || f.Enum != "" || other == text || f.Name == s.Company {
				continue
			}
			condition := f.Wire + " eq " + wire.Quote(other)
			found, err := a.page(ctx, wire.Reading{Path: q.With("$filter", condition).With("$top", "20").On(s.Name)}, 20)
			if err != nil {
				return false, false, err
			}
			for _, r := range found.Records {
				if r.Text(f.Wire) != other {
					return false, true, nil
				}
			}
			return true, true, nil
		}
	}
	return false, false, nil
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
