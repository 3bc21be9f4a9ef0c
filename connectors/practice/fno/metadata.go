package fno

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"dualwrite/connectors/practice/service"
)

// namespace is where the types of data entities are.
const namespace = "Microsoft.Dynamics.DataEntities"

// edmType is a field's type in the metadata. A day is an instant at noon.
func edmType(f *service.Field) string {
	switch f.Type {
	case service.Enum:
		return namespace + "." + f.Enum.Name
	case service.Int, service.Choice:
		return "Edm.Int32"
	case service.BigInt:
		return "Edm.Int64"
	case service.Decimal, service.Money:
		return "Edm.Decimal"
	case service.Bool:
		return "Edm.Boolean"
	case service.Date, service.DateTime:
		return "Edm.DateTimeOffset"
	case service.GUID, service.Lookup:
		return "Edm.Guid"
	}
	return "Edm.String"
}

// metadata answers $metadata: CSDL in XML.
func (c *call) metadata() (*service.Response, error) {
	var b strings.Builder
	b.WriteString(xml.Header + `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:DataServices><Schema Namespace="` + namespace + `" xmlns="http://docs.oasis-open.org/odata/ns/edm">` + "\n")
	m := c.server.store.Model
	for _, t := range m.Enums {
		fmt.Fprintf(&b, "<EnumType Name=%q>", t.Name)
		for i, member := range t.Members {
			fmt.Fprintf(&b, `<Member Name=%q Value="%d" />`, member.Name, i)
		}
		b.WriteString("</EnumType>\n")
	}
	for _, e := range m.Entities {
		entityType(&b, e)
	}
	b.WriteString(`<EntityContainer Name="Resources">` + "\n")
	for _, e := range m.Entities {
		fmt.Fprintf(&b, "<EntitySet Name=%q EntityType=\"%s.%s\" />\n", e.Set, namespace, e.Name)
	}
	b.WriteString("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>\n")
	return service.Reply(http.StatusOK, []byte(b.String()), "Content-Type", "application/xml"), nil
}

func entityType(b *strings.Builder, e *service.Entity) {
	fmt.Fprintf(b, "<EntityType Name=%q><Key>", e.Name)
	for _, name := range e.Keys[0].Fields {
		fmt.Fprintf(b, "<PropertyRef Name=%q />", name)
	}
	b.WriteString("</Key>\n")
	for _, f := range e.Fields {
		fmt.Fprintf(b, "<Property Name=%q Type=%q", f.Name, edmType(f))
		if slices.Contains(e.Keys[0].Fields, f.Name) || f.Required && !f.HasDefault {
			b.WriteString(` Nullable="false"`)
		}
		switch {
		case f.Type == service.Text && f.Length > 0:
			fmt.Fprintf(b, ` MaxLength="%d"`, f.Length)
		case f.Type == service.Decimal || f.Type == service.Money:
			fmt.Fprintf(b, ` Precision="%d" Scale="%d"`, f.Digits, f.Scale)
		}
		fmt.Fprintf(b, "><Annotation Term=\"Microsoft.Dynamics.OData.Core.V1.AXType\" String=%q />", axType(f))
		if f.Required && !f.HasDefault {
			b.WriteString(`<Annotation Term="Microsoft.Dynamics.OData.Core.V1.IsMandatory" Bool="true" />`)
		}
		b.WriteString("</Property>\n")
	}
	b.WriteString("</EntityType>\n")
}

// axType is the type of a field in the app's own terms; it tells a day from an
// instant.
func axType(f *service.Field) string {
	switch f.Type {
	case service.Enum:
		return "Enum"
	case service.Int, service.Choice:
		return "Int"
	case service.BigInt:
		return "Int64"
	case service.Decimal, service.Money:
		return "Real"
	case service.Date:
		return "Date"
	case service.DateTime:
		return "UtcDateTime"
	case service.GUID, service.Lookup:
		return "Guid"
	}
	return "String"
}

// dataEntities answers the list of data entities beside the data itself.
func (c *call) dataEntities() (*service.Response, error) {
	type entity struct {
		Name                 string
		PublicEntityName     string
		PublicCollectionName string
		LabelText            string
		IsReadOnly           bool
		DataServiceEnabled   bool
	}
	var all []entity
	for _, e := range c.server.store.Model.Entities {
		all = append(all, entity{e.Name + "Entity", e.Name, e.Set, e.Label, false, true})
	}
	encoded, err := json.Marshal(map[string]any{"@odata.context": c.Origin + "/Metadata/$metadata#DataEntities", "value": all})
	return c.json(http.StatusOK, encoded), err
}
