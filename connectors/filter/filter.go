// Package filter is the grammar of record filters: one syntax tree, read from
// the OData filter subset or from the range expressions of Finance and
// Operations, evaluated in Go, and translated by connectors with bound
// parameters. No filter text ever reaches a query.
package filter

// Expr is a node of a filter's syntax tree: And, Or, Not, Compare or
// Match. A nil Expr passes every record.
type Expr interface{ isExpr() }

// And is true when both sides are.
type And struct{ Left, Right Expr }

// Or is true when one side is.
type Or struct{ Left, Right Expr }

// Not is true when its operand is not.
type Not struct{ X Expr }

// Compare relates a field to a literal.
type Compare struct {
	Field string
	Op    CompareOp
	Value Literal
}

// Match is a text test.
type Match struct {
	Field string
	Op    MatchOp
	Text  string
}

func (And) isExpr()     {}
func (Or) isExpr()      {}
func (Not) isExpr()     {}
func (Compare) isExpr() {}
func (Match) isExpr()   {}

// CompareOp is a relation.
type CompareOp string

// The relations, named as OData names them.
const (
	Eq CompareOp = "eq"
	Ne CompareOp = "ne"
	Gt CompareOp = "gt"
	Ge CompareOp = "ge"
	Lt CompareOp = "lt"
	Le CompareOp = "le"
)

// MatchOp is a text test.
type MatchOp string

// The text tests, named as OData names them.
const (
	StartsWith MatchOp = "startswith"
	EndsWith   MatchOp = "endswith"
	Contains   MatchOp = "contains"
)

// Literal is a constant in a filter. Text is its canonical spelling.
type Literal struct {
	Kind LiteralKind
	Text string
}

// LiteralKind is the form in which a constant was written.
type LiteralKind uint8

// The forms of a constant. Number keeps its digits; Enum is the member's name
// ("AccountType::Customer" gives "Customer").
const (
	NullLiteral LiteralKind = iota + 1
	TextLiteral
	NumberLiteral
	BoolLiteral
	DateLiteral     // 2006-01-02
	DateTimeLiteral // RFC 3339, UTC
	EnumLiteral
)

// Fields lists the fields that an expression reads, each once, in order of
// first use.
func Fields(e Expr) []string {
	var out []string
	seen := map[string]bool{}
	var walk func(Expr)
	walk = func(e Expr) {
		add := func(f string) {
			if !seen[f] {
				seen[f] = true
				out = append(out, f)
			}
		}
		switch n := e.(type) {
		case And:
			walk(n.Left)
			walk(n.Right)
		case Or:
			walk(n.Left)
			walk(n.Right)
		case Not:
			walk(n.X)
		case Compare:
			add(n.Field)
		case Match:
			add(n.Field)
		}
	}
	walk(e)
	return out
}
