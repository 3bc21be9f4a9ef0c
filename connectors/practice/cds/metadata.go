package cds

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"dualwrite/connectors/practice/service"
)

// edmType is a field's type in the metadata.
func edmType(f *service.Field) string {
	switch f.Type {
	case service.Text, service.Enum:
		return "Edm.String"
	case service.Int, service.Choice:
		return "Edm.Int32"
	case service.BigInt:
		return "Edm.Int64"
	case service.Decimal, service.Money:
		return "Edm.Decimal"
	case service.Bool:
		return "Edm.Boolean"
	case service.Date:
		return "Edm.Date"
	case service.DateTime:
		return "Edm.DateTimeOffset"
	}
	return "Edm.Guid"
}

// metadata answers $metadata: CSDL in XML, with annotations when they are asked for.
func (c *call) metadata() (*service.Response, error) {
	annotated := c.options["annotations"] == "true"
	var b strings.Builder
	b.WriteString(xml.Header + `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:DataServices><Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="crmbaseentity" Abstract="true" />
`)
	m := c.server.store.Model
	for _, e := range m.Entities {
		entityType(&b, m, e, annotated)
	}
	b.WriteString(`<EntityContainer Name="System">` + "\n")
	for _, e := range m.Entities {
		entitySet(&b, m, e, annotated)
	}
	b.WriteString("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>\n")
	return service.Reply(http.StatusOK, []byte(b.String()), "Content-Type", "application/xml"), nil
}

func entityType(b *strings.Builder, m *service.Model, e *service.Entity, annotated bool) {
	fmt.Fprintf(b, "<EntityType Name=%q BaseType=\"mscrm.crmbaseentity\"><Key><PropertyRef Name=%q /></Key>\n", e.Name, e.Primary().Name)
	for _, f := range e.Columns() {
		fmt.Fprintf(b, "<Property Name=%q Type=%q", f.Property(), edmType(f))
		if f.Primary || f.Required && !f.HasDefault && f.Type != service.Lookup {
			b.WriteString(` Nullable="false"`)
		}
		switch f.Type {
		case service.Text:
			if f.Length > 0 {
				fmt.Fprintf(b, ` MaxLength="%d"`, f.Length)
			}
		case service.Decimal, service.Money:
			fmt.Fprintf(b, ` Precision="%d" Scale="%d"`, f.Digits, f.Scale)
		}
		b.WriteString(">")
		if annotated {
			fmt.Fprintf(b, "<Annotation Term=\"Org.OData.Core.V1.Description\" String=%q />", f.Label)
		}
		if annotated && (f.Computed || f.Type == service.Lookup) {
			b.WriteString(`<Annotation Term="Org.OData.Core.V1.Computed" Bool="true" /><Annotation Term="Org.OData.Core.V1.Permissions"><EnumMember>Org.OData.Core.V1.PermissionType/Read</EnumMember></Annotation>`)
		}
		b.WriteString("</Property>\n")
	}
	for _, f := range e.Fields {
		if target := m.Entity(f.Target); f.Type == service.Lookup && target != nil {
			fmt.Fprintf(b, "<NavigationProperty Name=%q Type=\"mscrm.%s\" Nullable=\"%t\"><ReferentialConstraint Property=%q ReferencedProperty=%q /></NavigationProperty>\n",
				f.Navigation, target.Name, !f.Required, f.Property(), target.Primary().Name)
		}
	}
	b.WriteString("</EntityType>\n")
}

func entitySet(b *strings.Builder, m *service.Model, e *service.Entity, annotated bool) {
	fmt.Fprintf(b, "<EntitySet Name=%q EntityType=\"Microsoft.Dynamics.CRM.%s\">", e.Set, e.Name)
	for _, f := range e.Fields {
		if target := m.Entity(f.Target); f.Type == service.Lookup && target != nil {
			fmt.Fprintf(b, "<NavigationPropertyBinding Path=%q Target=%q />", f.Navigation, target.Set)
		}
	}
	if annotated {
		fmt.Fprintf(b, `<Annotation Term="Org.OData.Capabilities.V1.ChangeTracking"><Record><PropertyValue Property="Supported" Bool="%t" /></Record></Annotation>`, e.Tracked)
		b.WriteString(`<Annotation Term="Org.OData.Core.V1.OptimisticConcurrency"><Collection /></Annotation>`)
		alternateKeys(b, e)
	}
	b.WriteString("</EntitySet>\n")
}

// alternateKeys writes the keys that can be used.
func alternateKeys(b *strings.Builder, e *service.Entity) {
	b.WriteString(`<Annotation Term="OData.Community.Keys.V1.AlternateKeys"><Collection>`)
	for _, k := range e.Keys {
		if k.Status != service.Active {
			continue
		}
		b.WriteString(`<Record Type="OData.Community.Keys.V1.AlternateKey"><PropertyValue Property="Key"><Collection>`)
		for _, name := range k.Fields {
			property := e.Field(name).Property()
			fmt.Fprintf(b, `<Record Type="OData.Community.Keys.V1.PropertyRef"><PropertyValue Property="Alias" String=%q /><PropertyValue Property="Name" PropertyPath=%q /></Record>`, property, property)
		}
		b.WriteString("</Collection></PropertyValue></Record>")
	}
	b.WriteString("</Collection></Annotation>")
}
