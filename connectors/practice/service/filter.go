package service

// Filter is a condition on records: *Junction, *Negation, *Comparison or
// *TextTest. A nil Filter passes every record.
type Filter interface{ isFilter() }

// Junction is true when all of its parts are, or with Any when one is.
type Junction struct {
	Any   bool
	Parts []Filter
}

// Negation is true when its operand is not.
type Negation struct{ Of Filter }

// Comparison relates a field, reached over navigation properties, to a literal.
type Comparison struct {
	Path  []string
	Op    string // eq ne gt ge lt le
	Value Literal
}

// TextTest is contains, startswith or endswith.
type TextTest struct {
	Func string
	Path []string
	Text string
}

func (*Junction) isFilter()   {}
func (*Negation) isFilter()   {}
func (*Comparison) isFilter() {}
func (*TextTest) isFilter()   {}

// LiteralKind says how a literal was spelled.
type LiteralKind uint8

// The kinds of literals.
const (
	NullLiteral LiteralKind = iota + 1
	TextLiteral
	NumberLiteral
	BoolLiteral
	DateLiteral
	InstantLiteral
	GUIDLiteral
	EnumLiteral
)

// edmNames are what error messages call the kinds.
func (k LiteralKind) edm() string {
	return [...]string{"", "null", "Edm.String", "Edm.Decimal", "Edm.Boolean", "Edm.Date", "Edm.DateTimeOffset", "Edm.Guid", "enumeration"}[k]
}

// Literal is a constant of a filter.
type Literal struct {
	Kind LiteralKind
	Text string // without quotes
	Type string // EnumLiteral: qualified name of the type
}

// Grammar says which parts of $filter a service understands.
type Grammar struct {
	Functions bool // contains, startswith, endswith
	Wildcards bool // * in a text that is compared by eq or ne stands for any characters
}

// And joins conditions, leaving out those that are nil.
func And(parts ...Filter) Filter {
	j := &Junction{}
	for _, p := range parts {
		if p != nil {
			j.Parts = append(j.Parts, p)
		}
	}
	if len(j.Parts) == 1 {
		return j.Parts[0]
	}
	if len(j.Parts) == 0 {
		return nil
	}
	return j
}

// Equals compares a field with a literal.
func Equals(field string, kind LiteralKind, text string) Filter {
	return &Comparison{Path: []string{field}, Op: "eq", Value: Literal{Kind: kind, Text: text}}
}
