package cds_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"dualwrite/connectors/practice/cds"
)

func TestMetadataTellsTypesKeysAndLookups(t *testing.T) {
	d := start(t)
	a := d.Wants(200, "GET $metadata?annotations=true", "", `<Property Name="_parent_value" Type="Edm.Guid">`, `<NavigationProperty Name="Parent" Type="mscrm.parent" Nullable="true">`,
		`<Property Name="title" Type="Edm.String" Nullable="false" MaxLength="20">`, `Precision="18" Scale="4"`, `Type="Edm.Date"`, `Type="Edm.DateTimeOffset"`,
		`Org.OData.Capabilities.V1.ChangeTracking`, `Org.OData.Core.V1.Computed`, `PropertyPath="number"`)
	reader := xml.NewDecoder(strings.NewReader(a.Body))
	for {
		if _, err := reader.Token(); err != nil {
			if err.Error() != "EOF" {
				t.Error(err)
			}
			break
		}
	}
}

func TestEntityDefinitionsTellKeysAndAttributes(t *testing.T) {
	d := start(t)
	d.Wants(200, "GET EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled&$filter=LogicalName%20eq%20'child'&$expand=Keys($select=LogicalName,KeyAttributes,EntityKeyIndexStatus)", "",
		`"EntitySetName":"children"`, `"PrimaryIdAttribute":"childid"`, `"ChangeTrackingEnabled":true`, `"EntityKeyIndexStatus":"Active"`, `"KeyAttributes":["dataareaid","number"]`)
	attributes := "GET EntityDefinitions(LogicalName='child')/Attributes"
	d.Wants(200, attributes+"/Microsoft.Dynamics.CRM.StringAttributeMetadata?$select=LogicalName,MaxLength,RequiredLevel", "", `"LogicalName":"title"`, `"MaxLength":20`, `"Value":"SystemRequired"`)
	d.Wants(200, attributes+"/Microsoft.Dynamics.CRM.DecimalAttributeMetadata?$select=LogicalName,Precision,MaxValue", "", `"Precision":4`, `"MaxValue":99999999999999.9999`)
	d.Wants(200, attributes+"/Microsoft.Dynamics.CRM.LookupAttributeMetadata?$select=LogicalName,Targets", "", `"Targets":["parent"]`)
	d.Wants(200, attributes+"(LogicalName='born')", "", `"DateTimeBehavior":{"Value":"DateOnly"}`)
	d.Wants(200, "GET EntityDefinitions(LogicalName='child')?$select=LogicalName&$expand=ManyToOneRelationships($select=ReferencingAttribute,ReferencingEntityNavigationPropertyName,ReferencedEntity)", "",
		`"ReferencingEntityNavigationPropertyName":"Parent"`)
	d.Wants(404, "GET EntityDefinitions(LogicalName='nothing')", "")
}

func TestWhoWroteIsTold(t *testing.T) {
	d := start(t)
	d.Wants(200, "GET WhoAmI", "", `"UserId":"`+cds.UserID+`"`, `"@odata.context":"`+d.URL+`/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"`)
	ours := d.Wants(204, "POST children", body("1")).ID()
	d.Wants(200, "GET children("+ours+")?$select=_modifiedby_value", "", `"_modifiedby_value":"`+cds.UserID+`"`)
	d.Update(t, "children", ours, map[string]*string{"note": ptr("theirs")})
	d.Wants(200, "GET children("+ours+")?$select=_modifiedby_value,modifiedon,versionnumber", "", `"_modifiedby_value":"`+cds.PersonID+`"`, `"versionnumber":`, `"modifiedon":"20`)
}

func TestAKeyThatIsNotActiveCannotBeUsed(t *testing.T) {
	d := start(t)
	d.child("1")
	d.Server.Store().Model.Entity("children").Keys[0].Status = "Pending"
	d.Wants(400, "GET children(dataareaid='usmf',number='1')", "", "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.child'")
	d.Wants(400, "GET children(number='1')", "", "The key in the request URI is not valid")
	d.Wants(200, "GET EntityDefinitions(LogicalName='child')?$expand=Keys", "", `"EntityKeyIndexStatus":"Pending"`)
}
