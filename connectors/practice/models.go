package practice

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dualwrite/connectors/practice/service"
)

// tablesOf lists the tables of an app's file that hold records: what a server
// or a connector keeps there has no time of creation.
func tablesOf(ctx context.Context, path string) ([]string, error) {
	db, err := open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	var out []string
	err = each(ctx, tx, `SELECT t.name FROM sqlite_schema t WHERE t.type = 'table'
		AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) d WHERE lower(d.name) IN ('createdon', 'createddatetime')) ORDER BY t.rowid`,
		func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			out = append(out, name)
			return err
		})
	return out, err
}

// introspected is the model of an app's file as its tables say it.
func introspected(ctx context.Context, path string) (*service.Model, error) {
	tables, err := tablesOf(ctx, path)
	if err != nil {
		return nil, err
	}
	return service.Introspect(ctx, path, tables...)
}

// choice is one pair of a value map: the left app's label and the right app's code.
type choice struct{ label, code string }

// choices are the value maps of the shipped maps, by "entity.field" of one side.
func choices(side func(*mapping, *fieldMapping) string) (map[string][]choice, error) {
	all, err := mappings()
	if err != nil {
		return nil, err
	}
	out := map[string][]choice{}
	for _, m := range all {
		for i := range m.Fields {
			for _, t := range m.Fields[i].Transforms {
				at := side(m, &m.Fields[i])
				for _, p := range t.Pairs {
					if c := (choice{p.Left, p.Right}); !slices.Contains(out[at], c) {
						out[at] = append(out[at], c)
					}
				}
			}
		}
	}
	return out, nil
}

// dataverseModel is what the right app's server offers.
func dataverseModel(ctx context.Context, path string) (*service.Model, error) {
	m, err := introspected(ctx, path)
	if err != nil {
		return nil, err
	}
	options, err := choices(func(m *mapping, f *fieldMapping) string { return m.Right.Entity + "." + f.Right })
	if err != nil {
		return nil, err
	}
	options["accounts.customertypecode"] = []choice{{"Customer", "3"}, {"Vendor", "11"}, {"Other", "12"}}
	addressTypes := []choice{{"Bill To", "1"}, {"Ship To", "2"}, {"Primary", "3"}, {"Other", "4"}}
	options["accounts.address1_addresstypecode"], options["contacts.address1_addresstypecode"] = addressTypes, addressTypes
	for _, e := range m.Entities {
		e.Name = singular(e.Set)
		e.Label = strings.TrimPrefix(strings.TrimPrefix(e.Name, "msdyn_"), "cdm_")
		e.Bulk = e.Set != "transactioncurrencies" && e.Set != "msdyn_paymentschedulelines"
		for i := range e.Keys {
			e.Keys[i].Name = e.Name + "_" + strings.TrimPrefix(e.Keys[i].Fields[0], "msdyn_") + "key"
		}
		for _, f := range e.Fields {
			dataverseField(e, f, options[e.Set+"."+f.Name])
		}
	}
	return m, nil
}

// dataverseField gives a field what the table cannot say.
func dataverseField(e *service.Entity, f *service.Field, options []choice) {
	switch {
	case f.Name == "msdyn_company":
		e.Company = f.Name
	case f.Name == "createdon":
		f.Computed = true
	case f.Name == "parentcustomerid":
		f.Navigation = "parentcustomerid_account"
	case f.Type == service.Lookup && strings.HasPrefix(f.Name, "msdyn_"):
		f.Navigation = "msdyn_" + strings.ToUpper(f.Name[6:7]) + f.Name[7:]
	case f.Type == service.Decimal && (strings.HasSuffix(f.Name, "limit") || strings.HasSuffix(f.Name, "paymentamount")):
		f.Type = service.Money
	case f.Type == service.Int && options != nil:
		f.Type = service.Choice
		for _, o := range options {
			code, err := strconv.ParseInt(o.code, 10, 64)
			if err == nil {
				f.Options = append(f.Options, service.Option{Value: code, Label: o.label})
			}
		}
	}
}

// singular is the name of one record of a set.
func singular(set string) string {
	if stem, ok := strings.CutSuffix(set, "ies"); ok {
		return stem + "y"
	}
	return strings.TrimSuffix(set, "s")
}

// financeModel is what the left app's server offers.
func financeModel(ctx context.Context, path string) (*service.Model, error) {
	m, err := introspected(ctx, path)
	if err != nil {
		return nil, err
	}
	members, err := choices(func(m *mapping, f *fieldMapping) string { return m.Left.Entity + "." + f.Left })
	if err != nil {
		return nil, err
	}
	members["CustomersV3.PARTYTYPE"] = []choice{{label: "Organization"}, {label: "Person"}}
	m.EmptyForNull = true
	m.Companies = &service.Companies{Set: "LegalEntities", Field: wireName("LEGALENTITYID")}
	for _, e := range m.Entities {
		e.Name = entityType(e.Set)
		e.Fields = slices.DeleteFunc(e.Fields, func(f *service.Field) bool { return f.Primary || f.Column == "CREATEDDATETIME" })
		for _, f := range e.Fields {
			f.Exact = f.Column != "DATAAREAID" // this app compares keys letter by letter
			f.Lower = f.Column == "DATAAREAID"
			if list := members[e.Set+"."+f.Column]; f.Type == service.Text && list != nil {
				f.Type, f.Enum = service.Enum, enumOf(m, wireName(f.Column), list)
			}
			f.Name, f.Label = wireName(f.Column), wireName(f.Column)
			f.Cut = f.Column == "VENDORSEARCHNAME"
			f.Sequence = map[string]string{"CustomersV3.CUSTOMERACCOUNT": "C-%06d", "VendorsV2.VENDORACCOUNTNUMBER": "V-%06d",
				"CDSContactsV2.CONTACTPERSONID": "P-%06d", "CustomersV3.PARTYNUMBER": "PN-%08d"}[e.Set+"."+f.Column]
		}
		if company := e.Field("dataAreaId"); company != nil {
			e.Company = company.Name
		}
		for i := range e.Keys {
			for j, column := range e.Keys[i].Fields {
				e.Keys[i].Fields[j] = wireName(column)
			}
		}
	}
	return m, nil
}

// entityType is the name of one record of a set: CustomersV3 holds CustomerV3.
func entityType(set string) string {
	stem := strings.TrimRight(set, "V0123456789")
	version := set[len(stem):]
	stem, cds := strings.CutSuffix(stem, "Cds")
	if cds {
		version = "Cds" + version
	}
	return singular(stem) + version
}

// enumOf finds or adds the enumeration with these members, named after the
// first field that has them.
func enumOf(m *service.Model, name string, list []choice) *service.EnumType {
	t := &service.EnumType{Name: name}
	yes := false
	for _, c := range list {
		t.Members = append(t.Members, service.Member{Name: wireMember(c.label), Stored: c.label})
		yes = yes || c.label == "yes"
	}
	if yes && len(list) == 2 {
		t.Name = "NoYes"
		slices.SortFunc(t.Members, func(a, b service.Member) int { return strings.Compare(a.Name, b.Name) })
	}
	for _, known := range m.Enums {
		if slices.Equal(known.Members, t.Members) {
			return known
		}
	}
	for slices.ContainsFunc(m.Enums, func(other *service.EnumType) bool { return other.Name == t.Name }) {
		t.Name += "Type"
	}
	m.Enums = append(m.Enums, t)
	return t
}
