package engine

import (
	"slices"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/models"
)

func column(name string, typ connectors.Type, more ...func(*connectors.Field)) connectors.Field {
	f := connectors.Field{Name: name, Label: name, Type: typ}
	for _, m := range more {
		m(&f)
	}
	return f
}

func mandatory(f *connectors.Field) { f.Required = true }
func readOnly(f *connectors.Field)  { f.ReadOnly = true }
func lookup(entity string) func(*connectors.Field) {
	return func(f *connectors.Field) { f.Lookup = entity }
}

func uniqueKey(fields ...string) connectors.AlternateKey {
	return connectors.AlternateKey{Name: strings.Join(fields, "_"), Fields: fields, Active: true}
}

// salesSchemas are an app of legal entities and one that names things its own way.
func salesSchemas() [2]*connectors.Schema {
	return [2]*connectors.Schema{
		{Entities: []connectors.EntitySchema{
			{Name: "CustomersV3", Label: "Customers V3", Company: "dataAreaId", Keys: []connectors.AlternateKey{uniqueKey("RecId"), uniqueKey("dataAreaId", "CustomerAccount")}, Fields: []connectors.Field{
				column("RecId", connectors.Int, readOnly), column("dataAreaId", connectors.Text, mandatory), column("CustomerAccount", connectors.Text, mandatory), column("CUSTOMER_GROUP", connectors.Text),
				column("CreditLimit", connectors.Decimal), column("Created", connectors.DateTime, readOnly), column("Blocked", connectors.Bool), column("PartyNumber", connectors.Text, mandatory)}},
			{Name: "LegalEntities", Keys: []connectors.AlternateKey{uniqueKey("Code")}, Fields: []connectors.Field{column("Code", connectors.Text)}},
		}},
		{Entities: []connectors.EntitySchema{
			{Name: "accounts", Label: "Accounts", Company: "msdyn_company.cdm_companycode", Keys: []connectors.AlternateKey{uniqueKey("old_code"), uniqueKey("msdyn_company.cdm_companycode", "msdyn_customeraccount")}, Fields: []connectors.Field{
				column("msdyn_company", connectors.GUID, lookup("cdm_companies")), column("msdyn_customeraccount", connectors.Text, mandatory), column("old_code", connectors.Text),
				column("msdyn_customer_group", connectors.GUID, lookup("groups")), column("creditlimit", connectors.Decimal), column("created", connectors.DateTime), column("blocked", connectors.Text)}},
			{Name: "groups", Company: "msdyn_company.cdm_companycode", Keys: []connectors.AlternateKey{uniqueKey("msdyn_company.cdm_companycode", "groupid")}, Fields: []connectors.Field{
				column("msdyn_company", connectors.GUID, lookup("cdm_companies")), column("groupid", connectors.Text)}},
			{Name: "cdm_companies", Keys: []connectors.AlternateKey{uniqueKey("cdm_companycode")}, Fields: []connectors.Field{column("cdm_companycode", connectors.Text)}},
		}},
	}
}

func TestAProposalPairsKeysAndFieldsByNameAndType(t *testing.T) {
	p := propose(salesSchemas(), "CustomersV3", "accounts")
	d := p.Definition
	if d.Left.Company != "dataAreaId" || d.Right.Company != "msdyn_company.cdm_companycode" || !slices.Equal(d.Key, []models.KeyPair{{Left: "CustomerAccount", Right: "msdyn_customeraccount"}}) {
		t.Errorf("the ends are %+v, %+v, the key %+v", d.Left, d.Right, d.Key)
	}
	var got []string
	for _, f := range d.Fields {
		got = append(got, f.Left+" "+string(f.Direction)+" "+f.Right)
	}
	want := []string{"CustomerAccount both msdyn_customeraccount", "CUSTOMER_GROUP both msdyn_customer_group.groupid", "CreditLimit both creditlimit", "Created left to right created"}
	if !slices.Equal(got, want) {
		t.Errorf("the fields are %q", got)
	}
	if len(p.Types) != len(d.Fields) || p.Types[2] != [2]string{"decimal", "decimal"} {
		t.Errorf("their types are %q", p.Types)
	}
	if len(p.Remarks) != 1 || !strings.Contains(p.Remarks[0], "requires PartyNumber, and nothing is mapped to it. Map") {
		t.Errorf("it remarks %q", p.Remarks)
	}
}

func TestAProposalWithoutAKeySaysWhatWouldMakeOne(t *testing.T) {
	schemas := salesSchemas()
	schemas[1].Entities[0].Keys = nil
	p := propose(schemas, "CustomersV3", "accounts")
	if len(p.Definition.Key) != 0 || p.Definition.Left.Company != "" || !strings.Contains(p.Remarks[0], "accounts has no unique key") || !strings.Contains(p.Remarks[0], "CustomerAccount") {
		t.Errorf("key %v, company %q, remarks %q", p.Definition.Key, p.Definition.Left.Company, p.Remarks)
	}
}

func TestTheOnlyKeysAreAKeyWhateverTheirNames(t *testing.T) {
	p := propose(salesSchemas(), "LegalEntities", "cdm_companies")
	if !slices.Equal(p.Definition.Key, []models.KeyPair{{Left: "Code", Right: "cdm_companycode"}}) || len(p.Definition.Fields) != 1 {
		t.Errorf("proposed %+v", p.Definition)
	}
}

func TestLegalEntitiesAreFoundWhereCompanyFieldsLead(t *testing.T) {
	for i, want := range []string{"LegalEntities.Code", "cdm_companies.cdm_companycode"} {
		if entity, name := companiesOf(salesSchemas()[i]); entity+"."+name != want {
			t.Errorf("side %d: %s.%s", i, entity, name)
		}
	}
	if entity, _ := companiesOf(&connectors.Schema{}); entity != "" {
		t.Errorf("an empty schema has %s", entity)
	}
}
