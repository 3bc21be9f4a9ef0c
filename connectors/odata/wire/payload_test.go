package wire_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dualwrite/connectors/odata/wire"
)

func page(t *testing.T, request, body string) wire.Page {
	t.Helper()
	u, err := url.Parse(request)
	if err != nil {
		t.Fatal(err)
	}
	p, err := wire.DecodePage(&wire.Response{Status: 200, Header: http.Header{}, Body: []byte(body), URL: u})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLinksAreResolvedAgainstTheContextAndNotEncodedAnew(t *testing.T) {
	const at = "https://host/svc/CustomersV3?$top=3"
	for _, c := range []struct{ request, body, want string }{
		{at, `{"@odata.context":"$metadata#CustomersV3","value":[],"@odata.nextLink":"CustomersV3?%24select=CustomerAccount&%24skiptoken=100"}`,
			"https://host/svc/CustomersV3?%24select=CustomerAccount&%24skiptoken=100"},
		{"https://host/svc/Customers(1)/Orders", `{"@odata.context":"../$metadata#Orders","value":[],"@odata.nextLink":"Orders?$skiptoken=2"}`, "https://host/svc/Orders?$skiptoken=2"},
		{at, `{"@nextLink":"https://host/svc/x?$skiptoken=%3Ccookie%20page=%222%22%2F%3E","value":[]}`, "https://host/svc/x?$skiptoken=%3Ccookie%20page=%222%22%2F%3E"},
		{at, `{"value":[]}`, ""},
	} {
		if got := page(t, c.request, c.body).Next; got != c.want {
			t.Errorf("%s leads to %s, want %s", c.body, got, c.want)
		}
	}
}

func TestAnnotationsAreReadInBothSpellingsWhereverTheyStand(t *testing.T) {
	p := page(t, "https://org/api/data/v9.2/accounts", `{"value":[{"name":"a","@odata.etag":"W/\"915244\""},{"@etag":"W/\"1\""}],"@count":2,"@odata.deltaLink":"https://org/api/data/v9.2/accounts?$deltatoken=919042%2108%2f22%2f2017%2008%3a10%3a44"}`)
	if p.Count != 2 || p.Delta != "https://org/api/data/v9.2/accounts?$deltatoken=919042%2108%2f22%2f2017%2008%3a10%3a44" {
		t.Errorf("the page is %+v", p)
	}
	if a, b := p.Records[0].Note("etag"), p.Records[1].Note("etag"); a != `W/"915244"` || b != `W/"1"` {
		t.Errorf("the etags are %s and %s", a, b)
	}
}

func TestDeletionsAreReadInEveryForm(t *testing.T) {
	p := page(t, "https://org/x", `{"value":[
		{"@odata.context":"https://org/api/data/v9.2/$metadata#accounts/$deletedEntity","id":"2e451703-4b1c-e711-80de-00155db19e6d","reason":"deleted"},
		{"@removed":{"reason":"deleted"},"@id":"Customers('A')"},
		{"@odata.id":"https://h/CustomersV3(CustomerAccount='US-002',dataAreaId='usmf')","@odata.removed":{"reason":"changed"},"CustomerAccount":"US-002","dataAreaId":"usmf"},
		{"@odata.etag":"W/\"1\"","accountid":"60c4e274-0d87-e711-80e5-00155db19e6d"}]}`)
	want := []string{"2e451703-4b1c-e711-80de-00155db19e6d", "Customers('A')", "https://h/CustomersV3(CustomerAccount='US-002',dataAreaId='usmf')", ""}
	for i, o := range p.Records {
		if id, deleted := o.Deleted(); id != want[i] || deleted != (i < 3) {
			t.Errorf("record %d: %q, %v", i, id, deleted)
		}
	}
}

func TestFormatOfFormerVersionsIsRefusedByName(t *testing.T) {
	if _, err := wire.DecodeObject([]byte(`{"d":{"results":[]}}`)); err == nil || !strings.Contains(err.Error(), "version 4") {
		t.Errorf("the error is %v", err)
	}
}

const csdl = `<?xml version="1.0"?><edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
<edmx:Reference Uri="x"><edmx:Include Namespace="Org.OData.Core.V1" Alias="Core"/></edmx:Reference>
<edmx:DataServices><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="A.B" Alias="me">
<EnumType Name="NoYes"><Member Name="No" Value="0"/><Member Name="Yes" Value="1"/></EnumType>
<EntityType Name="heir" BaseType="me.base"><Property Name="amount" Type="Edm.Decimal" Precision="18" Scale="variable"/>
<NavigationProperty Name="parent" Type="me.heir"><ReferentialConstraint Property="pid" ReferencedProperty="id"/></NavigationProperty></EntityType>
<EntityType Name="base" Abstract="true" OpenType="true"><Key><PropertyRef Name="id"/></Key>
<Property Name="id" Type="Edm.Guid" Nullable="false"><Annotation Term="Core.Computed"/></Property>
<Property Name="open" Type="A.B.NoYes"/></EntityType>
<EntityContainer Name="C"><EntitySet Name="heirs" EntityType="me.heir"><Annotation Term="Org.OData.Capabilities.V1.ChangeTracking"><Record><PropertyValue Property="Supported" Bool="true"/></Record></Annotation></EntitySet></EntityContainer>
<Annotations Target="me.heir/amount"><Annotation Term="Core.Permissions" EnumMember="Core.Permission/Read"/></Annotations>
</Schema></edmx:DataServices></edmx:Edmx>`

func TestMetadataIsReadWithInheritanceAliasesAndAnnotations(t *testing.T) {
	m, err := wire.ParseMetadata([]byte(csdl))
	if err != nil {
		t.Fatal(err)
	}
	heir := m.Types["A.B.heir"]
	if heir == nil || !heir.Open || len(heir.Key) != 1 || len(heir.Properties) != 3 || heir.Properties[0].Name != "id" || heir.Navigations[0].Type != "A.B.heir" {
		t.Fatalf("the heir is %+v", heir)
	}
	if heir.Properties[0].Notes.Says("Org.OData.Core.V1.Computed") != "true" || heir.Properties[1].Type != "A.B.NoYes" || m.Enums["A.B.NoYes"].Members[1] != "Yes" {
		t.Errorf("inherited properties are %+v", heir.Properties)
	}
	amount := heir.Properties[2]
	if amount.Precision != 18 || amount.Scale != -1 || amount.Notes.Says("Org.OData.Core.V1.Permissions") != "Core.Permission/Read" {
		t.Errorf("the amount is %+v", amount)
	}
	if n, ok := m.Sets[0].Notes.Find("Org.OData.Capabilities.V1.ChangeTracking"); !ok || n.Fields.Says("Supported") != "true" || m.Sets[0].Type != "A.B.heir" {
		t.Errorf("the set is %+v", m.Sets[0])
	}
	for _, bad := range []string{"", "{}", "<a/>", "<edmx:Edmx/>"} {
		if _, err := wire.ParseMetadata([]byte(bad)); err == nil {
			t.Errorf("%q is read as metadata", bad)
		}
	}
}
