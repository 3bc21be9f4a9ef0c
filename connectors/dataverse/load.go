package dataverse

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/core"
	"dualwrite/connectors/odata/wire"
)

// catalog is what the environment says about its tables, as it was read last.
type catalog struct {
	md      *wire.Metadata
	tables  []wire.Object
	whole   bool // the limits of columns are read for all tables
	limited map[string]bool
}

// wholeMost is the number of tables up to which the limits of all columns are
// read at once. Beyond it, a table's are read when it is first opened.
const wholeMost = 100

// load reads the model: the metadata document for properties and navigation
// properties, and the definitions of tables for keys, limits and labels.
func (c *connector) load(ctx context.Context) (*core.Model, error) {
	md, err := c.Client.Metadata(ctx)
	if err != nil {
		return nil, err
	}
	cat := &catalog{md: md, whole: len(md.Sets) <= wholeMost, limited: map[string]bool{}}
	if cat.tables, err = c.definitions(ctx, cat.whole); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catalog = cat
	return cat.model(), nil
}

// model puts together what was read.
func (cat *catalog) model() *core.Model {
	bySet := map[string]wire.Object{}
	for _, t := range cat.tables {
		bySet[t.Text("EntitySetName")] = t
	}
	var sets []*core.Set
	for i := range cat.md.Sets {
		if t := bySet[cat.md.Sets[i].Name]; t != nil {
			if s := table(cat.md, &cat.md.Sets[i], t); s != nil {
				sets = append(sets, s)
			}
		}
	}
	companies(sets)
	return core.NewModel(sets)
}

// Open reads the limits of a table's columns, where they are not known yet,
// before it prepares the selection.
func (c *connector) Open(ctx context.Context, sel connectors.Selection) (connectors.Entity, error) {
	if err := c.limit(ctx, sel.Entity); err != nil {
		return nil, core.Fault("open", sel.Entity, err)
	}
	return c.App.Open(ctx, sel)
}

func (c *connector) limit(ctx context.Context, set string) error {
	if _, err := c.Model(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	cat := c.catalog
	known := cat.whole || cat.limited[set]
	c.mu.Unlock()
	if known {
		return nil
	}
	for i, t := range cat.tables {
		if t.Text("EntitySetName") != set {
			continue
		}
		read := maps.Clone(t)
		if err := c.attributes(ctx, read); err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		cat.tables[i], cat.limited[set] = read, true
		c.SetModel(cat.model())
		break
	}
	return nil
}

const (
	tableColumns     = "LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled,DisplayName"
	keyColumns       = "Keys($select=LogicalName,KeyAttributes,EntityKeyIndexStatus)"
	attributeColumns = "Attributes($select=LogicalName,AttributeType,RequiredLevel,IsValidForCreate,IsValidForUpdate,DisplayName)"
)

// definitions reads all tables with their keys, and their columns: in one
// answer, or table by table where the service does not expand them.
func (c *connector) definitions(ctx context.Context, whole bool) ([]wire.Object, error) {
	columns := attributeColumns
	if whole {
		columns = "Attributes"
	}
	tables, err := c.collection(ctx, wire.Query(nil).With("$select", tableColumns).With("$expand", keyColumns+","+columns).On("EntityDefinitions"))
	var f *wire.Failure
	if errors.As(err, &f) && (f.Status == http.StatusBadRequest || f.Status == http.StatusNotImplemented) {
		tables, err = c.collection(ctx, wire.Query(nil).With("$select", tableColumns).With("$expand", keyColumns).On("EntityDefinitions"))
	}
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		if t["Attributes"] == nil && whole {
			if err := c.attributes(ctx, t); err != nil {
				return nil, err
			}
		}
	}
	return tables, nil
}

// casts are the kinds of columns that have limits of their own.
func casts() []string {
	return []string{"", "StringAttributeMetadata", "MemoAttributeMetadata", "MoneyAttributeMetadata", "DecimalAttributeMetadata", "IntegerAttributeMetadata",
		"DateTimeAttributeMetadata"}
}

// attributes reads a table's columns: all of them, then those of each kind with
// what only that kind has.
func (c *connector) attributes(ctx context.Context, t wire.Object) error {
	byName := map[string]wire.Object{}
	var names []any
	for _, cast := range casts() {
		path := "EntityDefinitions(LogicalName=" + wire.EscapePath(wire.Quote(t.Text("LogicalName"))) + ")/Attributes"
		if cast != "" {
			path += "/Microsoft.Dynamics.CRM." + cast
		}
		list, err := c.collection(ctx, path)
		var f *wire.Failure
		if errors.As(err, &f) && f.Status < 500 && f.Status != http.StatusUnauthorized {
			continue // a kind that the environment does not know
		}
		if err != nil {
			return err
		}
		for _, a := range list {
			name := a.Text("LogicalName")
			if byName[name] == nil {
				byName[name] = a
				names = append(names, map[string]any(a))
			}
			for key, value := range a {
				byName[name][key] = value
			}
		}
	}
	t["Attributes"] = names
	return nil
}

func (c *connector) collection(ctx context.Context, path string) (out []wire.Object, err error) {
	for seen := map[string]bool{}; path != "" && !seen[path]; {
		seen[path] = true
		answer, err := c.Client.Do(ctx, wire.Request{Method: http.MethodGet, Path: path, Header: map[string]string{"Consistency": "Strong"}})
		if err != nil {
			return nil, err
		}
		page, err := wire.DecodePage(answer)
		if err != nil {
			return nil, &connectors.Error{Kind: connectors.Internal, Message: "the definitions of tables cannot be read", Err: err}
		}
		out, path = append(out, page.Records...), page.Next
	}
	return out, nil
}

// label is the text of a Label object for the signed-in user.
func label(o wire.Object, name string) string {
	return o.Object(name).Object("UserLocalizedLabel").Text("Label")
}

// companies marks the field of the legal entity: a lookup to the table of
// companies by its code, or a column of the table's own.
func companies(sets []*core.Set) {
	for _, s := range sets {
		for _, f := range s.Fields {
			switch {
			case f.Lookup == "cdm_companies":
				s.Company = f.Name + ".cdm_companycode"
			case strings.EqualFold(f.Name, "dataareaid") && s.Company == "":
				s.Company = f.Name
			}
		}
	}
}
