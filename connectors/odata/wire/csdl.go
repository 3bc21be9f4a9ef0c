package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dualwrite/connectors"
)

// Metadata is what a service says about itself, aliases resolved and inherited
// properties copied to their heirs.
type Metadata struct {
	Sets  []EntitySet
	Types map[string]*EntityType // by qualified name
	Enums map[string]*EnumType
	Notes Notes // of the container
}

// EntitySet is a collection that can be addressed.
type EntitySet struct {
	Name  string
	Type  string            // qualified
	Binds map[string]string // navigation property to the set it leads to
	Notes Notes
}

// EntityType is the shape of an entity.
type EntityType struct {
	Name        string // qualified
	Base        string
	Open        bool
	Key         []string
	Properties  []Property
	Navigations []Navigation
	Notes       Notes
}

// Property is a structural property. The limits are -1 where none is told.
type Property struct {
	Name       string
	Type       string // "Edm.String", or the qualified name of an enumeration
	Collection bool
	Nullable   bool
	MaxLength  int
	Precision  int
	Scale      int // -1 also for a variable one
	Default    bool
	Notes      Notes
}

// Navigation leads to another entity, or to several.
type Navigation struct {
	Name     string
	Type     string // qualified, of one
	Many     bool
	Nullable bool
	// Constraint pairs properties of this entity with those of the other that
	// they must equal.
	Constraint [][2]string
}

// EnumType is an enumeration, its members in the order of the metadata.
type EnumType struct {
	Name    string
	Members []string
}

// Metadata reads the service's $metadata, and parses it where it is another than
// the last time: it may have tens of megabytes.
func (c *Client) Metadata(ctx context.Context) (*Metadata, error) {
	r, err := c.Do(ctx, Request{Method: http.MethodGet, Path: "$metadata", Header: map[string]string{"Accept": "application/xml"}})
	if err != nil {
		return nil, err
	}
	c.seen.Lock()
	defer c.seen.Unlock()
	digest := sha256.Sum256(r.Body)
	if c.seen.metadata != nil && c.seen.digest == digest {
		return c.seen.metadata, nil
	}
	m, err := ParseMetadata(r.Body)
	if err == nil {
		c.seen.metadata, c.seen.digest = m, digest
	}
	if err != nil {
		return nil, &connectors.Error{Kind: connectors.Internal, Message: "the service's metadata cannot be read", Err: err}
	}
	return m, nil
}

// ParseMetadata reads CSDL as XML.
func ParseMetadata(body []byte) (*Metadata, error) {
	var doc xmlEdmx
	if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&doc); err != nil {
		return nil, fmt.Errorf("the metadata is not CSDL: %w", err)
	}
	if len(doc.Schemas) == 0 {
		return nil, fmt.Errorf("the metadata holds no schema of OData 4")
	}
	p := &parser{aliases: map[string]string{}, out: &Metadata{Types: map[string]*EntityType{}, Enums: map[string]*EnumType{}}, targets: map[string]Notes{}}
	for _, ref := range doc.References {
		for _, in := range ref.Includes {
			p.alias(in.Alias, in.Namespace)
		}
	}
	for _, s := range doc.Schemas {
		p.alias(s.Alias, s.Namespace)
	}
	for i := range doc.Schemas {
		p.annotations(&doc.Schemas[i])
	}
	for i := range doc.Schemas {
		p.schema(&doc.Schemas[i])
	}
	for name := range p.out.Types {
		p.inherit(name, map[string]bool{})
	}
	return p.out, nil
}

type parser struct {
	aliases map[string]string
	targets map[string]Notes // annotations that stand apart from what they are about
	out     *Metadata
}

func (p *parser) alias(alias, namespace string) {
	if alias != "" {
		p.aliases[alias] = namespace
	}
}

// full replaces an alias at the beginning of a qualified name.
func (p *parser) full(name string) string {
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		if ns, ok := p.aliases[name[:dot]]; ok {
			return ns + name[dot:]
		}
	}
	return name
}

// element strips Collection( ) and resolves aliases.
func (p *parser) element(name string) (string, bool) {
	if inner, ok := strings.CutPrefix(name, "Collection("); ok {
		return p.full(strings.TrimSuffix(inner, ")")), true
	}
	return p.full(name), false
}

func (p *parser) annotations(s *xmlSchema) {
	for _, a := range s.Annotations {
		head, rest, _ := strings.Cut(a.Target, "/")
		target := p.full(head)
		if rest != "" {
			target += "/" + rest
		}
		p.targets[target] = append(p.targets[target], p.notes(a.List)...)
	}
}

func (p *parser) schema(s *xmlSchema) {
	for _, e := range s.Enums {
		t := &EnumType{Name: s.Namespace + "." + e.Name}
		for _, m := range e.Members {
			t.Members = append(t.Members, m.Name)
		}
		p.out.Enums[t.Name] = t
	}
	for _, e := range s.Entities {
		t := &EntityType{Name: s.Namespace + "." + e.Name, Base: p.full(e.BaseType), Open: e.OpenType == "true"}
		t.Notes = append(p.notes(e.Notes), p.targets[t.Name]...)
		for _, k := range e.Key {
			t.Key = append(t.Key, k.Name)
		}
		for _, x := range e.Properties {
			t.Properties = append(t.Properties, p.property(t.Name, x))
		}
		for _, x := range e.Navigations {
			n := Navigation{Name: x.Name, Nullable: x.Nullable != "false"}
			n.Type, n.Many = p.element(x.Type)
			for _, r := range x.Constraints {
				n.Constraint = append(n.Constraint, [2]string{r.Property, r.Referenced})
			}
			t.Navigations = append(t.Navigations, n)
		}
		p.out.Types[t.Name] = t
	}
	for _, c := range s.Containers {
		container := s.Namespace + "." + c.Name
		p.out.Notes = append(append(p.out.Notes, p.notes(c.Notes)...), p.targets[container]...)
		for _, x := range c.Sets {
			set := EntitySet{Name: x.Name, Type: p.full(x.Type), Binds: map[string]string{}}
			set.Notes = append(p.notes(x.Notes), p.targets[container+"/"+x.Name]...)
			for _, b := range x.Binds {
				set.Binds[b.Path] = b.Target[strings.LastIndexByte(b.Target, '/')+1:]
			}
			p.out.Sets = append(p.out.Sets, set)
		}
	}
}

func (p *parser) property(owner string, x xmlProperty) Property {
	out := Property{Name: x.Name, Nullable: x.Nullable != "false", MaxLength: number(x.MaxLength), Precision: number(x.Precision), Scale: number(x.Scale), Default: x.Default != nil}
	out.Type, out.Collection = p.element(x.Type)
	if x.Scale == "" && out.Type == "Edm.Decimal" && out.Precision > 0 {
		out.Scale = 0 // as the standard has it
	}
	out.Notes = append(p.notes(x.Notes), p.targets[owner+"/"+x.Name]...)
	return out
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1 // "max", "variable", or not told
	}
	return n
}

// inherit puts what the ancestors have in front of what a type has itself.
func (p *parser) inherit(name string, under map[string]bool) *EntityType {
	t := p.out.Types[name]
	if t == nil || t.Base == "" || under[name] {
		return t
	}
	under[name] = true
	base := p.inherit(t.Base, under)
	t.Base = ""
	if base == nil {
		return t
	}
	if len(t.Key) == 0 {
		t.Key = base.Key
	}
	t.Properties = append(append([]Property{}, base.Properties...), t.Properties...)
	t.Navigations = append(append([]Navigation{}, base.Navigations...), t.Navigations...)
	t.Notes = append(append(Notes{}, base.Notes...), t.Notes...)
	t.Open = t.Open || base.Open
	return t
}
