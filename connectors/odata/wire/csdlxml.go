package wire

import (
	"encoding/xml"
	"strings"
)

// The elements of CSDL as XML, as far as they are read. Namespaces of the
// elements differ between 4.0 and 4.01 and are not looked at.
type (
	xmlEdmx struct {
		XMLName    xml.Name       `xml:"Edmx"`
		References []xmlReference `xml:"Reference"`
		Schemas    []xmlSchema    `xml:"DataServices>Schema"`
	}
	xmlReference struct {
		Includes []struct {
			Namespace string `xml:"Namespace,attr"`
			Alias     string `xml:"Alias,attr"`
		} `xml:"Include"`
	}
	xmlSchema struct {
		Namespace   string         `xml:"Namespace,attr"`
		Alias       string         `xml:"Alias,attr"`
		Entities    []xmlEntity    `xml:"EntityType"`
		Enums       []xmlEnum      `xml:"EnumType"`
		Containers  []xmlContainer `xml:"EntityContainer"`
		Annotations []struct {
			Target string    `xml:"Target,attr"`
			List   []xmlNote `xml:"Annotation"`
		} `xml:"Annotations"`
	}
	xmlEnum struct {
		Name    string `xml:"Name,attr"`
		Members []struct {
			Name string `xml:"Name,attr"`
		} `xml:"Member"`
	}
	xmlEntity struct {
		Name     string `xml:"Name,attr"`
		BaseType string `xml:"BaseType,attr"`
		OpenType string `xml:"OpenType,attr"`
		Key      []struct {
			Name string `xml:"Name,attr"`
		} `xml:"Key>PropertyRef"`
		Properties  []xmlProperty   `xml:"Property"`
		Navigations []xmlNavigation `xml:"NavigationProperty"`
		Notes       []xmlNote       `xml:"Annotation"`
	}
	xmlProperty struct {
		Name      string    `xml:"Name,attr"`
		Type      string    `xml:"Type,attr"`
		Nullable  string    `xml:"Nullable,attr"`
		MaxLength string    `xml:"MaxLength,attr"`
		Precision string    `xml:"Precision,attr"`
		Scale     string    `xml:"Scale,attr"`
		Default   *string   `xml:"DefaultValue,attr"`
		Notes     []xmlNote `xml:"Annotation"`
	}
	xmlNavigation struct {
		Name        string `xml:"Name,attr"`
		Type        string `xml:"Type,attr"`
		Nullable    string `xml:"Nullable,attr"`
		Constraints []struct {
			Property   string `xml:"Property,attr"`
			Referenced string `xml:"ReferencedProperty,attr"`
		} `xml:"ReferentialConstraint"`
	}
	xmlContainer struct {
		Name  string    `xml:"Name,attr"`
		Sets  []xmlSet  `xml:"EntitySet"`
		Notes []xmlNote `xml:"Annotation"`
	}
	xmlSet struct {
		Name  string `xml:"Name,attr"`
		Type  string `xml:"EntityType,attr"`
		Binds []struct {
			Path   string `xml:"Path,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"NavigationPropertyBinding"`
		Notes []xmlNote `xml:"Annotation"`
	}
	xmlNote struct {
		Term   string     `xml:"Term,attr"`
		Bool   string     `xml:"Bool,attr"`
		Text   string     `xml:"String,attr"`
		Member string     `xml:"EnumMember,attr"`
		Path   string     `xml:"PropertyPath,attr"`
		Record *xmlRecord `xml:"Record"`
		Items  *xmlItems  `xml:"Collection"`

		BoolElement   string `xml:"Bool"`
		TextElement   string `xml:"String"`
		MemberElement string `xml:"EnumMember"`
	}
	xmlRecord struct {
		Values []xmlValue `xml:"PropertyValue"`
	}
	xmlValue struct {
		Property string `xml:"Property,attr"`
		xmlNote
	}
	xmlItems struct {
		Paths   []string    `xml:"PropertyPath"`
		Records []xmlRecord `xml:"Record"`
	}
)

// Notes are the annotations of one element.
type Notes []Note

// Note is one annotation: a term, and a value or a record or a list of either.
type Note struct {
	Term   string // qualified: "Org.OData.Core.V1.Computed"
	Value  string // as written; "true" for a term without a value
	Fields Notes  // of a record, the property's name as term
	Paths  []string
	List   []Notes // records
}

// Find is the annotation of a term.
func (n Notes) Find(term string) (Note, bool) {
	for _, x := range n {
		if x.Term == term {
			return x, true
		}
	}
	return Note{}, false
}

// Says is the value of a term, "" where it is not annotated.
func (n Notes) Says(term string) string {
	x, _ := n.Find(term)
	return x.Value
}

func (p *parser) notes(list []xmlNote) (out Notes) {
	for _, x := range list {
		n := p.note(x)
		n.Term = p.full(x.Term)
		out = append(out, n)
	}
	return out
}

func (p *parser) note(x xmlNote) (n Note) {
	for _, v := range [...]string{x.Bool, x.Text, x.Member, x.Path, x.BoolElement, x.TextElement, x.MemberElement} {
		if v = strings.TrimSpace(v); v != "" {
			n.Value = v
			break
		}
	}
	if x.Record != nil {
		n.Fields = p.record(*x.Record)
	}
	if x.Items != nil {
		n.Paths = x.Items.Paths
		for _, r := range x.Items.Records {
			n.List = append(n.List, p.record(r))
		}
	}
	if n.Value == "" && x.Record == nil && x.Items == nil {
		n.Value = "true"
	}
	return n
}

func (p *parser) record(r xmlRecord) (out Notes) {
	for _, v := range r.Values {
		n := p.note(v.xmlNote)
		n.Term = v.Property
		out = append(out, n)
	}
	return out
}
